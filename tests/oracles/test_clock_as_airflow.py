"""Branches and sensors that look at the clock: what Airflow makes of a moment, and what the machine does."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution, Failed

SCRIPT = Path(__file__).with_name("clock_worker.py")
HEAD = """\
from datetime import datetime, time, timedelta, timezone
import pendulum
from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.weekday import BranchDayOfWeekOperator
from airflow.providers.standard.sensors.time import TimeSensor
from airflow.providers.standard.sensors.weekday import DayOfWeekSensor
from airflow.providers.standard.utils.weekday import WeekDay
from airflow import DAG

MARCH = pendulum.datetime(2024, 3, 1)
IDS = {"task_id": "t", "follow_task_ids_if_true": "yes", "follow_task_ids_if_false": ["no", "never"]}
"""
MOMENTS = [
    "2024-05-06T07:08:09+00:00", "2024-05-06T00:00:00+00:00", "2024-05-06T23:59:59+00:00",
    "2024-05-10T12:00:00+00:00", "2024-05-11T18:30:00+00:00", "2024-05-12T20:00:00+00:00",
    "2024-02-29T10:00:00+00:00", "2024-12-31T22:30:00+00:00",
]  # fmt: skip
ZONES = ("", "start_date=pendulum.datetime(2024, 1, 1, tz='Asia/Kolkata')",
         "start_date=pendulum.datetime(2024, 1, 1, tz='Etc/GMT+8')")  # fmt: skip
TIMES = [
    "BranchDateTimeOperator(target_lower=None, target_upper=datetime(2024, 5, 10, 12), **IDS)",
    "BranchDateTimeOperator(target_lower=datetime(2024, 5, 6, 7, 8, 9), target_upper=None, **IDS)",
    "BranchDateTimeOperator(target_lower=MARCH, target_upper=datetime(2024, 9, 1), **IDS)",
    "BranchDateTimeOperator(target_lower=time(7), target_upper=time(19, 30), **IDS)",
    "BranchDateTimeOperator(target_lower=time(19), target_upper=time(7, 30, 5), **IDS)",
    "BranchDateTimeOperator(target_lower=time(12), target_upper=None, **IDS)",
    "BranchDateTimeOperator(target_lower=None, target_upper=time(12, tzinfo=timezone.utc), **IDS)",
    "BranchDateTimeOperator(target_lower=datetime(2024, 5, 11), target_upper=time(19), **IDS)",
    "BranchDateTimeOperator(target_lower=time(8), target_upper=datetime(2024, 5, 11, 3), **IDS)",
    "BranchDayOfWeekOperator(week_day='Monday', **IDS)",
    "BranchDayOfWeekOperator(week_day={'saturday', 'Sunday'}, **IDS)",
    "BranchDayOfWeekOperator(week_day={WeekDay.FRIDAY, WeekDay.SUNDAY}, **IDS)",
    "BranchDayOfWeekOperator(week_day=[WeekDay.WEDNESDAY], use_task_logical_date=True, **IDS)",
    "BranchDayOfWeekOperator(week_day=WeekDay.TUESDAY, **IDS)",
]
SENSORS = [
    "DayOfWeekSensor(task_id='t', week_day='Monday')",
    "DayOfWeekSensor(task_id='t', week_day={WeekDay.SATURDAY, 'Thursday'})",
    "DayOfWeekSensor(task_id='t', week_day='Sunday', use_task_logical_date=True)",
    "TimeSensor(task_id='t', target_time=time(7, 8, 8))",
    "TimeSensor(task_id='t', target_time=time(20, 15))",
]
OF_RUN = "**IDS, use_task_logical_date=True"
BRANCHES = [*TIMES, *(text.replace("**IDS", OF_RUN) for text in TIMES if "logical" not in text)]
AFTER = ("never", "no", "yes")
SECOND = timedelta(seconds=1)


def source(operator: str, zone: str) -> str:
    """A DAG file of the task, and of those that it chooses."""
    after = f"    t >> [EmptyOperator(task_id=name) for name in {AFTER}]\n" if "Branch" in operator else ""
    return f'{HEAD}\nwith DAG("d", schedule=None, {zone}) as d:\n    t = {operator}\n{after}'


CASES = {f"{operator} {zone}": source(operator, zone) for operator in (*BRANCHES, *SENSORS) for zone in ZONES}


def executed(text: str, moment: str) -> tuple[list[str], timedelta | None]:
    """Which tasks a branch chose, and how long a sensor waits: None where it gives up."""
    report = Report()
    (one,) = airflow_to_asl(text, "d.py", report)
    assert not report.has_open_rows
    start = moment.replace("+00:00", ".000Z")
    execution = Execution(lambda *_: {}, {"logical_date": moment}, start=start)
    try:
        execution.run(one.machine)
    except Failed:
        return [], None
    chosen = sorted({name for name in execution.trace if name in AFTER})
    return chosen, timedelta(seconds=execution.seconds)


def asked(moment: str, waits: timedelta | None) -> list[str]:
    """The moments that Airflow is asked about: now, and just before and after the wait ends."""
    if not waits:
        return [moment]
    until = datetime.fromisoformat(moment) + waits
    return [moment, *(at.isoformat() for at in (until - SECOND, until + SECOND))]


@pytest.fixture(scope="module")
def found() -> dict[str, list[tuple[list[str], timedelta | None]]]:
    return {name: [executed(text, moment) for moment in MOMENTS] for name, text in CASES.items()}


def answers(python: Path, found: dict[str, list[Any]], folder: Path) -> dict[str, Any]:
    moments = {
        name: [
            at for moment, (_, waits) in zip(MOMENTS, found[name], strict=True) for at in asked(moment, waits)
        ]
        for name in CASES
    }
    cases = {name: {"source": text, "moments": moments[name]} for name, text in CASES.items()}
    (folder / "cases.json").write_text(json.dumps(cases))
    environment = {**os.environ, "AIRFLOW_HOME": str(folder), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [str(part) for part in (python, SCRIPT, folder / "cases.json")]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    answered: dict[str, Any] = json.loads(run.stdout)
    return {name: dict(zip(moments[name], answered[name], strict=True)) for name in CASES}


def test_branches_and_sensors_do_what_airflow_does(
    airflow_python: Path, found: dict[str, list[Any]], tmp_path: Path
) -> None:
    """Of branches the ids; of sensors no, as long as it waits, and then yes."""
    answered = answers(airflow_python, found, tmp_path)
    wrong = []
    for name in CASES:
        for moment, (chosen, waits) in zip(MOMENTS, found[name], strict=True):
            expected = answered[name]
            if "Branch" in name:
                said = [expected[moment]] if isinstance(expected[moment], str) else expected[moment]
                is_same = said == chosen
            elif not waits:
                is_same = expected[moment] is (waits is not None)
            else:
                is_same = [expected[at] for at in asked(moment, waits)] == [False, False, True]
            if not is_same:
                wrong.append((name, moment, chosen, waits))
    assert not wrong[:5]
