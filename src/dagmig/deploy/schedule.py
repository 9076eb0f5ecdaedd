"""A DAG's schedule as those of EventBridge Scheduler.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html;
https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/timetable.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from heapq import merge
from itertools import groupby
from zoneinfo import ZoneInfo

from dagmig.asl.lower.asset_start import ALL
from dagmig.asl.lower.dates import zone, zone_of
from dagmig.deploy.cron import expressions
from dagmig.deploy.moments import clock_changes, fires
from dagmig.deploy.monthly import Monthly
from dagmig.deploy.monthly import cron as parse
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.cron import Cron
from dagmig.graph.model import Workflow
from dagmig.graph.query import SCHEDULE_ARGUMENTS, schedule_in_effect
from dagmig.graph.query import schedule as schedule_of
from dagmig.graph.values import Items, Literal, New, Value

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
MINUTE = timedelta(minutes=1)
UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", MINUTE))
BY_INTERVAL = ("CronDataIntervalTimetable", "DeltaDataIntervalTimetable")
OR_TIME = ("AssetOrTimeSchedule", "DatasetOrTimeSchedule")
AFTER_LAST = timedelta(seconds=59)  # a schedule ends so long after its last run: within its minute
YEARS = 10  # ahead, in which clocks are looked at
OF_ASSETS = "assets start the DAG: an EventBridge rule on what makes them has to start the machine"
TICK = "<aws.scheduler.scheduled-time>"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule: its ``expression`` in a time zone, when it begins and ends (aware; None: at once, never).
    ``without`` are days of the month that another schedule of the DAG has.
    """

    expression: str
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    is_enabled: bool = True
    without: tuple[int, ...] = ()

    @property
    def input(self) -> dict[str, object]:
        """The execution's input: the machine computes the dates of the run from the time."""
        given: dict[str, object] = {"scheduled_time": TICK}
        return given | {"without_days": list(self.without)} if self.without else given


@dataclass(frozen=True, slots=True)
class Clock:
    """When runs are due: by ``crons`` in a zone, once where several say so, or every ``period``;
    ``is_interval``: a run comes at the end of its data interval, as Airflow 2 has it.
    """

    crons: tuple[Cron | Monthly, ...]
    period: timedelta | None
    zone: tzinfo
    is_interval: bool

    def due(self, after: datetime) -> Iterator[datetime]:
        """The moments from ``after`` (aware) on, in UTC, without end where there are any."""
        if self.crons:
            found = merge(*(fires(cron, after, self.zone) for cron in self.crons))
            yield from (moment for moment, _ in groupby(found))
        moment = after
        while self.period is not None:
            yield moment
            moment += self.period


def clock(workflow: Workflow, *, is_airflow_3: bool) -> Clock | None:
    """The clock that a DAG runs by; None where no clock starts it, or nobody knows when it does."""
    found = schedule_in_effect(workflow, is_airflow_3=is_airflow_3)
    return _clock(found, zone(workflow), not is_airflow_3)


def _clock(found: Value | None, around: tzinfo | None, is_interval: bool) -> Clock | None:
    match found:
        case Literal(str() as text) if around is not None:
            try:
                return Clock((parse(text),), None, around, is_interval)
            except ValueError:
                return None
        case Literal(timedelta() as period) if period > timedelta():
            return Clock((), period, around or timezone.utc, is_interval)
        case New(kind, arguments, keywords):
            name = kind.rpartition(".")[2]
            first = arguments[0] if arguments else keywords.get("cron", keywords.get("delta"))
            second = arguments[1] if len(arguments) > 1 else keywords.get("timezone")
            where = zone_of(second.value) if isinstance(second, Literal) else None
            if name in ("CronTriggerTimetable", "CronDataIntervalTimetable"):
                return _clock(first, where, name in BY_INTERVAL)
            if name in OR_TIME:
                return _clock(keywords.get("timetable"), around, is_interval)
            if name == "MultipleCronTriggerTimetable":
                return _several(arguments, keywords.get("timezone"))
            if name in ("DeltaTriggerTimetable", "DeltaDataIntervalTimetable"):
                return _clock(first, around, name in BY_INTERVAL)
    return None


