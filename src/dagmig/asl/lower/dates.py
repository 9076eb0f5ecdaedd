"""A run's dates from its execution's input, as the DAG's version of Airflow computes them from a schedule.

Airflow 2 starts a run at the end of its data interval, whose start is the logical date; in Airflow 3 all
three are the time at which the schedule fires (``airflow/timetables/interval.py`` and ``trigger.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from dagmig.asl.lower.scene import INPUT, START_TIME, Untranslatable
from dagmig.asl.lower.templates.code import ISO
from dagmig.asl.lower.ticks import Calendar, Every, ticks
from dagmig.graph.cron import expand
from dagmig.graph.model import Workflow
from dagmig.graph.query import schedule_in_effect
from dagmig.graph.values import Items, Literal, New, Value
from dagmig.graph.zone import named as zone_named
from dagmig.integrations.jsonata import quoted

NAMES = (
    "logical_date",
    "data_interval_start",
    "data_interval_end",
    "prev_execution_date",
    "next_execution_date",
)
TICK, LOGICAL = f"{INPUT}.scheduled_time", f"{INPUT}.logical_date"


@dataclass(frozen=True, slots=True)
class Dates:
    """``ticks`` where runs are for the time between two of them; else they are for the ``interval`` before
    one, None where that is not known. ``doubt`` is why dates cannot be computed from a schedule's time.
    ``is_manual``: no schedule starts runs. ``is_asset``: assets do.
    """

    ticks: Every | Calendar | None = None
    interval: timedelta | None = timedelta()
    doubt: str = ""
    is_manual: bool = False
    is_asset: bool = False

    def same_as(self, name: str) -> str:
        """The first of ``NAMES`` that is always the same date."""
        is_one = not self.doubt and self.ticks is None and not self.interval
        return "logical_date" if is_one and name.startswith("data_interval") else name

    def of(self, name: str) -> str:
        """JSONata for the text of one of ``NAMES`` (``2024-01-01T00:00:00+00:00``).

        Raises ``Untranslatable``.
        """
        return f"$fromMillis({self._moment(name)}, '{ISO}') & '+00:00'"

    def _moment(self, name: str) -> str:
        if self.doubt:
            return self._given(name)
        if self.ticks is None:
            return self._of_trigger(name)
        tick = f"$toMillis({TICK})"
        match name:
            case "logical_date":
                return _either(LOGICAL, TICK, f"$toMillis({LOGICAL})", self.ticks.before(tick), _START)
            case "data_interval_end":
                return f"$exists({TICK}) ? {tick} : {self.ticks.up_to(_RUN_AFTER)}"
            case "data_interval_start":
                end = f"$exists({TICK}) ? {tick} : {self.ticks.up_to(_RUN_AFTER)}"
                return f"($end := {end}; {self.ticks.before('$end')})"
            case "next_execution_date":
                return f"$exists({TICK}) ? {tick} : {_RUN_AFTER}"
        before = f"($start := {self.ticks.before(tick)}; {self.ticks.before('$start')})"
        return f"$exists({TICK}) ? {before} : {_RUN_AFTER}"

    def _of_trigger(self, name: str) -> str:
        if name.endswith("execution_date") and not self.is_manual:
            raise Untranslatable(f"{name} of this schedule")
        length = (self.interval or timedelta()) // timedelta(milliseconds=1)
        logical = f"$toMillis({_either(LOGICAL, TICK, LOGICAL, TICK, START_TIME)})"
        if not length:
            return logical
        before = f"$toMillis({TICK}) - {length}"
        match name:
            case "logical_date":
                return _either(LOGICAL, TICK, f"$toMillis({LOGICAL})", before, _START)
            case "data_interval_end":
                return f"$toMillis({_either(TICK, LOGICAL, TICK, LOGICAL, START_TIME)})"
        return f"$toMillis({_either(TICK, LOGICAL, TICK, LOGICAL, START_TIME)}) - {length}"

    def _given(self, name: str) -> str:
        """A date that the input must give, where a schedule starts the run."""
        given = f"{INPUT}.{name}"
        refused = f"$error({quoted(f'give {name} in the input: {self.doubt}')})"
        if name == "logical_date":
            return _either(given, TICK, f"$toMillis({given})", refused, _START)
        return f"$exists({given}) ? $toMillis({given}) : {refused}"


_START = f"$toMillis({START_TIME})"
_RUN_AFTER = f"$toMillis($exists({LOGICAL}) ? {LOGICAL} : {START_TIME})"


def _either(first: str, second: str, one: str, two: str, otherwise: str) -> str:
    return f"$exists({first}) ? {one} : $exists({second}) ? {two} : {otherwise}"


def dates(workflow: Workflow, *, is_airflow_3: bool) -> Dates:
    """How the runs of a DAG are dated."""
    found = schedule_in_effect(workflow, is_airflow_3=is_airflow_3)
    return _of(found, zone(workflow), is_airflow_3)


def _of(found: Value | None, zone: tzinfo | None, is_airflow_3: bool) -> Dates:
    match found:
        case None | Literal(None | "None"):
            return Dates(is_manual=True)
        case Literal("@once"):
            return Dates()
        case Literal(str() as text) if text != "@continuous":
            return Dates() if is_airflow_3 else _cron(text, zone)
        case Literal(timedelta() as length):
            return Dates() if is_airflow_3 else Dates(Every(length // timedelta(milliseconds=1)))
        case New(kind):
            return _timetable(kind.rpartition(".")[2], found, zone, is_airflow_3)
        case Items():
            return Dates(doubt="the schedule is of assets", is_asset=True)
    return Dates(doubt="the times of the schedule follow no rule that is translated")


def _cron(text: str, zone: tzinfo | None) -> Dates:
    try:
        found = ticks(expand(text), zone)
    except ValueError:
        return Dates(doubt=f"the cron expression {text} is not translated")
    if found is None:
        where = "is not known" if zone is None else f"{zone} changes its clock"
        return Dates(doubt=f"the schedule's time zone {where}")
    return Dates(found)


def _timetable(kind: str, made: New, zone: tzinfo | None, is_airflow_3: bool) -> Dates:
    given = dict(zip(_ORDER.get(kind, ()), made.arguments, strict=False)) | dict(made.keywords)
    interval = _known(given.get("interval"), timedelta())
    match kind:
        case "CronTriggerTimetable" | "MultipleCronTriggerTimetable" | "DeltaTriggerTimetable":
            if isinstance(interval, timedelta):
                return Dates(interval=interval)
        case "CronDataIntervalTimetable":
            text, where = _known(given.get("cron")), zone_of(_known(given.get("timezone")))
            if isinstance(text, str):
                return _cron(text, where)
        case "DeltaDataIntervalTimetable":
            if isinstance(length := _known(given.get("delta")), timedelta):
                return Dates(Every(length // timedelta(milliseconds=1)))
        case "AssetOrTimeSchedule" | "DatasetOrTimeSchedule":
            if (inner := given.get("timetable")) is not None:
                return _of(inner, zone, is_airflow_3)
        case "relativedelta" if is_airflow_3:
            return Dates()
    is_asset = kind.startswith(("Asset", "Dataset", "Bit"))
    said = "the schedule is of assets" if is_asset else f"the times of {kind} follow no rule"
    return Dates(doubt=said, is_asset=is_asset)


_ORDER = {
    "CronTriggerTimetable": ("cron",),
    "DeltaTriggerTimetable": ("delta",),
    "CronDataIntervalTimetable": ("cron", "timezone"),
    "DeltaDataIntervalTimetable": ("delta",),
}


def _known(value: Value | None, default: Any = None) -> Any:
    return default if value is None else value.value if isinstance(value, Literal) else value


def zone(workflow: Workflow) -> tzinfo | None:
    """The zone of a DAG and its cron expression: its start date's, else UTC; None where it is not known."""
    given = workflow.arguments.get("start_date", workflow.defaults.get("start_date"))
    match given:
        case None | Literal(None):
            return timezone.utc
        case Literal(datetime() as moment):
            return moment.tzinfo or timezone.utc
        case Literal(str()):
            return timezone.utc
    return None


def zone_of(found: object) -> tzinfo | None:
    """The zone that a value is, or is the name of."""
    if isinstance(found, tzinfo):
        return found
    return zone_named(found) if isinstance(found, str) else None
