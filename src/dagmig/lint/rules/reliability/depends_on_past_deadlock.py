"""The rule ``depends-on-past-deadlock``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import literal
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, Need, workflow_rule


@workflow_rule(Severity.WARNING, Need.SETTINGS, is_default=False)
def depends_on_past_deadlock(workflow: Workflow) -> Iterator[Finding]:
    """One failed run stops all later ones, and they fill the DAG's places.

    With `depends_on_past` or `wait_for_downstream` a task waits for its own success in the run before. When
    that fails, later runs start, wait and never end. Flagged where the DAG has no `dagrun_timeout` to end
    them.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", depends_on_past=True)
    ```

    ```python good
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, dagrun_timeout=timedelta(hours=6)):
        BashOperator(task_id="load", bash_command="load", depends_on_past=True)
    ```

    Instead: Set `dagrun_timeout`, and say who looks after a failed run.
    """
    if {"dagrun_timeout", "**"} & workflow.arguments.keys() or literal(
        workflow.arguments, "max_active_runs"
    ) == 1:
        return
    for task in workflow.tasks.values():
        for name in ("depends_on_past", "wait_for_downstream"):
            if task.argument(name) == Literal(True):
                yield Finding(f"`{task.id}` waits for the run before by `{name}`", task.span)
                break