def _several(crons: Sequence[Value], zone: Value | None) -> Clock | None:
    """The clock of several crons in one zone."""
    where = zone_of(zone.value) if isinstance(zone, Literal) else None
    found = [_clock(cron, where, is_interval=False) for cron in crons]
    known = tuple(dict.fromkeys(cron for one in found if one is not None for cron in one.crons))
    if where is None or not known or any(one is None or not one.crons for one in found):
        return None
    return Clock(known, None, where, is_interval=False)


def moment_of(workflow: Workflow, name: str) -> datetime | None:
    """``start_date`` or ``end_date``, aware; None where there is none or it is not known."""
    match _argument(workflow, name):
        case Literal(datetime() as moment):
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        case Literal(str() as text):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return None
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return None


def _argument(workflow: Workflow, name: str) -> Value | None:
    return workflow.arguments.get(name, workflow.defaults.get(name))


def schedules(
    workflow: Workflow, ledger: Report, now: datetime, *, is_airflow_3: bool
) -> tuple[Schedule, ...]:
    """The schedules that start a DAG's machine; what they do not do as Airflow does is said in ``ledger``."""
    found = clock(workflow, is_airflow_3=is_airflow_3)
    name = next((one for one in SCHEDULE_ARGUMENTS if one in workflow.arguments), "schedule")
    if found is None:
        why = _reason(schedule_of(workflow))
        if why:
            ledger.row(name, workflow.span, "", DECISION, why)
        return ()
    where = _zone_name(found.zone)
    made = None if where is None else _expressions(found)
    if where is None or made is None:
        unit = f"the time zone {found.zone}" if where is None else f"every {found.period}"
        ledger.row(
            name,
            workflow.span,
            "",
            DECISION,
            f"EventBridge Scheduler does not know {unit}: nothing starts the machine",
        )
        return ()
    start, end = _bounds(workflow, found, ledger, now)
    if end is not None and end <= max(start or now, now):
        ledger.row("end_date", workflow.span, "", NOTED, "no run is due: there is no schedule")
        return ()
    is_enabled = workflow.arguments.get("is_paused_upon_creation") != Literal(True)
    shown = ", ".join(text for text, _ in made)
    ledger.row(name, workflow.span, "", NOTED, f"started by EventBridge Scheduler: {shown} in {where}")
    _say_clock_changes(workflow, found, ledger, now)
    _say_at_once(workflow, found, ledger, now)
    if isinstance(told := schedule_of(workflow), New) and told.type.endswith(OR_TIME):
        ledger.row(name, workflow.span, "", DECISION, f"its clock starts the machine; besides, {OF_ASSETS}")
    return tuple(Schedule(text, where, start, end, is_enabled, without) for text, without in made)


def _reason(found: Value | None) -> str:
    match found:
        case None | Literal(None) | Literal("None"):
            return ""
        case Literal("@once"):
            return "start the machine once, when it is deployed"
        case Literal("@continuous"):
            return "nothing starts the machine again when an execution has ended"
        case Items() | New() if _is_of_all(found):
            return (
                "the DAG starts when each of its assets was updated since its last run, which no rule of "
                "EventBridge waits for: let what makes an asset mark it in a table of DynamoDB, and start "
                "the machine, and take the marks away, by the one that completes them"
            )
        case Items() | New() if _is_asset(found):
            return OF_ASSETS
        case Literal(value):
            return f"`{value}` cannot be translated: nothing starts the machine"
    return "the schedule cannot be translated: nothing starts the machine"


def _is_of_all(found: Value | None) -> bool:
    """Whether several assets have to be there."""
    match found:
        case Items(items):
            return len(items) > 1
        case New(type=kind, arguments=arguments):
            return kind.endswith(ALL) and len(arguments) > 1
    return False


def _is_asset(found: Value | None) -> bool:
    if isinstance(found, Items):
        return True
    return isinstance(found, New) and found.type.rpartition(".")[2].startswith(("Asset", "Dataset"))


