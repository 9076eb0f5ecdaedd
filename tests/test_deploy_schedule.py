"""Schedules: what EventBridge Scheduler does with ours, against croniter, which Airflow asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from heapq import merge
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

import eventbridge
from dagmig.deploy.cron import Expression, expressions
from dagmig.deploy.functions import Surroundings
from dagmig.deploy.guard import guarded
from dagmig.deploy.make import stack
from dagmig.deploy.moments import fires
from dagmig.deploy.monthly import cron
from dagmig.deploy.schedule import Schedule
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution

UTC, NEW_YORK = timezone.utc, ZoneInfo("America/New_York")
NOW = datetime(2024, 1, 1, tzinfo=UTC)
NOWHERE = Surroundings(None, {})
COUNT, LAST_YEAR = 500, 2090
NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def field(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """A field in croniter's dialect: lists of numbers, ranges and steps, and names."""
    number = st.integers(low, high).map(str)
    pair = st.tuples(st.integers(low, high), st.integers(low, high))
    span = pair.filter(lambda two: (two[0] - two[1]) % 7).map(lambda two: f"{two[0]}-{two[1]}")
    up = pair.filter(lambda two: two[0] != two[1]).map(lambda two: f"{min(two)}-{max(two)}")
    step = st.integers(1, high).map(str)
    stepped = st.tuples(st.one_of(up, st.just("*"), number), step).map("/".join)
    named = st.sampled_from(names) if names else number
    items = st.one_of(number, span, stepped, named)
    return st.one_of(st.just("*"), st.lists(items, min_size=1, max_size=3).map(",".join))


DAYS = st.one_of(
    st.tuples(st.one_of(st.just("?"), field(1, 31)), field(1, 12, MONTHS), field(0, 7, NAMES)),
    st.tuples(st.just("L"), field(1, 12), st.just("*")),
    st.tuples(st.just("*"), field(1, 12), st.integers(0, 6).map("L{}".format)),
    st.tuples(
        st.just("*"),
        field(1, 12),
        st.lists(st.builds("{}#{}".format, st.integers(0, 6), st.integers(1, 5)), min_size=1, max_size=3).map(
            ",".join
        ),
    ),
)
CRONS = st.builds(
    lambda minute, hour, days: " ".join([minute, hour, *days]), field(0, 59), field(0, 23), DAYS
)


def scheduled(text: str, zone: timezone | ZoneInfo) -> Iterator[datetime]:
    """When the schedules of a cron start a run, each with the days that the machine's guard leaves out."""
    return merge(*(_started(one, zone) for one in expressions(cron(text))))


def _started(one: Expression, zone: timezone | ZoneInfo) -> Iterator[datetime]:
    for moment in eventbridge.fires(one.text, NOW, zone):
        if moment.astimezone(zone).day not in one.without:
            yield moment


def asked(text: str) -> Iterator[datetime]:
    """The times, without a zone, that croniter says."""
    times = croniter(text, NOW.replace(tzinfo=None) - timedelta(seconds=1), max_years_between_matches=60)
    return takewhile(lambda moment: moment.year < LAST_YEAR, times.all_next(datetime))


@settings(max_examples=60)
@given(CRONS)
def test_fires_when_croniter_says(text: str) -> None:
    expected = list(islice(asked(text), COUNT))
    for moments in (scheduled(text, UTC), fires(cron(text), NOW, UTC)):
        until = takewhile(lambda moment: moment.year < LAST_YEAR, moments)
        assert [moment.replace(tzinfo=None) for moment in islice(until, len(expected))] == expected


@settings(max_examples=40)
@given(CRONS)
def test_in_a_zone_fires_at_the_times_that_its_clock_shows(text: str) -> None:
    """A time that does not come in March is left out, one that comes twice in November is the first."""
    start = NOW.astimezone(NEW_YORK).replace(tzinfo=None)
    times = croniter(text, start - timedelta(seconds=1), max_years_between_matches=60)
    local = islice(takewhile(lambda moment: moment.year < LAST_YEAR, times.all_next(datetime)), COUNT)
    pairs = [(moment, moment.replace(tzinfo=NEW_YORK).astimezone(UTC)) for moment in local]
    expected = [utc for said, utc in pairs if utc.astimezone(NEW_YORK).replace(tzinfo=None) == said]
    assert list(islice(scheduled(text, NEW_YORK), len(expected))) == expected
    assert list(islice(fires(cron(text), NOW, NEW_YORK), len(expected))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@daily", ["cron(0 0 * * ? *)"]),
        ("@hourly", ["cron(0 * * * ? *)"]),
        ("@weekly", ["cron(0 0 ? * 1 *)"]),
        ("@monthly", ["cron(0 0 1 * ? *)"]),
        ("@quarterly", ["cron(0 0 1 1/3 ? *)"]),
        ("@yearly", ["cron(0 0 1 1 ? *)"]),
        ("*/15 8-17 * * mon-fri", ["cron(0/15 8-17 ? * 2-6 *)"]),
        ("0 3 * * */2", ["cron(0 3 ? * 1,3,5,7 *)"]),
        ("0 3 ? * 7", ["cron(0 3 ? * 1 *)"]),
        ("0 3 L * *", ["cron(0 3 L * ? *)"]),
        ("0 3 * 6 L5", ["cron(0 3 ? 6 6L *)"]),
        ("0 3 * * mon#1,3#2", ["cron(0 3 ? * 2#1 *)", "cron(0 3 ? * 4#2 *)"]),
        ("0 3 1,15 * 1", ["cron(0 3 1,15 * ? *)", "cron(0 3 ? * 2 *)"]),
        ("0 3 1-31 * 1", ["cron(0 3 * * ? *)"]),
    ],
)
def test_expressions(text: str, expected: list[str]) -> None:
    assert [one.text for one in expressions(cron(text))] == expected


