"""The rule ``catchup-true-old-start``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import literal, schedule
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, workflow_rule

OLD = timedelta(days=365)
SELDOM = ("@once", "@continuous", "@monthly", "@quarterly", "@yearly", "@annually")


@workflow_rule(Severity.WARNING)
def catchup_true_old_start(workflow: Workflow) -> Iterator[Finding]:
    """Switching the DAG on starts hundreds of runs at once.

    With `catchup=True`, a start date more than a year ago and no `max_active_runs`, the scheduler fills
    every slot (16 runs of the DAG at a time) with old runs the moment somebody unpauses it.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html#catchup

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime(2020, 1, 1), catchup=True)
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime(2020, 1, 1), catchup=True, max_active_runs=1)
    ```

    Instead: Set `max_active_runs`, a later start date, or `catchup=False`.
    """
    value = schedule(workflow)
    start = workflow.arguments.get("start_date", workflow.defaults.get("start_date"))
    if not isinstance(value, Literal) or value.value is None or value.value in SELDOM:
        return
    if literal(workflow.arguments, "catchup") is not True or "max_active_runs" in workflow.arguments:
        return
    if "end_date" in workflow.arguments or not isinstance(start, Literal):
        return
    if isinstance(start.value, date):
        first = date(start.value.year, start.value.month, start.value.day)
        if date.today() - first > OLD:
            message = f"the DAG `{workflow.id}` catches up from {first} without `max_active_runs`"
            yield Finding(message, workflow.span)
