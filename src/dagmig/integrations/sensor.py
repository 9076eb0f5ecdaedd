"""Sensors: a loop that asks, and waits where the answer is no, until the sensor's time is up.

``BaseSensorOperator.execute``: it asks first, gives up where ``timeout`` has passed since, and fails then
without retries (https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/sensors.html).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref
from dagmig.integrations.poller import SHARE, WEEK, bound

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
LATE = "AirflowSensorTimeout"
OWN = frozenset({"poke_interval", "timeout", "mode", "soft_fail", "exponential_backoff", "max_wait",
                 "silent_fail", "never_fail", "deferrable"})  # fmt: skip
UNDECIDED = {
    "soft_fail": "when its time is up, the state fails; the sensor would skip what follows",
    "never_fail": "an error fails the state; the sensor would skip what follows",
    "silent_fail": "an error fails the state; the sensor would ask again",
}


def sensed(
    task: Task,
    asking: Mapping[str, Mapping[str, Any]],
    found: Expression,
    report: Report,
    *,
    onward: str = "",
) -> Fragment:
    """The loop around the states that ask, ``MAIN`` first and ``found?`` after the last.

    ``found`` is JSONata for yes. ``onward``: the state that goes on asking where ``$:more`` says so.
    """
    interval = seconds(task, "poke_interval", 60, report)
    limit, late = _limit(task, seconds(task, "timeout", WEEK, report))
    _rows(task, interval, limit, late, report)
    elapsed = "($millis() - $:started)"
    longer = Expression.of(f"$max([{interval}, $floor({elapsed} / {1000 * SHARE})])")
    cause = f"nothing was found within {limit} seconds"
    choices = [
        {"Condition": found, "Next": AFTER},
        *([{"Condition": Expression.of("$:more"), "Next": Ref(onward)}] if onward else []),
        {"Condition": Expression.of(f"{elapsed} > {1000 * limit}"), "Next": Ref("timed out")},
    ]
    assign = {":started": Expression.of("$millis()")}
    states = {
        "start": {"Type": "Pass", "Assign": assign, "Next": Ref(MAIN)},
        **asking,
        "found?": {"Type": "Choice", "Choices": choices, "Default": Ref("wait")},
        "wait": {"Type": "Wait", "Seconds": longer, "Next": Ref(MAIN)},
        "timed out": {"Type": "Fail", "Error": late, "Cause": cause},
    }
    skips = (LATE,) if _skips_when_late(task, late) else ()
    return Fragment(states, entry="start", final=(LATE,), is_bounded=True, skips=skips)


def _skips_when_late(task: Task, late: str) -> bool:
    return task.argument("soft_fail") == Literal(True) and late == LATE


def _limit(task: Task, timeout: int) -> tuple[int, str]:
    """``execution_timeout`` counts as well where the sensor does not give its place up between two looks."""
    is_poking = task.argument("mode") in (None, Literal("poke"))
    return bound(task, timeout, LATE) if is_poking else (timeout, LATE)


def seconds(task: Task, name: str, default: int, report: Report) -> int:
    """An argument that is a length of time; an open row where it is not known."""
    match task.argument(name):
        case None | Literal(None):
            return default
        case Literal(timedelta() as time):
            return max(1, round(time.total_seconds()))
        case Literal(int() | float() as number) if 0 <= number < math.inf:
            return max(1, round(number))
    said = f"`{name}` is not a known number of seconds: {default} is used"
    report.row(name, task.span, f"task:{task.id}", DECISION, said, task=task.id)
    return default


def _rows(task: Task, interval: int, limit: int, late: str, report: Report) -> None:
    said = (
        f"asks every {interval} s, after a while whenever another {100 // SHARE} % of the time has passed, "
        f"so that an execution's history (25,000 events) suffices; gives up with {late} after {limit} s"
    )
    report.row("poke_interval", task.span, f"task:{task.id}", NOTED, said, task=task.id)
    for name, reason in UNDECIDED.items():
        is_said = name == "soft_fail" and _skips_when_late(task, late)
        if not is_said and task.argument(name) not in (None, Literal(False)):
            report.row(name, task.span, f"task:{task.id}", DECISION, reason, task=task.id)
