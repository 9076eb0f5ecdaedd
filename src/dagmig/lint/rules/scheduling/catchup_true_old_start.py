"""The rule ``catchup-true-old-start``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import literal, schedule
from dagmig.graph.values import Literal, Value
from dagmig.lint.cron import problem, runs_a_year
from dagmig.lint.rule import Finding, Need, workflow_rule

OLD = timedelta(days=365)
MANY = 100  # runs


@workflow_rule(Severity.WARNING, Need.SETTINGS, Need.SCHEDULE, words={"catchup"})
def catchup_true_old_start(workflow: Workflow) -> Iterator[Finding]:
    """Switching the DAG on starts hundreds of runs at once.

    With `catchup=True`, a start date more than a year ago and no `max_active_runs`, the scheduler fills
    every slot (16 runs of the DAG at a time) with old runs the moment somebody unpauses it. Flagged from
    about a hundred runs on.
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
    if literal(workflow.arguments, "catchup") is not True:
        return
    if {"max_active_runs", "end_date", "**"} & workflow.arguments.keys():
        return
    start = workflow.arguments.get("start_date", workflow.defaults.get("start_date"))
    if not isinstance(start, Literal) or not isinstance(start.value, date):
        return
    first = date(start.value.year, start.value.month, start.value.day)
    age = date.today() - first
    if age > OLD and (runs := _runs(schedule(workflow), age)) >= MANY:
        message = (
            f"the DAG `{workflow.id}` catches up about {runs} runs since {first} without `max_active_runs`"
        )
        yield Finding(message, workflow.span)


def _runs(value: Value | None, age: timedelta) -> int:
    """About how many runs a schedule makes in a time; 0 where it is not known."""
    match value:
        case Literal(str(text)) if problem(text) is None:
            return runs_a_year(text) * age.days // 365
        case Literal(timedelta() as interval) if interval:
            return age // interval
    return 0
