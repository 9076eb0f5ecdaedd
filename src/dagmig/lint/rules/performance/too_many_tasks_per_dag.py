"""The rule ``too-many-tasks-per-dag``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.rule import Finding, workflow_rule

MANY = 200


@workflow_rule(Severity.INFO, is_default=False)
def too_many_tasks_per_dag(workflow: Workflow) -> Iterator[Finding]:
    """A DAG has more than two hundred tasks.

    The scheduler looks at all tasks of a run again and again, and people cannot read the graph.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#reducing-dag-complexity

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        for n in range(201):
            BashOperator(task_id=f"load_{n}", bash_command=f"load {n}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator.partial(task_id="load").expand(bash_command=[f"load {n}" for n in range(201)])
    ```

    Instead: Map a task over its inputs, or split the DAG.
    """
    if len(workflow.tasks) > MANY:
        yield Finding(f"the DAG `{workflow.id}` has {len(workflow.tasks)} tasks", workflow.span)
