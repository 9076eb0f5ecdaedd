"""The poll loops for Databricks and Data Factory, run against a service in memory: endings, pace, limits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution, Failed

HEAD = """\
from datetime import timedelta
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator
from airflow.providers.microsoft.azure.operators.data_factory import AzureDataFactoryRunPipelineOperator
from airflow.sdk import DAG

with DAG("d", schedule=None, params={"n": 3}):
"""
RUN_NOW = 'DatabricksRunNowOperator(task_id="run", job_id=7, job_parameters={"day": "{{ ds }}"}'
NOTEBOOK = 'notebook_task={"notebook_path": "/n"}'
SUBMIT = f'DatabricksSubmitRunOperator(task_id="run", existing_cluster_id="c", {NOTEBOOK}'
PLACE = 'resource_group_name="g", factory_name="f"'
PIPELINE = f'AzureDataFactoryRunPipelineOperator(task_id="run", pipeline_name="p", {PLACE}'
DONE = {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS"}


@dataclass
class Service:
    """A run that has ``ending`` after some seconds; before, it is ``running``."""

    ending: Any
    seconds: float = 100
    running: Any = field(default_factory=lambda: {"life_cycle_state": "RUNNING"})
    calls: list[Any] = field(default_factory=list)
    execution: Execution | None = None

    def __call__(self, resource: str, arguments: Any) -> Any:
        assert resource == "arn:aws:states:::http:invoke"
        assert self.execution is not None
        self.calls.append(arguments)
        url, is_over = arguments["ApiEndpoint"], self.execution.seconds >= self.seconds
        state = self.ending if is_over else self.running
        if url.endswith("/jobs/list"):
            assert arguments["QueryParameters"] == {"name": "etl"}
            body: Any = {"jobs": [{"job_id": 5, "settings": {"name": "etl"}}]}
        elif arguments["Method"] == "POST":
            body = {"run_id": 42, "runId": "r-42"}
        elif "pipelineruns/r-42" in url:
            body = state
        else:
            assert arguments["QueryParameters"] == {"run_id": "42"}
            body = {"state": state, "run_page_url": "https://page"}
        return {"ResponseBody": body, "StatusCode": 200}


def run(body: str, service: Service) -> Execution:
    (one,) = airflow_to_asl(f"{HEAD}    {body})\n", "dag.py", Report())
    service.execution = Execution(service)
    service.execution.run(one.machine)
    return service.execution


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (RUN_NOW, 120),
        (RUN_NOW + ", polling_period_seconds=7", 105),
        (RUN_NOW + ", wait_for_termination=False", 0),
        (RUN_NOW + ", deferrable=True", 120),
        (SUBMIT, 120),
    ],
)
def test_databricks_ends_well(body: str, seconds: int) -> None:
    service = Service(DONE)
    assert run(body, service).seconds == seconds
    first = service.calls[0]["RequestBody"]
    assert len(first["idempotency_token"]) == 64
    if "RunNow" in body:
        assert (first["job_id"], first["job_parameters"]) == (7, {"day": "2024-05-06"})


def test_a_job_is_found_by_its_name() -> None:
    service = Service(DONE)
    run('DatabricksRunNowOperator(task_id="run", job_name="etl"', service)
    assert service.calls[1]["RequestBody"]["job_id"] == 5


def test_json_known_only_at_run_time_is_merged() -> None:
    service = Service(DONE)
    given = 'json={"job_id": 1, "job_parameters": {"n": "{{ params.n }}"}}, notebook_params={"a": "b"}'
    run(f'DatabricksRunNowOperator(task_id="run", {given}', service)
    sent = service.calls[0]["RequestBody"]
    assert (sent["job_id"], sent["job_parameters"], sent["notebook_params"]) == (1, {"n": "3"}, {"a": "b"})


@pytest.mark.parametrize(
    "state",
    [
        {"life_cycle_state": "TERMINATED", "result_state": "FAILED", "state_message": "boom"},
        {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS_WITH_FAILURES"},
        {"life_cycle_state": "SKIPPED"},
        {"life_cycle_state": "INTERNAL_ERROR", "state_message": "boom"},
    ],
)
def test_databricks_ends_badly(state: dict[str, str]) -> None:
    with pytest.raises(Failed) as raised:
        run(RUN_NOW, Service(state))
    error, cause = raised.value.args
    assert error == "DatabricksRunFailed"
    assert cause.startswith("run 42 ended ")
    assert all(text in cause for text in state.values())


@pytest.mark.parametrize(
    ("extra", "error", "limit"),
    [
        ("", "DatabricksRunTimedOut", 604_800),
        (", execution_timeout=timedelta(minutes=5)", "AirflowTaskTimeout", 300),
    ],
)
def test_databricks_never_ends(extra: str, error: str, limit: int) -> None:
    service = Service(DONE, seconds=10**9)
    with pytest.raises(Failed) as raised:
        run(RUN_NOW + extra, service)
    assert raised.value.args[0] == error
    assert service.execution is not None
    assert limit < service.execution.seconds < 1.05 * limit + 60
    assert 10 * len(service.calls) < 20_000  # events of a round


@pytest.mark.parametrize(
    ("status", "error"), [("Succeeded", None), ("Failed", "x"), ("Cancelled", "x"), ("Cancelling", "x")]
)
def test_data_factory(status: str, error: str | None) -> None:
    service = Service({"status": status, "message": "why"}, running={"status": "InProgress"})
    body = PIPELINE + ', parameters={"day": "{{ ds }}"}, check_interval=50, timeout=300'
    if error is None:
        assert run(body, service).seconds == 100
        assert service.calls[0]["RequestBody"] == {"day": "2024-05-06"}
        return
    with pytest.raises(Failed) as raised:
        run(body, service)
    assert raised.value.args[0].startswith("AzureDataFactory")


def test_values_reach_the_wire_as_json() -> None:
    service = Service(DONE)
    run(RUN_NOW + ', python_params=["{{ ds }}", "a\\"b"]', service)
    assert json.loads(json.dumps(service.calls[0]["RequestBody"]["python_params"])) == ["2024-05-06", 'a"b']
