"""The dates of runs: those that real Airflow 2 and 3 give them, and those that a machine computes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dagmig.airflow.read import read
from dagmig.asl.lower.dates import Dates, dates
from dagmig.asl.lower.scene import Untranslatable
from dagmig.diagnostics import Report
from jsonata_run import Execution

SCRIPT = Path(__file__).with_name("date_runs.py")
TICKS = 60
MOMENTS = [
    "2024-03-01T00:00:00+00:00", "2024-02-29T23:59:59+00:00", "2024-05-15T12:34:56+00:00",
    "2024-12-31T18:30:00+00:00", "2024-10-27T01:30:00+00:00", "2025-01-01T03:00:00+00:00",
]  # fmt: skip
HEAD = """\
from datetime import datetime, timedelta
from airflow import DAG
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable
import pendulum

START = datetime(2024, 1, 10, 4, 20)


def at(zone):
    return pendulum.datetime(2024, 1, 10, 4, 20, tz=zone)


"""
SCHEDULES = {
    "hourly": '"@hourly"',
    "daily": '"@daily"',
    "weekly": '"@weekly"',
    "monthly": '"@monthly"',
    "quarterly": '"@quarterly"',
    "yearly": '"@yearly"',
    "at_three": '"0 3 * * *"',
    "quarters": '"*/15 * * * *"',
    "sevens": '"*/7 * * * *"',
    "twice": '"30 3,15 * * *"',
    "office": '"*/20 9-17 * * 1-5"',
    "workdays": '"0 6 * * 1-5"',
    "sunday": '"15 2 * * 7"',
    "either": '"0 0 13 * 5"',
    "ends": '"0 0 31 * *"',
    "leap": '"0 0 29 2 *"',
    "first_of_some": '"0 12 1,15 1-6 *"',
    "stars": '"0 0 */2 * 1"',
    "named": '"0 4 * jan-mar mon,WED"',
    "six_hours": '"0 */6 * * *"',
    "five_hours": '"0 */5 * * *"',
    "delta": "timedelta(days=1)",
    "delta_hours": "timedelta(hours=5, minutes=30)",
    "once": '"@once"',
    "none": "None",
    "explicit": 'CronTriggerTimetable("0 3 * * *", timezone="UTC")',
    "explicit_length": 'CronTriggerTimetable("0 3 * * *", timezone="UTC", interval=timedelta(days=1))',
    "explicit_interval": 'CronDataIntervalTimetable("0 3 * * 1", timezone="UTC")',
    "explicit_delta": "DeltaDataIntervalTimetable(timedelta(hours=8))",
    "explicit_trigger": "DeltaTriggerTimetable(timedelta(hours=8))",
}
ZONED = {
    "tokyo": ('"0 3 * * *"', "Asia/Tokyo"),
    "tokyo_workdays": ('"0 3 * * 1-5"', "Asia/Tokyo"),
    "tokyo_monthly": ('"0 3 1 * *"', "Asia/Tokyo"),
    "tokyo_twice": ('"0 3,20 * * 1,3"', "Asia/Tokyo"),
    "kolkata": ('"15 */4 * * *"', "Asia/Kolkata"),
    "paris_hourly": ('"@hourly"', "Europe/Paris"),
    "paris_quarters": ('"*/15 * * * *"', "Europe/Paris"),
}
CHANGING = {"paris": ('"0 3 * * *"', "Europe/Paris"), "paris_days": ('"0 3 * * 1-5"', "Europe/Paris")}


def file_of(version: str) -> str:
    """DAGs with all schedules that a version of Airflow has."""
    made = [f'{name} = DAG("{name}", schedule={said}, start_date=START)' for name, said in SCHEDULES.items()]
    made += [
        f'{name} = DAG("{name}", schedule={said}, start_date=at("{zone}"))'
        for name, (said, zone) in {**ZONED, **CHANGING}.items()
    ]
    return HEAD + "\n".join(made) + "\n"


@pytest.fixture(scope="module", params=["2", "3"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The version, what Airflow says, and what dagmig knows of each DAG."""
    version = request.param
    python = request.getfixturevalue("airflow_python" if version == "3" else "airflow2_python")
    home = tmp_path_factory.mktemp("airflow")
    file = home / "dated.py"
    file.write_text(file_of(version))
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "PYTHONWARNINGS": "ignore"}
    command = [str(part) for part in (python, SCRIPT, file, TICKS, *MOMENTS)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    workflows = read(file.read_text(), "dated.py", Report())
    known = {one.id: dates(one, is_airflow_3=version == "3") for one in workflows}
    return version, json.loads(run.stdout), known


def computed(known: Dates, name: str, given: dict[str, str], start: str = "2024-01-01T00:00:00Z") -> Any:
    """A date as the machine computes it."""
    execution = Execution(lambda *_: None, given, start=start)
    return execution.value(f"{{% {known.of(name)} %}}", {})


def normal(moment: str | None) -> str | None:
    return moment and re.sub(r"Z$", "+00:00", moment)


@pytest.mark.parametrize("name", [*SCHEDULES, *ZONED])
def test_dates_of_scheduled_runs(name: str, found: Any) -> None:
    _, said, known = found
    runs = said[name]["scheduled"]
    assert len(runs) == {"once": 1, "none": 0}.get(name, TICKS)
    for run in runs:
        given = {"scheduled_time": run["scheduled_time"].replace("+00:00", "Z")}
        for key in sorted(run.keys() - {"scheduled_time"}):
            try:
                mine = computed(known[name], key, given)
            except Untranslatable:
                assert key.endswith("execution_date")
                continue
            assert (key, mine) == (key, normal(run[key])), (given, known[name].of(key))


@pytest.mark.parametrize("name", [*SCHEDULES, *ZONED])
@pytest.mark.parametrize("is_given", [True, False])
def test_dates_of_runs_by_hand(name: str, is_given: bool, found: Any) -> None:
    _, said, known = found
    for run in said[name]["by hand"]:
        given = {"logical_date": run["start"]} if is_given else {}
        for key in ("logical_date", "data_interval_start", "data_interval_end"):
            mine = computed(known[name], key, given, run["start"])
            assert (key, mine) == (key, normal(run[key])), (run, known[name].of(key))


@pytest.mark.parametrize("name", CHANGING)
def test_a_zone_whose_clock_changes_is_no_guess(name: str, found: Any) -> None:
    version, said, known = found
    assert bool(known[name].doubt) == (version == "2")
    for run in said[name]["scheduled"] if version == "3" else ():
        assert computed(known[name], "logical_date", run) == normal(run["logical_date"])
