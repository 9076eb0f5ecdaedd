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
from dagmig.integrations.fragment import AFTER, MAIN, SKIP, Expression, Fragment, Projection, Ref
from dagmig.integrations.poller import FAILED, SHARE, WEEK, Ending, bound, known_number

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
LATE = "AirflowSensorTimeout"
OWN = frozenset({"poke_interval", "timeout", "mode", "soft_fail", "exponential_backoff", "max_wait",
                 "silent_fail", "never_fail", "deferrable"})  # fmt: skip
IN_VAIN, NEVER = "asked in vain", "never fails"


def sensed(  # noqa: PLR0913
    task: Task,
    asking: Mapping[str, Mapping[str, Any]],
    found: Expression,
    report: Report,
    *,
    onward: str = "",
    failed: Ending | None = None,
    every: int = 60,
    times: tuple[str, int] | None = None,
    outputs: Mapping[str, Projection] | None = None,
    then: Ref = AFTER,
    longest: int = WEEK,
) -> Fragment:
    """The loop around the states that ask, ``MAIN`` first and ``found?`` after the last.

    ``found`` is JSONata for yes, ``failed`` how it never will be. ``onward``: the state that goes on asking
    where ``$:more`` says so. ``every``: the default of ``poke_interval``. ``times``: the argument, and its
    default, for how often the sensor looks where it is deferred, which its ``timeout`` does not bound then.
    ``then``: what follows yes. ``longest``: the default of ``timeout``.
    """
    interval = seconds(task, "poke_interval", every, report)
    limit, late = limited(task, seconds(task, "timeout", longest, report))
    if times is not None and is_true(task, "deferrable"):
        limit, late = interval * known_number(task, *times, report), FAILED
    _rows(task, interval, limit, late, report)
    elapsed = "($millis() - $:started)"
    longer = Expression.of(f"$max([{interval}, $floor({elapsed} / {1000 * SHARE})])")
    cause = f"nothing was found within {limit} seconds"
    is_late = {"Condition": Expression.of(f"{elapsed} > {1000 * limit}"), "Next": Ref("timed out")}
    choices = [
        {"Condition": found, "Next": then},
        *([{"Condition": failed.condition, "Next": Ref(_failed(task))}] if failed else []),
        *([{"Condition": Expression.of("$:more"), "Next": Ref(onward)}] if onward else []),
        is_late,
    ]
    assign = {":started": Expression.of("$millis()")}
    states = {
        "start": {"Type": "Pass", "Assign": assign, "Next": Ref(MAIN)},
        **_forgiving(task, asking),
        "found?": {"Type": "Choice", "Choices": choices, "Default": Ref("wait")},
        "wait": {"Type": "Wait", "Seconds": longer, "Next": Ref(MAIN)},
        "timed out": {"Type": "Fail", "Error": late, "Cause": cause},
    }
    in_vain = {"Type": "Choice", "Choices": [is_late], "Default": Ref("wait")}
    never = {"Type": "Fail", "Error": SKIP, "Cause": "it could not be asked, which skips the task"}
    if failed is not None and _failed(task) == "failed":
        states["failed"] = {"Type": "Fail", "Error": failed.error, "Cause": failed.cause}
    if is_true(task, "silent_fail"):
        states[IN_VAIN] = in_vain
    elif is_true(task, "never_fail"):
        states[NEVER] = never
    skips = ((LATE,) if skips_when_late(task, late) else ()) + ((SKIP,) if NEVER in states else ())
    final = tuple(dict.fromkeys((LATE, *skips)))
    return Fragment(states, outputs or {}, entry="start", final=final, is_bounded=True, skips=skips)


def _failed(task: Task) -> str:
    """The state that an error leads to."""
    return IN_VAIN if is_true(task, "silent_fail") else NEVER if is_true(task, "never_fail") else "failed"


def is_true(task: Task, name: str) -> bool:
    """Whether an argument is surely true."""
    return task.argument(name) == Literal(True)


def _forgiving(task: Task, asking: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The states that ask, and what comes of an error: to ask again, or to skip the task."""
    after = _failed(task)
    if after == "failed":
        return dict(asking)
    caught = {"ErrorEquals": ["States.ALL"], "Output": {}, "Next": Ref(after)}
    return {
        name: {**state, "Catch": [*state.get("Catch", ()), caught]} if state["Type"] == "Task" else state
        for name, state in asking.items()
    }


def skips_when_late(task: Task, late: str) -> bool:
    """Whether the task is skipped when its time is up; by ``never_fail`` where the sensor is deferred only
    (``resume_execution``).
    """
    is_skipped = is_true(task, "soft_fail") or (is_true(task, "never_fail") and is_true(task, "deferrable"))
    return is_skipped and late == LATE


def limited(task: Task, timeout: int) -> tuple[int, str]:
    """``execution_timeout`` counts as well where the sensor does not give its place up between two looks."""
    is_poking = task.argument("mode") in (None, Literal("poke")) and not is_true(task, "deferrable")
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
    if is_true(task, "soft_fail") and late != LATE:
        said = "when its time is up, the state fails; the sensor may skip what follows"
        report.row("soft_fail", task.span, f"task:{task.id}", DECISION, said, task=task.id)
    if is_true(task, "soft_fail") and is_true(task, "deferrable"):
        said = "an error while it waits fails the state; the deferred sensor would skip what follows"
        report.row("soft_fail", task.span, f"task:{task.id}", DECISION, said, task=task.id)
    for name in ("soft_fail", "never_fail", "silent_fail"):
        if not isinstance(task.argument(name) or Literal(None), Literal):
            said = f"`{name}` is known only when the DAG runs: the state fails"
            report.row(name, task.span, f"task:{task.id}", DECISION, said, task=task.id)
