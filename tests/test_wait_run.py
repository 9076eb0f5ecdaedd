"""Waits and triggered DAGs, run: how long, until when, with which input and under which name."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import Lowering, airflow_to_asl
from jsonata_run import Execution, Failed

HEAD = """\
from datetime import datetime, time, timedelta
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
from airflow.providers.standard.sensors.time import TimeSensor
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor, WaitSensor
from airflow.providers.standard.sensors.weekday import DayOfWeekSensor
from airflow.sdk import DAG

with DAG("d", schedule=None, params={"n": 3}):
"""
START = "2024-05-06T07:08:09.000Z"
HOUR = 3600
AT = {"at": "2024-05-06T09:08:09+01:00", "short": "2024-05-06 08:08"}


def run(body: str, calls: list[Any] | None = None, conf: Any = None) -> Execution:
    def call(resource: str, arguments: Any) -> Any:
        assert calls is not None
        calls.append((resource, arguments))
        return {"ExecutionArn": "arn:aws:states:eu-west-1:1:execution:m:e-1"}

    (one,) = airflow_to_asl(f"{HEAD}    {body}\n", "dag.py", Report())
    execution = Execution(call, {} if conf is None else {"conf": conf}, start=START)
    execution.run(one.machine)
    return execution


@pytest.mark.parametrize(
    ("sensor", "seconds"),
    [
        ("WaitSensor(task_id='t', time_to_wait=timedelta(seconds=90))", 90),
        ("WaitSensor(task_id='t', time_to_wait=2)", 120),
        ("WaitSensor(task_id='t', time_to_wait='{{ params.n }}')", 180),
        ("TimeDeltaSensor(task_id='t', delta=timedelta(hours=1))", HOUR),
        ("TimeDeltaSensor(task_id='t', delta=-timedelta(hours=1))", 0),
        ("DateTimeSensor(task_id='t', target_time='2024-05-06T08:08:09+00:00')", HOUR),
        ("DateTimeSensor(task_id='t', target_time='2024-05-06T08:08:09')", HOUR),
        ("DateTimeSensor(task_id='t', target_time=datetime(2024, 5, 6, 8, 8, 9))", HOUR),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ ds }}T08:08:09')", HOUR),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ ds }} 08:08:09')", HOUR),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ ds }} 08:08')", HOUR - 9),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ ds }} 10:08:09+02:00')", HOUR),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ macros.ds_add(ds, 1) }}')", 24 * HOUR - 25_689),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ ts }}')", 0),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ data_interval_end }}')", 0),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ logical_date.add(hours=1) }}')", HOUR),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ macros.datetime.now() }}')", 0),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ params.short }}')", HOUR - 9),
        ("DateTimeSensorAsync(task_id='t', target_time='{{ params.at }}')", HOUR),
        ("DateTimeSensor(task_id='t', target_time='2020-01-01')", 0),
        ("TimeSensor(task_id='t', target_time=time(8, 8, 9))", HOUR),
        ("TimeSensor(task_id='t', target_time=time(7))", 0),
        ("DayOfWeekSensor(task_id='t', week_day='monday')", 0),
        ("DayOfWeekSensor(task_id='t', week_day={'Tuesday', 'Sunday'})", 24 * HOUR - 25_689),
    ],
)
def test_how_long(sensor: str, seconds: int) -> None:
    assert run(sensor, conf=AT).seconds == seconds


LATER = "target_time='2024-05-06T08:08:09+00:00'"
GIVES_UP = [
    (f"DateTimeSensor(task_id='t', {LATER}, timeout=3601)", HOUR),
    (f"DateTimeSensor(task_id='t', {LATER}, timeout=600)", "AirflowSensorTimeout"),
    (f"DateTimeSensor(task_id='t', {LATER}, timeout=600, soft_fail=True)", 600),
    (f"DateTimeSensor(task_id='t', {LATER}, execution_timeout=timedelta(minutes=1))", "AirflowTaskTimeout"),
    (
        f"DateTimeSensor(task_id='t', {LATER}, mode='reschedule', execution_timeout=timedelta(minutes=1))",
        HOUR,
    ),
    (f"DateTimeSensorAsync(task_id='t', {LATER}, timeout=600)", HOUR),
    ("TimeDeltaSensor(task_id='t', delta=timedelta(hours=1), timeout=600)", "AirflowSensorTimeout"),
    (
        "TimeDeltaSensor(task_id='t', delta=timedelta(hours=1), timeout=600, deferrable=True)",
        "AirflowSensorTimeout",
    ),
    ("TimeDeltaSensor(task_id='t', delta=timedelta(hours=1), timeout=6000)", HOUR),
    ("TimeSensor(task_id='t', target_time=time(8, 8, 9), timeout=600)", "AirflowSensorTimeout"),
    ("TimeSensor(task_id='t', target_time=time(8, 8, 9), timeout=600, deferrable=True)", HOUR),
    ("WaitSensor(task_id='t', time_to_wait=60, timeout=600)", HOUR),
]


@pytest.mark.parametrize(("sensor", "end"), GIVES_UP)
def test_a_sensor_that_looks_at_the_clock_gives_up(sensor: str, end: int | str) -> None:
    if isinstance(end, int):
        assert run(sensor).seconds == end
        return
    with pytest.raises(Failed) as raised:
        run(sensor)
    assert raised.value.args[0] == end


LIMIT = "execution_timeout=timedelta(hours=1)"
UNBOUNDED = [
    (f"EmptyOperator(task_id='t', {LIMIT})", False),
    (f"WaitSensor(task_id='t', time_to_wait=60, {LIMIT})", False),
    (f"WaitSensor(task_id='t', time_to_wait=61, {LIMIT})", True),
    (f"WaitSensor(task_id='t', time_to_wait='{{{{ params.n }}}}', {LIMIT})", True),
    (f"WaitSensor(task_id='t', time_to_wait=61, deferrable=True, {LIMIT})", False),
    (f"DateTimeSensor(task_id='t', {LATER}, {LIMIT})", False),
    (f"TimeSensor(task_id='t', target_time=time(3), {LIMIT})", False),
]


@pytest.mark.parametrize(("sensor", "is_open"), UNBOUNDED)
def test_a_time_limit_is_open_only_where_it_may_be_passed(sensor: str, is_open: bool) -> None:
    (one,) = airflow_to_asl(f"{HEAD}    {sensor}\n", "dag.py", Report())
    assert any(row.disposition.is_open for row in one.report.rows) is is_open


@pytest.mark.parametrize(
    ("schedule", "airflow", "given", "seconds"),
    [
        ("'0 6 * * *'", 3, {"scheduled_time": "2024-05-06T07:00:00Z"}, HOUR - 489),
        ("'0 6 * * *'", 2, {"scheduled_time": "2024-05-06T07:00:00Z"}, HOUR - 489),
        ("'0 6 * * *'", 2, {}, 0),  # by hand: the last interval ended at six
        ("'0 6 * * *'", 3, {}, HOUR),
        ("None", 3, {"logical_date": "2024-05-06T06:30:00Z"}, HOUR - 2289),
        ("[Asset('a')]", 3, {}, HOUR),
    ],
)
def test_a_length_of_time_counts_from_the_end_of_the_data_interval(
    schedule: str, airflow: int, given: dict[str, str], seconds: int
) -> None:
    body = "TimeDeltaSensor(task_id='t', delta=timedelta(hours=1))"
    head = HEAD.replace("schedule=None", f"schedule={schedule}").replace("import DAG", "import DAG, Asset")
    (one,) = airflow_to_asl(f"{head}    {body}\n", "dag.py", Report(), lowering=Lowering(airflow=airflow))
    execution = Execution(lambda *_: {}, given, start=START)
    execution.run(one.machine)
    assert execution.seconds == seconds


@pytest.mark.parametrize("sensor", [
    "DateTimeSensor(task_id='t', target_time='soon')",
    "DateTimeSensor(task_id='t', target_time=[1])",
    "TimeSensor(task_id='t', target_time='10:00')",
    "DayOfWeekSensor(task_id='t', week_day='Caturday')",
    "DayOfWeekSensor(task_id='t', week_day={today()})",
    "DayOfWeekSensor(task_id='t', week_day='Monday', use_task_logical_date=today())",
])  # fmt: skip
def test_a_time_that_is_none_fails(sensor: str) -> None:
    with pytest.raises(Failed) as raised:
        run(sensor)
    assert raised.value.args[0] == "NotTranslated"


@pytest.mark.parametrize(
    ("arguments", "suffix", "sent"),
    [
        ("", "", {"Input": {}}),
        (
            "wait_for_completion=True, conf={'n': '{{ params.n }}'}",
            ".sync:2",
            {"Input": {"conf": {"n": "3"}}},
        ),
        ("logical_date='{{ ts }}'", "", {"Input": {"logical_date": "2024-05-06T07:08:09+00:00"}}),
        ("logical_date=datetime(2024, 1, 2)", "", {"Input": {"logical_date": "2024-01-02T00:00:00"}}),
        ("trigger_run_id='of {{ run_id }}:{{ ds }}'", "", {"Input": {}, "Name": "of_run-1_2024-05-06"}),
        ("trigger_run_id='plain-1'", "", {"Input": {}, "Name": "plain-1"}),
    ],
)
def test_another_dag_is_triggered(arguments: str, suffix: str, sent: dict[str, Any]) -> None:
    calls: list[Any] = []
    run(f"TriggerDagRunOperator(task_id='t', trigger_dag_id='next.one', {arguments})", calls)
    expected = {"StateMachineArn": "${next_one_state_machine_arn}", **sent}
    assert calls == [(f"arn:aws:states:::states:startExecution{suffix}", expected)]
