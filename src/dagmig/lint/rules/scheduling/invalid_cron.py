"""The rule ``invalid-cron``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import SCHEDULE_ARGUMENTS, schedule
from dagmig.graph.values import Literal, New, Value
from dagmig.lint.cron import problem
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source

TIMETABLE = re.compile(
    r"airflow\..+\.((Multiple)?CronTriggerTimetable|CronDataIntervalTimetable|CronPartitionTimetable)"
)


@dag_rule(Severity.ERROR, Need.SCHEDULE)
def invalid_cron(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """The schedule is no cron expression that Airflow can read.

    The DAG is not shown, or it is shown and never runs: Airflow looks at the expression when it computes
    the first run. Airflow reads five fields (minute, hour, day of month, month, day of week), an optional
    sixth for seconds at the end, and the presets `@hourly` to `@yearly`, `@once` and `@continuous`.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/cron.html

    ```python bad
    from airflow import DAG

    dag = DAG("nightly", schedule="0 25 * * *", catchup=False)
    ```

    ```python good
    from airflow import DAG

    dag = DAG("nightly", schedule="0 1 * * *", catchup=False)
    ```

    Instead: Correct the field that the message names.
    """
    span = source.syntax.argument_span(workflow.span, *SCHEDULE_ARGUMENTS)
    for text in _expressions(schedule(workflow)):
        if why := problem(text):
            yield Finding(f"`{text}` is no cron expression: {why}", span)


def _expressions(value: Value | None) -> Iterator[str]:
    """The cron expressions of a schedule, also of Airflow's own timetables."""
    match value:
        case Literal(value=str(text)) if not value.is_assumed:
            yield text
        case New(type=kind) if TIMETABLE.fullmatch(kind):
            given = value.arguments if "Multiple" in kind else value.arguments[:1]
            yield from (text for one in (*given, value.keywords.get("cron")) for text in _expressions(one))
