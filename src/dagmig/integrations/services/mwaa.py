"""Runs of DAGs in another environment of Amazon MWAA, through its REST API.

https://docs.aws.amazon.com/mwaa/latest/API/API_InvokeRestApi.html; ``MwaaHook.invoke_rest_api``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import Expression
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import Codec, between, surrounded
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

INVOKE = "aws-sdk:mwaa:invokeRestApi"
SENSORS = "airflow.providers.amazon.aws.sensors.mwaa."
STATE = "RestApiResponse.state"
RUNS = Codec(
    lambda value: surrounded("/dags/", value, "/dagRuns"), lambda value: between("/dags/", value, "/dagRuns")
)
VERSION = {"airflow_version": "the role of the state machine calls the API: no web token is asked for"}


def _started(task: Task) -> Expression:
    dag = task.argument("trigger_dag_id") or Literal(None)
    return Expression.of("'/dags/' & ", dag, " & '/dagRuns/' & $:dag_run_id")


def _asked(*names: str) -> Callable[[Task], Expression]:
    def path(task: Task) -> Expression:
        pieces = ("'/dags/' & ", " & '/dagRuns/' & ", " & '/taskInstances/' & ")
        given = [task.argument(name) or Literal(None) for name in names]
        return Expression(tuple(part for pair in zip(pieces, given, strict=False) for part in pair))

    return path


def _state(path: Callable[[Task], Any], environment: str, keeps: tuple[str, ...] = ()) -> Status:
    return Status(
        INVOKE,
        {"Name": environment, "Path": path, "Method": Literal("GET")},
        STATE,
        ("success",),
        ("failed",),
        keeps=keeps,
    )


def _sensor(name: str, *names: str) -> Integration:
    return sensor(
        SENSORS + name,
        _state(_asked(*names), "external_env_name"),
        targets="success_states",
        fails="failure_states",
        times=("max_retries", 720),
        dropped={**VERSION, **dict.fromkeys(names, "it is part of the path")},
    )


trigger = table(
    AMAZON + "mwaa.MwaaTriggerDagRunOperator",
    INVOKE,
    Field("env_name", "Name"),
    Field("trigger_dag_id", "Path", RUNS),
    Field("trigger_run_id", "Body.dag_run_id"),
    Field("logical_date", "Body.logical_date"),
    Field("data_interval_start", "Body.data_interval_start"),
    Field("data_interval_end", "Body.data_interval_end"),
    Field("conf", "Body.conf", default={}),
    Field("note", "Body.note"),
    sends={"Method": "POST"},
    waits=polls(
        _state(_started, "env_name", ("$.RestApiResponse.dag_run_id",)),
        default=False,
        every=("waiter_delay", 60),
        times=("waiter_max_attempts", 20),
    ),
    result="$states.result",
    dropped=VERSION,
    required={"env_name": None, "trigger_dag_id": None},
)
run_sensor = _sensor("MwaaDagRunSensor", "external_dag_id", "external_dag_run_id")
task_sensor = _sensor("MwaaTaskSensor", "external_dag_id", "external_dag_run_id", "external_task_id")
