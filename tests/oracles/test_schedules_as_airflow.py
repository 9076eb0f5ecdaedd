"""When EventBridge Scheduler starts our machines, beside when real timetables of Airflow say runs are due.

In a zone whose clock changes they may differ only in the hours that it jumps over or shows twice, and only
where the ledger says so.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from heapq import merge
from itertools import islice, product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import eventbridge
from dagmig.deploy.functions import Surroundings
from dagmig.deploy.make import stack
from dagmig.deploy.moments import clock_changes
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl

SCRIPT = Path(__file__).with_name("timetable_worker.py")
UTC = timezone.utc
NOW = datetime(2025, 1, 1, tzinfo=UTC)
COUNT, LAST_YEAR = 150, 2030
CRONS = (
    "0 3 * * *", "30 2 * * *", "30 1 * * *", "*/20 * * * *", "15 */6 * * 1-5", "0 0 1,15 * *", "0 12 L * *",
    "45 23 * 3,11 L0", "0 9 * * 1#2", "0 0 1 1/3 *",
)  # fmt: skip
SPANS = (3600, 86400, 5400, 7 * 86400)
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Europe/Berlin")
BEGIN, OTHER = "2025-02-01T00:00:00", "2025-02-03T04:30:00"
BOUNDS = (
    (OTHER, None),
    (OTHER, "2025-05-01T00:00:00"),
    (OTHER, "2025-04-30T23:59:30"),
    (OTHER, "2025-02-03T04:30:00"),
)


def cases() -> Iterator[dict[str, Any]]:
    for is_interval in (True, False):
        for every in (*CRONS, *SPANS):
            zones = ZONES if isinstance(every, str) else ("UTC",)
            for zone, (start, end) in [
                *((zone, (BEGIN, None)) for zone in zones),
                *(("UTC", b) for b in BOUNDS),
            ]:
                yield {
                    "every": every,
                    "is_interval": is_interval,
                    "zone": zone,
                    "start": f"{start}+00:00",
                    "end": end and f"{end}+00:00",
                    "count": COUNT,
                }


SEVERAL = (
    ["0 3 * * *", "0 9 * * 1"],
    ["*/20 * * * *", "5 0 1 * *"],
    ["0 12 L * *", "0 9 * * 1#2", "30 4 1,15 * *"],
)


def several() -> Iterator[dict[str, Any]]:
    """Crons of one timetable that never say one moment."""
    for crons, zone in product(SEVERAL, ZONES):
        bounds = {"start": f"{BEGIN}+00:00", "end": None, "count": COUNT}
        yield {"every": crons, "is_interval": False, "zone": zone, **bounds}


def started(case: dict[str, Any]) -> tuple[list[datetime], bool]:
    """When our schedule starts the machine, and whether the ledger says that a clock changes."""
    every, zone = case["every"], ZoneInfo(case["zone"])
    schedule = repr(every) if isinstance(every, str) else f"timedelta(seconds={every})"
    if isinstance(every, list):
        schedule = f"MultipleCronTriggerTimetable({repr(every)[1:-1]}, timezone='{zone.key}')"
    start = datetime.fromisoformat(case["start"]).astimezone(zone)
    shown = ", ".join(map(str, (start.year, start.month, start.day, start.hour, start.minute)))
    end = ""
    if case["end"]:
        last = datetime.fromisoformat(case["end"])
        moment = ", ".join(map(str, last.timetuple()[:6]))
        end = f", end_date=pendulum.datetime({moment}, tz='UTC')"
    source = (
        "import pendulum\nfrom datetime import timedelta\nfrom airflow import DAG\n"
        "from airflow.timetables.trigger import MultipleCronTriggerTimetable\n"
        "from airflow.operators.empty import EmptyOperator\n"
        f"with DAG('d', schedule={schedule}, start_date=pendulum.datetime({shown}, tz='{zone.key}'){end}):\n"
        "    EmptyOperator(task_id='a')\n"
    )
    (one,) = airflow_to_asl(source, "d.py", Report())
    assert one.workflow is not None
    around = Surroundings(None, {})
    found = stack(one, one.workflow, source, around, NOW, is_airflow_3=not case["is_interval"])
    if not found.schedules:  # no run is due
        return [], False
    each = []
    for made in found.schedules:
        assert made.start is not None
        moments = eventbridge.fires(made.expression, made.start, ZoneInfo(made.timezone))
        each.append(moment for moment in islice(moments, COUNT) if made.end is None or moment <= made.end)
    assert len(each) == (len(every) if isinstance(every, list) else 1)
    runs = list(islice(merge(*each), COUNT))
    return runs, any(row.construct == "timezone" for row in one.report.rows)


def test_schedules_are_due_as_airflow_says(
    tmp_path: Path, airflow_python: Path, airflow2_python: Path
) -> None:
    given = [*cases(), *several()]
    for python, is_interval in ((airflow2_python, True), (airflow_python, False), (airflow_python, True)):
        asked = [case for case in given if case["is_interval"] is is_interval]
        file = tmp_path / "cases.json"
        file.write_text(json.dumps(asked))
        home = {"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        answered = subprocess.run(
            [python, SCRIPT, file], capture_output=True, text=True, env=home, check=False
        )
        assert answered.returncode == 0, answered.stderr[-2000:]
        for case, theirs in zip(asked, json.loads(answered.stdout), strict=True):
            _compare(case, [datetime.fromisoformat(moment) for moment in theirs])


def _compare(case: dict[str, Any], theirs: list[datetime]) -> None:
    ours, is_said = started(case)
    until = (
        min(ours[-1], theirs[-1]) if len(ours) == len(theirs) == COUNT else datetime.max.replace(tzinfo=UTC)
    )
    different = {moment for moment in {*ours} ^ {*theirs} if moment <= until and moment.year < LAST_YEAR}
    if not is_said:
        assert not different, case
    zone = ZoneInfo(case["zone"])
    for moment in different:
        local = moment.astimezone(zone).replace(tzinfo=None)
        assert any(begin <= local < end for begin, end in _changes(zone)), (case, moment)


@cache
def _changes(zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The hours around those that the zone's clock jumps over or shows twice."""
    hour = timedelta(hours=1)
    return [(begin - hour, end + hour) for begin, end in clock_changes(zone, 2025, LAST_YEAR)]
