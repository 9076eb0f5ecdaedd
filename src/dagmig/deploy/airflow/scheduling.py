"""What starts a machine -> the schedule of its DAG.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html;
https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/timetable.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from dagmig.deploy.airflow.cron import NotCron, airflow_cron
from dagmig.deploy.airflow.starts import Start
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.values import Items, Literal, New, Value
from dagmig.graph.zone import named as zone_named
from dagmig.graph.zone import offsets

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
FORM = re.compile(r"\s*(cron|rate|at)\s*\(\s*(.*?)\s*\)\s*", re.DOTALL)
RATE = re.compile(r"(\d{1,6}) (minute|hour|day)s?")
ONE_CRON, SEVERAL = "airflow.sdk.CronTriggerTimetable", "airflow.sdk.MultipleCronTriggerTimetable"
ASSET = "airflow.sdk.Asset"
CREATED = "Object Created"
HOW = "`POST /api/v2/dags/{dag_id}/dagRuns` of Airflow's REST API"


class Untranslatable(ValueError):
    """A schedule that Airflow does not have; the argument says why."""


def scheduled(starts: Sequence[Start], spans: Mapping[str, Span], ledger: Report) -> dict[str, Value]:
    """The arguments that the DAG gets; ``spans`` are the places of the starts by their pointer. What nobody
    can translate is an open row.
    """
    clocks = _switched_on([start for start in starts if start.expression], spans, ledger)
    for start in starts:
        if not start.expression and start.pattern is None:
            said = f"{start.other} starts the machine: have it call {HOW} with its body as `conf`"
            ledger.row("trigger", spans[start.pointer], "", DECISION, said)
    events = [start for start in starts if start.pattern is not None]
    assets = [asset for start in events if (asset := _asset(start, spans[start.pointer], ledger)) is not None]
    if clocks:
        found = _clocks(clocks, spans, ledger)
        if assets:
            said = "a clock starts the DAG as well: only that is its schedule, and not the events"
            ledger.row("trigger", spans[events[0].pointer], "", DECISION, said)
        return found
    return {"schedule": Items(tuple(assets))} if assets else {}


def _switched_on(clocks: Sequence[Start], spans: Mapping[str, Span], ledger: Report) -> Sequence[Start]:
    """Without those that are switched off, where there are others."""
    on = [start for start in clocks if start.is_enabled]
    for start in clocks if on else ():
        if not start.is_enabled:
            said = f"{start.name}, `{start.expression}`, is switched off in the template, and left out"
            ledger.row("schedule", spans[start.pointer], "", NOTED, said)
    return on or clocks


def _clocks(clocks: Sequence[Start], spans: Mapping[str, Span], ledger: Report) -> dict[str, Value]:
    made: list[tuple[Start, Value]] = []
    for start in clocks:
        try:
            made.append((start, _schedule(start)))
        except Untranslatable as error:
            said = f"{start.name}, `{start.expression}`, starts nothing in Airflow: {error}"
            ledger.row("schedule", spans[start.pointer], "", DECISION, said)
    if not made:
        return {}
    first, schedule = made[0]
    if len(made) > 1:
        together = _together(made)
        if together is None:
            names = ", ".join(start.name for start, _ in made[1:])
            said = f"a DAG has one schedule: {first.name} is it, and {names} has to be a DAG that triggers it"
            ledger.row("schedule", spans[first.pointer], "", DECISION, said)
        else:
            schedule = together
            for start, _ in made[1:]:
                said = f"{start.name}, `{start.expression}`, is the DAG's schedule as well"
                ledger.row("schedule", spans[start.pointer], "", NOTED, said)
            for start, cron in ((one, _rate_as_cron(one)) for one, _ in made):
                if cron:
                    said = f"{start.name}, `{start.expression}`, is `{cron}`, at these times of the clock"
                    ledger.row("schedule", spans[start.pointer], "", NOTED, said)
    return _arguments(first, schedule, spans[first.pointer], ledger)


def _arguments(start: Start, schedule: Value, span: Span, ledger: Report) -> dict[str, Value]:
    found: dict[str, Value] = {"schedule": schedule}
    ledger.row("schedule", span, "", NOTED, f"{start.name}, `{start.expression}`, is the DAG's schedule")
    for name, text in (("start_date", start.first), ("end_date", start.last)):
        moment = _moment(text, timezone.utc)
        if moment is not None:
            found[name] = Literal(moment)
        elif text:
            ledger.row(name, span, "", DECISION, f"`{text}` is no date")
    if start.expression.strip().startswith("at"):
        found["start_date"] = Literal(_at(start))
    if start.expression.strip().startswith("rate") and "start_date" not in found:
        said = "the first run comes when the DAG is switched on, and the others count from it"
        ledger.row("schedule", span, "", NOTED, said)
    if start.window:
        said = f"AWS starts it at some time in {start.window} minutes, Airflow when these begin"
        ledger.row("schedule", span, "", NOTED, said)
    if start.state:
        said = f"whether it is switched on is not known here: {start.state}"
        ledger.row("schedule", span, "", DECISION, said)
    if not start.is_enabled:
        found["is_paused_upon_creation"] = Literal(True)
        ledger.row("schedule", span, "", NOTED, "it is switched off, as in the template")
    zone = _zone(start.zone)
    if start.expression.strip().startswith("cron") and len(offsets(zone)) > 1:
        said = (
            f"at a time that the clock of {start.zone} jumps over, Airflow runs an hour later and AWS not at "
            "all; at one that it shows twice, Airflow runs at the second and AWS at the first"
        )
        ledger.row("timezone", span, "", NOTED, said)
    return found


def _schedule(start: Start) -> Value:
    form = FORM.fullmatch(start.expression)
    if form is None:
        raise Untranslatable("it is not known here")
    kind, inner = form[1], form[2]
    if kind == "rate":
        return Literal(_period(inner))
    if kind == "at":
        _at(start)
        return Literal("@once")
    try:
        cron = airflow_cron(inner)
    except NotCron as error:
        raise Untranslatable(str(error)) from error
    _zone(start.zone)
    return Literal(cron) if start.zone == "UTC" else New(ONE_CRON, (Literal(cron),), _in(start.zone))


def _in(zone: str) -> dict[str, Value]:
    return {"timezone": Literal(zone)}


def _together(made: Sequence[tuple[Start, Value]]) -> Value | None:
    """Several cron expressions in one zone, which begin and end together; rates among them as far as a cron
    expression says the same.
    """
    starts = [start for start, _ in made]
    crons = [_cron(start) or _rate_as_cron(start) for start in starts]
    zones = {start.zone for start in starts if _cron(start)} or {"UTC"}
    bounds = {(start.first, start.last, start.is_enabled) for start in starts}
    is_by_hours = any(
        not _cron(start) and not cron.startswith("*") for start, cron in zip(starts, crons, strict=True)
    )
    if len(bounds) > 1 or len(zones) > 1 or not all(crons) or (is_by_hours and zones != {"UTC"}):
        return None
    return New(SEVERAL, tuple(map(Literal, crons)), _in(zones.pop()))


def _cron(start: Start) -> str:
    """The cron expression of a start; empty where it has none."""
    form = FORM.fullmatch(start.expression)
    return airflow_cron(form[2]) if form is not None and form[1] == "cron" else ""


def _rate_as_cron(start: Start) -> str:
    """The cron expression of a rate that divides an hour or a day; empty for any other start."""
    form = FORM.fullmatch(start.expression)
    if form is None or form[1] != "rate":
        return ""
    minutes, rest = divmod(_period(form[2]), timedelta(minutes=1))
    if not rest and 60 % minutes == 0:
        return "0 * * * *" if minutes == 60 else f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    hours, rest_of_hour = divmod(minutes, 60)
    if rest_of_hour or 24 % hours:
        return ""
    return "0 0 * * *" if hours == 24 else f"0 */{hours} * * *"


def _period(text: str) -> timedelta:
    rate = RATE.fullmatch(text)
    if rate is None or not int(rate[1]):
        raise Untranslatable(f"`{text}` is no rate")
    return int(rate[1]) * {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}.get(
        rate[2], timedelta(days=1)
    )


def _at(start: Start) -> datetime:
    form = FORM.fullmatch(start.expression)
    moment = _moment(form[2] if form else "", _zone(start.zone))
    if moment is None:
        raise Untranslatable("it is no date")
    return moment


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return timezone.utc
    found = zone_named(name)
    if found is None:
        raise Untranslatable(f"there is no time zone `{name}`")
    return found


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _asset(start: Start, span: Span, ledger: Report) -> Value | None:
    """The objects of S3 that an event is about, as an asset; None, and a row, for other events."""
    uri = _created(start.pattern or {})
    if uri is None:
        about = ", ".join(map(str, _texts((start.pattern or {}).get("source")))) or "an event"
        said = f"{start.name} starts the machine at events of {about}: have the rule call {HOW}"
        ledger.row("trigger", span, "", DECISION, f"{said} (an API destination), with the event as `conf`")
        return None
    said = (
        f"objects of S3 start the DAG: tell Airflow of each as an event of the asset `{uri}`, by an "
        "AssetWatcher of a queue or by `POST /api/v2/assets/events`"
    )
    ledger.row("trigger", span, "", DECISION, said)
    return New(ASSET, (Literal(uri),))


def _created(pattern: Mapping[str, Any]) -> str | None:
    """``s3://BUCKET/PREFIX`` where a pattern matches objects that are made in one bucket."""
    detail = pattern.get("detail")
    is_created = _texts(pattern.get("source")) == ["aws.s3"] and _texts(pattern.get("detail-type")) == [
        CREATED
    ]
    if not is_created or not isinstance(detail, dict):
        return None
    bucket, key = detail.get("bucket"), detail.get("object")
    names = _texts(bucket.get("name")) if isinstance(bucket, dict) else []
    if len(names) != 1 or "${" in names[0]:
        return None
    keys = key.get("key") if isinstance(key, dict) else None
    one = keys[0] if isinstance(keys, list) and len(keys) == 1 else None
    prefix = one.get("prefix", "") if isinstance(one, dict) else one
    return f"s3://{names[0]}/{prefix if isinstance(prefix, str) else ''}"


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