@pytest.mark.parametrize(
    "text",
    [
        "0 3 L * 1",
        "0 3 1,L * *",
        "0 3 * * L5,1#2",
        "0 3 * * 1#2,3",
        "0 0 15W * *",
        "R 3 * * *",
        "3-3 3 * * *",
        "0 22-11/3 * * *",
        "often",
    ],
)
def test_what_no_schedule_says_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        cron(text)


HEAD = """\
import pendulum
from datetime import datetime, timedelta
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.sdk import Asset
A = Asset("x://a")
from airflow.timetables.trigger import MultipleCronTriggerTimetable
"""


OR_TIME, DAILY = "AssetOrTimeSchedule", ["cron(0 3 * * ? *)"]
SEVERAL = "MultipleCronTriggerTimetable"


def made(arguments: str, airflow: int = 2, now: datetime = NOW) -> tuple[tuple[Schedule, ...], list[str]]:
    """The schedules of a DAG, and its rows about them."""
    source = f"{HEAD}\nwith DAG('d', {arguments}):\n    EmptyOperator(task_id='a')\n"
    (one,) = airflow_to_asl(source, "d.py", Report())
    assert one.workflow is not None
    found = stack(one, one.workflow, source, NOWHERE, now, is_airflow_3=airflow == 3)
    return found.schedules, [f"{row.construct}: {row.difference}" for row in one.report.rows]


@pytest.mark.parametrize(
    ("arguments", "airflow", "expressions"),
    [
        ("schedule='0 3 * * *'", 3, ["cron(0 3 * * ? *)"]),
        ("schedule_interval='@daily'", 2, ["cron(0 0 * * ? *)"]),
        ("start_date=datetime(2024, 1, 1)", 2, ["rate(1 day)"]),
        ("start_date=datetime(2024, 1, 1)", 3, []),
        ("schedule=None", 2, []),
        ("schedule=timedelta(minutes=90)", 2, ["rate(90 minutes)"]),
        ("schedule=timedelta(hours=1)", 3, ["rate(1 hour)"]),
        ("schedule=timedelta(days=14)", 3, ["rate(14 days)"]),
        ("schedule=timedelta(seconds=90)", 3, []),
        ("schedule='@once'", 3, []),
        ("schedule='@continuous'", 3, []),
        ("timetable=CronTriggerTimetable('0 3 * * 1', timezone='Europe/Berlin')", 2, ["cron(0 3 ? * 2 *)"]),
        ("schedule=CronDataIntervalTimetable('0 3 L * *', 'UTC')", 3, ["cron(0 3 L * ? *)"]),
        ("schedule=DeltaTriggerTimetable(timedelta(hours=2))", 3, ["rate(2 hours)"]),
        ("schedule='0 3 15W * *'", 3, []),
        (
            f"schedule={OR_TIME}(timetable=CronTriggerTimetable('0 3 * * *', timezone='UTC'), assets=[A])",
            3,
            DAILY,
        ),
        (
            f"schedule={SEVERAL}('0 3 * * *', '0 9 * * 1', timezone='UTC')",
            3,
            ["cron(0 3 * * ? *)", "cron(0 9 ? * 2 *)"],
        ),
        (f"schedule={SEVERAL}('@daily', '0 0 * * *', timezone='UTC')", 3, ["cron(0 0 * * ? *)"]),
        (f"schedule={SEVERAL}('0 3 * * *', '0 3 15W * *', timezone='UTC')", 3, []),
        (f"schedule={SEVERAL}('0 3 * * *', timezone=where())", 3, []),
    ],
)
def test_schedules(arguments: str, airflow: int, expressions: list[str]) -> None:
    found, rows = made(arguments, airflow)
    assert [one.expression for one in found] == expressions
    for one in found:
        next(eventbridge.fires(one.expression, NOW, ZoneInfo(one.timezone)))
    assert found or "None" in arguments or "start_date" in arguments or any(
        row.startswith(("schedule: ", "timetable: ")) for row in rows
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "zone"),
    [
        ("start_date=pendulum.datetime(2024, 1, 1, tz='America/New_York')", "America/New_York"),
        ("start_date=datetime(2024, 1, 1)", "UTC"),
        ("default_args={'start_date': pendulum.datetime(2024, 1, 1, tz='Asia/Kolkata')}", "Asia/Kolkata"),
    ],
)
def test_zones(arguments: str, zone: str) -> None:
    found, _ = made(f"schedule='0 3 * * *', {arguments}")
    assert [one.timezone for one in found] == [zone]