def _expressions(found: Clock) -> list[tuple[str, tuple[int, ...]]] | None:
    if found.crons:
        return [(one.text, one.without) for cron in found.crons for one in expressions(cron)]
    period = found.period or timedelta()
    for unit, length in UNITS:
        if period % length == timedelta():
            count = period // length
            return [(f"rate({count} {unit}{'s' if count > 1 else ''})", ())]
    return None


def _zone_name(zone: tzinfo) -> str | None:
    if isinstance(zone, ZoneInfo):
        return zone.key
    offset = zone.utcoffset(datetime(2024, 1, 1))
    if offset is None or offset % timedelta(hours=1):
        return None
    hours = offset // timedelta(hours=1)
    return "UTC" if not hours else f"Etc/GMT{-hours:+d}"


def _bounds(
    workflow: Workflow, found: Clock, ledger: Report, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """From when and until when it fires; None for a beginning that is past and for no end."""
    start, end = moment_of(workflow, "start_date"), moment_of(workflow, "end_date")
    first = None if start is None else _first(found, start)
    if first is not None and first > now:
        said = f"the first run is due at {_shown(first)}, and a schedule cannot begin before it is deployed"
        ledger.row("start_date", workflow.span, "", NOTED, said)
    elif start is not None:
        said = "it is past: the schedule begins when it is deployed"
        if not found.crons:
            said += f", and so does its count of {found.period}"
        ledger.row("start_date", workflow.span, "", NOTED, said)
    last = None
    if end is not None:
        last = _last(found, start or now, end)
        ledger.row("end_date", workflow.span, "", NOTED, f"the last run is due at {_shown(last)}")
    if first is None or first <= now:
        begins = None
    else:  # a rate counts from there; a cron's first run is not before it
        begins = first if not found.crons else first - timedelta(seconds=1)
    return begins, None if last is None else last + AFTER_LAST


def _last(found: Clock, start: datetime, end: datetime) -> datetime:
    """When the last run comes: at the last tick until the end date, or, of data intervals, of which the last
    begins by then, at the tick after that.
    """
    if found.period is not None:
        ticks = (end - start) // found.period + (1 if found.is_interval else 0)
        return start + ticks * found.period
    if found.is_interval:
        return next(found.due(end + timedelta.resolution), end)
    return end.replace(second=0, microsecond=0)


def _first(found: Clock, start: datetime) -> datetime | None:
    """When the first run comes: at the first tick, or at the end of the interval that begins there."""
    number = 1 if found.is_interval else 0
    return next((moment for index, moment in enumerate(found.due(start)) if index == number), None)


def _shown(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _say_clock_changes(workflow: Workflow, found: Clock, ledger: Report, now: datetime) -> None:
    if not found.crons:
        return
    for begin, end in clock_changes(found.zone, now.year, now.year + YEARS):
        if any(begin <= moment < end for cron in found.crons for moment in _on(cron, begin)):
            said = (
                f"when the clock in {found.zone} changes, as on {begin:%Y-%m-%d}, a run then is left out, or "
                "comes an hour earlier than in Airflow: use another hour, or UTC"
            )
            ledger.row("timezone", workflow.span, "", DECISION, said)
            return


def _say_at_once(workflow: Workflow, found: Clock, ledger: Report, now: datetime) -> None:
    """Where several crons say one moment, for which Airflow has one run."""
    days = (now + timedelta(days=number) for number in range(YEARS * 366) if len(found.crons) > 1)
    for day in days:
        midnight = datetime(day.year, day.month, day.day)
        times = Counter(moment for cron in found.crons for moment in _on(cron, midnight))
        if twice := [moment for moment, count in times.items() if count > 1]:
            said = (
                f"where several of the crons say one moment, as {min(twice):%Y-%m-%d %H:%M}, as many "
                "executions start, and Airflow runs once: take the moment out of one of the schedules"
            )
            ledger.row("schedule", workflow.span, "", DECISION, said)
            return


def _on(cron: Cron | Monthly, day: datetime) -> list[datetime]:
    if not cron.has_date(day):
        return []
    return [day.replace(hour=hour, minute=minute) for hour in cron.hours for minute in cron.minutes]
