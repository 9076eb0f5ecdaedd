"""The rule ``no-retries``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.operators import calls_a_service, says_everything
from dagmig.lint.rule import Finding, Need, workflow_rule


@workflow_rule(Severity.WARNING, Need.ARGUMENTS)
def no_retries(workflow: Workflow) -> Iterator[Finding]:
    """A task that calls a service gives up at its first failure.

    Services fail now and then for reasons that pass: throttling, a deployment, a lost packet. Without
    retries one such failure fails the run. Nothing is said of a task with `retries=0`: somebody meant it.
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
    for task in workflow.tasks.values():
        if not calls_a_service(task) or not says_everything(workflow, task):
            continue
        if task.policy.retries == 0 and task.argument("retries") is None:
            yield Finding(f"the task `{task.id}` has no retries", task.span)
