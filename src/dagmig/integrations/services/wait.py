"""Sensors that wait for a time: a Wait state, which asks nobody.

https://states-language.net/spec.html#wait-state; ``sensors/time_delta.py``, ``sensors/time.py`` and
``sensors/date_time.py`` of the standard provider.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta, timezone
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, RunContext, Template, Value
from dagmig.graph.zone import fixed_offset
from dagmig.integrations import Integration
from dagmig.integrations.clock import DAY, EPOCH, INTERVAL_END, plus
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, InZone, Ref, failing
from dagmig.integrations.poller import WEEK
from dagmig.integrations.sensor import LATE, is_true, limited, seconds, skips_when_late
from dagmig.integrations.table import account

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
SENSORS = "airflow.providers.standard.sensors."
DROPPED = {
    **dict.fromkeys(
        ("poke_interval", "mode", "exponential_backoff", "max_wait", "deferrable"),
        "the state waits by itself",
    ),
    **dict.fromkeys(("silent_fail", "never_fail"), "nothing is asked that could fail"),
    **dict.fromkeys(
        ("start_from_trigger", "end_from_trigger", "trigger_kwargs"), "a state machine has no triggerer"
    ),
}
UNASKED = dict.fromkeys(("timeout", "soft_fail"), "the sensor does not ask, and does not give up")
_TIME = re.compile(r"[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")  # what follows a date
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def _sensor(
    argument: str,
    wait: Callable[[Value, Task, Report], dict[str, Any] | None],
    *,
    asks: bool = False,
    longest: int | None = None,
) -> Callable[[Task, Report], Fragment]:
    """``asks``: unless it is deferred, the sensor looks at the clock again and again, and gives up at last.
    ``longest`` are the seconds that it waits at most.
    """

    def to_asl(task: Task, report: Report) -> Fragment:
        is_deferred = task.argument("deferrable") == Literal(True)
        gives_up = asks and not (is_deferred and wait is not _delta)
        reasons = {name: said for name, said in UNASKED.items() if not gives_up}
        known = {argument} if not gives_up else {argument, *UNASKED}
        account(task, known, {**DROPPED, **reasons}, "a Wait state", report)
        value = task.argument(argument)
        found = None if value is None else wait(value, task, report)
        if found is None:
            said = f"`{argument}` is no time that is known: the state fails when it is reached"
            _row(task, argument, DECISION, said, report)
            return failing(f"Task {task.id} was not translated: `{argument}` is no time that is known.")
        if gives_up:
            return _giving_up(task, found, longest or _known_length(value), report)
        length = found.get("Seconds")
        is_short = isinstance(length, int) and task.policy.timeout is not None and not _ends(task, length)
        return Fragment({MAIN: {"Type": "Wait", **found}}, is_bounded=is_deferred or is_short)

    return to_asl


def _known_length(value: Value | None) -> int | None:
    """The seconds of a length of time, where it is written out."""
    is_known = isinstance(value, Literal) and isinstance(value.value, timedelta)
    return math.ceil(value.value.total_seconds()) if is_known and isinstance(value, Literal) else None


def _ends(task: Task, length: int) -> bool:
    """Whether the task's ``execution_timeout`` may end a wait of that length."""
    timeout = task.policy.timeout
    return not isinstance(timeout, timedelta) or timeout.total_seconds() < length


def _giving_up(task: Task, found: dict[str, Any], longest: int | None, report: Report) -> Fragment:
    """A wait that ends after the sensor's ``timeout``, which is that of an error; or never, where it is sure
    to end before.
    """
    limit, late = limited(task, seconds(task, "timeout", WEEK, report))
    if longest is not None and longest <= limit:
        return Fragment({MAIN: {"Type": "Wait", **found}}, is_bounded=True)
    if task.argument("timeout") is None and late == LATE:
        said = "the sensor gives up after a week; the state waits for its time"
        _row(task, "timeout", NOTED, said, report)
        return Fragment({MAIN: {"Type": "Wait", **found}}, is_bounded=True)
    said = f"gives up with {late} after {limit} s, where its time is later; the sensor when it looks next"
    _row(task, "timeout", NOTED, said, report)
    until = Expression.of(f"$toMillis($:until) - $millis() > {1000 * limit}")
    states: dict[str, dict[str, Any]] = {
        "until": {"Type": "Pass", "Assign": {":until": found["Timestamp"]}, "Next": Ref("in time?")},
        "in time?": {
            "Type": "Choice",
            "Choices": [{"Condition": until, "Next": Ref("give up")}],
            "Default": Ref(MAIN),
        },
        MAIN: {"Type": "Wait", "Timestamp": Expression.of("$:until"), "Next": AFTER},
        "give up": {"Type": "Wait", "Seconds": limit, "Next": Ref("timed out")},
        "timed out": {
            "Type": "Fail",
            "Error": late,
            "Cause": f"its time was not there after {limit} seconds",
        },
    }
    skips = (LATE,) if skips_when_late(task, late) else ()
    if is_true(task, "soft_fail") and late != LATE:
        _row(task, "soft_fail", DECISION, "the state fails; the sensor may skip what follows", report)
    return Fragment(states, entry="until", final=(LATE,), is_bounded=True, skips=skips)


