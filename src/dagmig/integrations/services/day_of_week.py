"""``DayOfWeekSensor``: it waits for a day of the week, or asks whether the run is of one.

``sensors/weekday.py`` of the standard provider: the day is UTC's, whatever the DAG's zone.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.clock import DAY, NOW, OF_RUN, now_of, weekday, weekdays
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.poller import WEEK
from dagmig.integrations.sensor import LATE, seconds
from dagmig.integrations.services.wait import DROPPED
from dagmig.integrations.table import account

STANDARD = "airflow.providers.standard.sensors.weekday.DayOfWeekSensor"
UNDECIDED = {
    "timeout": "the sensor may give up earlier; the state waits for its day",
    "soft_fail": "the sensor may skip what follows; the state waits for its day",
}
OF_A_RUN = "the run's day stays what it is: the state waits until the sensor's time is up, as the sensor does"


def _to_asl(task: Task, report: Report) -> Fragment:
    days, now = weekdays(task.argument("week_day")), now_of(task)
    own = {"week_day", *OF_RUN}
    if days is None or now is None:
        account(task, own, DROPPED, "a Wait state", report, UNDECIDED)
        said = f"`{'week_day' if days is None else OF_RUN[0]}` is not known"
        _row(task, Disposition.DECISION, f"{said}: the state fails when it is reached", report)
        return failing(f"Task {task.id} was not translated: {said}.")
    if now == (NOW,):
        account(task, own, DROPPED, "a Wait state", report, UNDECIDED)
        return Fragment({MAIN: {"Type": "Wait", "Timestamp": Expression.of(_next(days))}})
    account(task, {*own, "timeout", "soft_fail"}, DROPPED, "a Wait state", report)
    _row(task, Disposition.NOTED, OF_A_RUN, report)
    return _of_run(task, now, days, report)


def _next(days: tuple[str, ...]) -> str:
    """JSONata for now, or the midnight at which the next of the days begins."""
    midnights = f"[0..6].($now - $now % {DAY} + $ * {DAY})"
    return (
        f"($now := {NOW}; $days := {midnights}; $fromMillis($max([$now, $days[{weekday('$', 0, days)}][0]])))"
    )


def _of_run(task: Task, now: tuple[str | Value, ...], days: tuple[str, ...], report: Report) -> Fragment:
    limit = seconds(task, "timeout", WEEK, report)
    is_day = Expression.of("$fromMillis(", *now, f", '[F1]') in {list(days)}")
    states: dict[str, dict[str, Any]] = {
        MAIN: {"Type": "Choice", "Choices": [{"Condition": is_day, "Next": AFTER}], "Default": Ref("wait")},
        "wait": {"Type": "Wait", "Seconds": limit, "Next": Ref("timed out")},
        "timed out": {"Type": "Fail", "Error": LATE, "Cause": f"it was another day for {limit} seconds"},
    }
    skips = (LATE,) if task.argument("soft_fail") == Literal(True) else ()
    return Fragment(states, final=(LATE,), skips=skips)


def _row(task: Task, disposition: Disposition, said: str, report: Report) -> None:
    report.row("week_day", task.span, f"task:{task.id}", disposition, said, task=task.id)


day_of_week = Integration(
    STANDARD,
    (),
    _to_asl,
    None,
    ("airflow.sensors.weekday.DayOfWeekSensor", "airflow.contrib.sensors.weekday_sensor.DayOfWeekSensor"),
    "`Wait`",
)
