"""The rule ``start-date-per-task-differs``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING)
def start_date_per_task_differs(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task has another start date than its DAG.

    Runs before the task's own date leave it out, and what waits for it does not run either: the run stands
    still, or half of it is missing. It is easily taken for the date the task was added.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html#what-s-the-deal-with-start-date

    ```python bad
    from datetime import datetime

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, start_date=datetime(2024, 1, 1)):
        BashOperator(task_id="load", bash_command="load", start_date=datetime(2024, 6, 1))
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, start_date=datetime(2024, 1, 1)):
        BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Give the start date to the DAG alone.
    """
    first = workflow.arguments.get("start_date", workflow.defaults.get("start_date"))
    if not isinstance(first, Literal) or first.value is None:
        return
    for task in workflow.tasks.values():
        own = task.call.arguments.get("start_date")
        if isinstance(own, Literal) and own.value is not None and str(own.value) > str(first.value):
            span = source.syntax.argument_span(task.span, "start_date")
            yield Finding(f"`{task.id}` starts on {own.value}, its DAG on {first.value}", span)