def _length(value: Value, task: Task, report: Report) -> dict[str, Any] | None:
    """A length of time from now; a number is minutes."""
    match value:
        case Literal(timedelta() as length):
            return {"Seconds": round(length.total_seconds())}
        case Literal(int() | float() as minutes) if 0 <= minutes < math.inf:
            return {"Seconds": round(60 * minutes)}
        case Literal(str() as text) if text.isdecimal():
            return {"Seconds": 60 * int(text)}
        case Literal(constant) if not isinstance(constant, str) or isinstance(jinja.parse(constant), Literal):
            return None
    return {"Seconds": Expression.of("60 * $number(", value, ")")}


def _delta(value: Value, task: Task, report: Report) -> dict[str, Any] | None:
    """A length of time from the end of the run's data interval (``TimeDeltaSensor._derive_base_time``)."""
    found = _length(value, task, report)
    if found is None:
        return None
    base = ("$fromMillis($toMillis(", RunContext(INTERVAL_END), ")")
    match found["Seconds"]:
        case Expression(parts):
            return {"Timestamp": Expression.of(*base, " + 1000 * ", *parts, ")")}
        case seconds:
            return {"Timestamp": Expression.of(*base, f"{plus(1000 * seconds)})")}


def _of_day(value: Value, task: Task, report: Report) -> dict[str, Any] | None:
    """A time on the day that it is by the clock of the DAG's zone, whatever the time's own zone."""
    match value:
        case Literal(time() as at):
            since = (datetime.combine(EPOCH, at, timezone.utc) - EPOCH) // timedelta(milliseconds=1)
            return {"Timestamp": Expression.of(InZone(lambda zone: _on_clock(since, fixed_offset(zone))))}
    return None


def _on_clock(since: int, offset: int) -> str:
    """JSONata for a time on the day of now, milliseconds after midnight, on a clock before UTC's."""
    if not offset:
        return f"$fromMillis($millis() - $millis() % {DAY} + {since})"
    return f"($local := $millis(){plus(offset)}; $fromMillis($local - $local % {DAY}{plus(since - offset)}))"


def _moment(value: Value, task: Task, report: Report) -> dict[str, Any] | None:
    """A moment; without a zone it is UTC's (``timezone.parse``)."""
    match value:
        case Literal(datetime() as moment):
            return {"Timestamp": _stamp(moment)}
        case Literal(str() as text) if _ZONED.fullmatch(text):
            return {"Timestamp": text}
        case Literal(str() as text) if isinstance(jinja.parse(text), Literal):
            try:
                return {"Timestamp": _stamp(datetime.fromisoformat(text))}
            except ValueError:
                return None
        case Literal(constant) if not isinstance(constant, str):
            return None
    return {"Timestamp": _stamped(value)}


def _stamped(value: Value) -> Any:
    """A text that is known only when the machine runs, as Step Functions takes a timestamp: `T` before the
    time, which has seconds, and a zone after it. A date alone is its midnight.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
    """
    parsed = jinja.parse(value.value) if isinstance(value, Literal) else value
    match parsed:
        case RunContext("ts") | Template((RunContext("ts"),)):
            return value
        case Template((*before, str() as last)) if found := _TIME.fullmatch(last):
            time_of_day, rest, zone = found.groups()
            return Template((*before, f"T{time_of_day}{rest or ':00'}{zone or 'Z'}"))
    return Expression.of(
        "($at := $replace(",
        value,
        ", ' ', 'T', 1); $at & ($contains($at, 'T') ? ($contains($at, /T\\d\\d:\\d\\d$/) ? ':00' : '')"
        " : 'T00:00:00') & ($contains($at, /T.*(Z|[+-]\\d\\d:\\d\\d)$/) ? '' : 'Z'))",
    )


def _stamp(moment: datetime) -> str:
    zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
    return zoned.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _row(task: Task, construct: str, disposition: Disposition, said: str, report: Report) -> None:
    report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)


wait = Integration(
    SENSORS + "time_delta.WaitSensor",
    (),
    _sensor("time_to_wait", _length),
    None,
    ("airflow.sensors.time_delta.WaitSensor",),
    "`Wait`",
)
time_delta = Integration(
    SENSORS + "time_delta.TimeDeltaSensor",
    (),
    _sensor("delta", _delta, asks=True),
    None,
    (
        SENSORS + "time_delta.TimeDeltaSensorAsync",
        "airflow.sensors.time_delta.TimeDeltaSensor",
        "airflow.sensors.time_delta.TimeDeltaSensorAsync",
        "airflow.sensors.time_delta_sensor.TimeDeltaSensor",
        "airflow.operators.sensors.TimeDeltaSensor",
    ),
    "`Wait`",
)
time_of_day = Integration(
    SENSORS + "time.TimeSensor",
    (),
    _sensor("target_time", _of_day, asks=True, longest=DAY // 1000),
    None,
    (
        SENSORS + "time.TimeSensorAsync",
        "airflow.sensors.time_sensor.TimeSensor",
        "airflow.sensors.time_sensor.TimeSensorAsync",
        "airflow.operators.sensors.TimeSensor",
    ),
    "`Wait`",
)
date_time = Integration(
    SENSORS + "date_time.DateTimeSensor",
    (),
    _sensor("target_time", _moment, asks=True),
    None,
    ("airflow.sensors.date_time.DateTimeSensor", "airflow.sensors.date_time_sensor.DateTimeSensor"),
    "`Wait`",
)
date_time_async = Integration(
    SENSORS + "date_time.DateTimeSensorAsync",
    (),
    _sensor("target_time", _moment),
    None,
    ("airflow.sensors.date_time.DateTimeSensorAsync",),
    "`Wait`",
)
