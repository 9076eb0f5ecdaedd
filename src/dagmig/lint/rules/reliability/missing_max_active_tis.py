"""The rule ``missing-max-active-tis``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.operators import calls_a_service, says_everything
from dagmig.lint.rule import Finding, Need, workflow_rule

BOUNDS = ("max_active_tis_per_dag", "max_active_tis_per_dagrun", "pool", "task_concurrency")


@workflow_rule(Severity.INFO, Need.ARGUMENTS, is_default=False)
def missing_max_active_tis(workflow: Workflow) -> Iterator[Finding]:
    """A mapped task calls a service with as many instances at a time as the installation has slots.

    How many there are depends on the run's data: one day it is hundreds, and the service throttles, or the
    other DAGs stand still.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        GlueJobOperator.partial(task_id="load").expand(job_name=["a", "b"])
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        GlueJobOperator.partial(task_id="load", max_active_tis_per_dagrun=8).expand(job_name=["a", "b"])
    ```

    Instead: Set `max_active_tis_per_dagrun`, or a pool.
    """
    for task in workflow.tasks.values():
        if task.expand is None or not calls_a_service(task) or not says_everything(workflow, task):
            continue
        if all(task.argument(name) is None for name in BOUNDS):
            yield Finding(f"nothing bounds how many instances of `{task.id}` run at a time", task.span)
