"""The rule ``end-date-past``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING, is_default=False)
def end_date_past(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """The end date of a DAG has passed: it does not run any more.

    Perhaps it has done its work and can go; perhaps somebody forgot to move the date. Opt-in: for a DAG that
    is kept for its history that is right, and what is found changes with the day on which one looks.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("nightly", schedule=None, end_date=datetime(2020, 1, 1))
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG

    dag = DAG("nightly", schedule=None)
    ```

    Instead: Remove the DAG, or the date.
    """
    value = workflow.arguments.get("end_date")
    day = value.value if isinstance(value, Literal) else None
    if isinstance(day, date) and (day.year, day.month, day.day) < date.today().timetuple()[:3]:
        span = source.syntax.argument_span(workflow.span, "end_date")
        yield Finding(f"the DAG `{workflow.id}` ended on {day.isoformat()[:10]}", span)
