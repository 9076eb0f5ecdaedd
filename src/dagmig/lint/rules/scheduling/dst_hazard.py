"""The rule ``dst-hazard``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity, Span
from dagmig.graph.cron import expand
from dagmig.graph.model import Workflow
from dagmig.graph.query import SCHEDULE_ARGUMENTS
from dagmig.graph.values import Literal, New
from dagmig.lint.declared import cron
from dagmig.lint.edit import offset
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

SKIPPED = (2,)  # the hour that clocks in most zones with summer time skip or repeat
AT_TWO = re.compile(r"[\"']\S+ +0?2(?= +\S+ +\S+ +\S+[\"']$)")
WITHOUT_SUMMER_TIME = ("UTC", "Etc/", "GMT", "Asia/")


@dag_rule(Severity.INFO, Need.SCHEDULE, fix=FixKind.UNSAFE, is_default=False)
def dst_hazard(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A DAG runs by local time in the hour that summer time skips once a year and repeats once.

    On those nights a run is missing, late, or comes twice. The fix moves a run between 2 and 3 to the hour
    after 4; it is unsafe, as other DAGs may count on its time.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/timezone.html

    ```python bad
    import pendulum
    from airflow import DAG

    START = pendulum.datetime(2024, 1, 1, tz="Europe/Berlin")
    dag = DAG("nightly", schedule="30 2 * * *", start_date=START, catchup=False)
    ```

    ```python good
    import pendulum
    from airflow import DAG

    START = pendulum.datetime(2024, 1, 1, tz="Europe/Berlin")
    dag = DAG("nightly", schedule="30 4 * * *", start_date=START, catchup=False)
    ```

    Instead: Run it at another hour, or by UTC.
    """
    zone = _zone(workflow)
    if not zone or "/" not in zone or zone.startswith(WITHOUT_SUMMER_TIME):
        return
    try:
        hours = expand(cron(workflow)).hours
    except ValueError:
        return
    if len(hours) < 24 and any(hour in SKIPPED for hour in hours):
        span = source.syntax.argument_span(workflow.span, *SCHEDULE_ARGUMENTS)
        yield Finding(
            f"the DAG `{workflow.id}` runs between 2 and 3 o'clock in {zone}", span, _later(source, span)
        )


def _later(source: Source, span: Span) -> Fix | None:
    """Four o'clock, where the schedule is a text with the one hour."""
    start = offset(source, span.line, span.column)
    hour = AT_TWO.match(source.text, start, offset(source, span.end_line, span.end_column))
    return None if hour is None else Fix((Edit(hour.end() - 1, hour.end(), "4"),), safe=False)


def _zone(workflow: Workflow) -> str:
    value = workflow.arguments.get("start_date", workflow.defaults.get("start_date"))
    match value:
        case Literal(value=moment):
            zone = getattr(moment, "tzinfo", None)
            return str(getattr(zone, "key", None) or getattr(zone, "name", None) or zone or "")
        case New(keywords=keywords):
            given = keywords.get("tz") or keywords.get("tzinfo")
            return str(given.value) if isinstance(given, Literal) else ""
    return ""
