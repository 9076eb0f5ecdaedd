"""The rule ``end-date-before-start``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING, words={"end_date"})
def end_date_before_start(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A DAG ends before it starts: it never runs.

    Airflow makes no run outside of the two dates, and says nothing.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("nightly", schedule=None, start_date=datetime(2024, 6, 1), end_date=datetime(2024, 1, 1))
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG

    dag = DAG("nightly", schedule=None, start_date=datetime(2024, 6, 1), end_date=datetime(2025, 1, 1))
    ```

    Instead: Correct one of the two dates.
    """
    start, end = (_day(workflow, name) for name in ("start_date", "end_date"))
    if start is not None and end is not None and end < start:
        span = source.syntax.argument_span(workflow.span, "end_date")
        yield Finding(f"the DAG `{workflow.id}` ends on {end}, and starts on {start}", span)


def _day(workflow: Workflow, name: str) -> date | None:
    value = workflow.arguments.get(name, workflow.defaults.get(name))
    if not isinstance(value, Literal) or not isinstance(value.value, date):
        return None
    return value.value.date() if isinstance(value.value, datetime) else value.value
