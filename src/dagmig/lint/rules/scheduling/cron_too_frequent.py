"""The rule ``cron-too-frequent``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from dagmig.diagnostics import Severity
from dagmig.graph.cron import expand
from dagmig.graph.model import Workflow
from dagmig.graph.query import SCHEDULE_ARGUMENTS, schedule
from dagmig.graph.values import Literal, Value
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source

SHORTEST = 5  # minutes


@dag_rule(Severity.WARNING, Need.SCHEDULE, is_default=False)
def cron_too_frequent(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A DAG runs more often than every five minutes.

    Airflow is made for batches: starting a run and its tasks takes seconds each, and runs that overlap fill
    the slots of all the others.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html

    ```python bad
    from airflow import DAG

    dag = DAG("poll", schedule="* * * * *", catchup=False)
    ```

    ```python good
    from airflow import DAG

    dag = DAG("poll", schedule="*/15 * * * *", catchup=False)
    ```

    Instead: Run it less often, or let an event start it.
    """
    minutes = _shortest(schedule(workflow))
    if minutes is not None and minutes < SHORTEST:
        span = source.syntax.argument_span(workflow.span, SCHEDULE_ARGUMENTS[0])
        yield Finding(f"the DAG `{workflow.id}` runs every {minutes:g} minutes", span)


def _shortest(value: Value | None) -> float | None:
    """The shortest time between two runs of an hour, in minutes."""
    match value:
        case Literal(timedelta() as interval):
            return interval.total_seconds() / 60
        case Literal(str() as text):
            try:
                minutes = expand(text).minutes
            except ValueError:
                return None
            return min((b - a for a, b in pairwise(minutes)), default=60)
    return None
