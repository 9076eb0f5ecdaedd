"""The rule ``no-retries``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.edit import with_argument
from dagmig.lint.operators import calls_a_service, says_everything
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

MANY = 3  # tasks of a DAG: they are said of in one finding


@dag_rule(Severity.WARNING, Need.ARGUMENTS, fix=FixKind.UNSAFE)
def no_retries(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task that calls a service gives up at its first failure.

    Services fail now and then for reasons that pass: throttling, a deployment, a lost packet. Without
    retries one such failure fails the run. Nothing is said of a task with `retries=0`: somebody meant it.
    Three tasks of a DAG or more are one finding, at the first. The fix is unsafe, as work may be done twice.
    See https://www.astronomer.io/docs/learn/dag-best-practices#set-retries

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None):
        GlueJobOperator(task_id="load", job_name="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None):
        GlueJobOperator(task_id="load", job_name="load", retries=3)
    ```

    Instead: Set `retries`, on the task or in the DAG's `default_args`.
    """
    bare = [
        task
        for task in workflow.tasks.values()
        if task.policy.retries == 0 and calls_a_service(task)
        if task.argument("retries") is None and says_everything(workflow, task)
    ]
    if len(bare) >= MANY:
        message = f"{len(bare)} tasks of the DAG `{workflow.id}` have no retries, `{bare[0].id}` among them"
        yield Finding(message, bare[0].span)
        return
    for task in bare:
        fix = with_argument(source, task.span, "retries=3", among="task_id")
        yield Finding(f"the task `{task.id}` has no retries", task.span, fix)