@pytest.mark.parametrize(
    ("crons", "said"),
    [
        ("'0 3 * * *', '0 9 * * 1'", ""),
        ("'0 3 * * *', '0 3 * * 1'", "as 2025-01-06 03:00"),
        ("'0 3 1 * *', '0 3 L 2 *'", ""),
        ("'0 3 29 2 *', '0 3 L 2 *'", "as 2028-02-29 03:00"),
    ],
)
def test_one_moment_of_several_crons_is_said(crons: str, said: str) -> None:
    """Airflow has one run for it, each schedule an execution."""
    _, rows = made(f"schedule={SEVERAL}({crons}, timezone='UTC')", 3, datetime(2025, 1, 1, tzinfo=UTC))
    told = [row for row in rows if "several of the crons" in row]
    assert len(told) == bool(said)
    assert said in "".join(told)


def test_assets_beside_a_clock_are_said() -> None:
    timetable = "timetable=CronTriggerTimetable('0 3 * * *', timezone='UTC')"
    found, rows = made(f"schedule={OR_TIME}({timetable}, assets=[A])", 3)
    assert len(found) == 1
    assert any("besides, assets start the DAG" in row for row in rows)


@pytest.mark.parametrize("assets", ["[a, b]", "a & b", "(a & b)"])
def test_all_of_several_assets_is_no_event(assets: str) -> None:
    source = (
        "from airflow.sdk import DAG, Asset\n"
        "from airflow.providers.standard.operators.empty import EmptyOperator\n"
        "a, b = Asset('x://a'), Asset('x://b')\n"
        f"with DAG('d', schedule={assets}):\n    EmptyOperator(task_id='t')\n"
    )
    (one,) = airflow_to_asl(source, "d.py", Report())
    assert one.workflow is not None
    found = stack(one, one.workflow, source, NOWHERE, NOW, is_airflow_3=True)
    assert not found.schedules
    assert any("table of DynamoDB" in row.difference for row in one.report.rows if row.disposition.is_open)


def test_a_clock_that_changes_is_said_only_where_a_run_is_due_then() -> None:
    start = "start_date=pendulum.datetime(2024, 1, 1, tz='America/New_York')"
    for text, is_said in (
        ("30 2 * * *", True),
        ("30 1 * * *", True),
        ("30 3 * * *", False),
        ("0 9 * * *", False),
    ):
        _, rows = made(f"schedule='{text}', {start}")
        assert any(row.startswith("timezone: when the clock") for row in rows) == is_said, text


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "Etc/GMT+8"])
def test_each_run_is_started_once(zone: str) -> None:
    """The machine that two schedules start ends at once on the days of the other."""
    start = f"start_date=pendulum.datetime(2024, 1, 1, tz='{zone}')"
    source = f"{HEAD}\nwith DAG('d', schedule='30 1 1,15 * 1', {start}):\n    EmptyOperator(task_id='a')\n"
    (one,) = airflow_to_asl(source, "d.py", Report())
    assert one.workflow is not None
    found = stack(one, one.workflow, source, NOWHERE, NOW, is_airflow_3=True)
    runs = []
    for schedule in found.schedules:
        for moment in islice(eventbridge.fires(schedule.expression, NOW, ZoneInfo(zone)), 60):
            given = {**schedule.input, "scheduled_time": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
            execution = Execution(lambda *_: {}, given)
            execution.run(found.machine)
            runs += [moment] if "a" in execution.trace else []
    expected = croniter("30 1 1,15 * 1", datetime(2023, 12, 31)).all_next(datetime)
    aware = [moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for moment in islice(expected, 70)]
    assert sorted(runs)[:60] == [moment for moment in aware if moment >= NOW][:60]


def test_a_guard_is_not_made_where_the_clock_changes() -> None:
    with pytest.raises(ValueError):
        guarded({"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}, NEW_YORK)
    found, rows = made(
        "schedule='30 4 1 * 1', start_date=pendulum.datetime(2024, 1, 1, tz='America/New_York')"
    )  # fmt: skip
    assert len(found) == 2
    assert any("two executions start" in row for row in rows)
