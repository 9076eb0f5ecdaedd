"""Azure Data Factory over HTTP: create a pipeline run, then ask for its status until it ends.

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run and .../pipeline-runs/get
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.http import Connection, address, call, connection
from dagmig.integrations.poller import WEEK, Ending, Poll, bound, known_number, looped, say_pace
from dagmig.integrations.table import account

API_VERSION = "2018-06-01"
EXCEPTION = "AzureDataFactoryPipelineRunException"
QUERY = {
    "reference_pipeline_run_id": "referencePipelineRunId",
    "is_recovery": "isRecovery",
    "start_activity_name": "startActivityName",
    "start_from_failure": "startFromFailure",
}
OWN = {
    "pipeline_name", "azure_data_factory_conn_id", "resource_group_name", "factory_name", "parameters",
    "wait_for_termination", "timeout", "check_interval", *QUERY,
}  # fmt: skip
DROPPED = {"deferrable": "the state machine waits by itself"}
RUN_ID = Expression.of("$states.result.ResponseBody.runId")


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, OWN, DROPPED, "createRun", report)
    absent = [name for name in ("resource_group_name", "factory_name") if _given(task, name) is None]
    fields = ("subscription_id", *absent)
    through = connection(task, "azure_data_factory_conn_id", "azure_data_factory_default", fields, report)
    start = _start(task, through)
    outputs = {"run_id": Projection(MAIN, RUN_ID)}
    if task.argument("wait_for_termination") == Literal(False):
        return Fragment({MAIN: start}, outputs)
    poll = _poll(task, through, report)
    say_pace(task, poll, "check_interval", report)
    said = "stopping the execution does not cancel the pipeline run, as killing the task does"
    report.row("on_kill", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
    states = looped(
        {**start, "Assign": {":run_id": RUN_ID}}, poll, Expression.of("'pipeline run ' & $:run_id")
    )
    return Fragment(states, outputs, is_bounded=True)


def _start(task: Task, through: Connection) -> dict[str, Any]:
    query: dict[str, Any] = {"api-version": API_VERSION}
    for argument, parameter in QUERY.items():
        if (value := _given(task, argument)) is not None:
            query[parameter] = _text(value)
    parameters = _given(task, "parameters")
    body = {} if parameters is None else {"RequestBody": parameters}
    pipeline = _given(task, "pipeline_name") or Literal("")
    url = address(*_factory(task, through), "/pipelines/", pipeline, "/createRun")
    return call("POST", url, through, QueryParameters=query, **body)


def _poll(task: Task, through: Connection, report: Report) -> Poll:
    url = address(*_factory(task, through), "/pipelineruns/", Expression.of("$:run_id"))
    ask = call("GET", url, through, QueryParameters={"api-version": API_VERSION})
    assign = {":status": Expression.of("$states.result.ResponseBody.status")}
    cause = Expression.of("'pipeline run ' & $:run_id & ' ended ' & $:status")
    limit, late = bound(task, known_number(task, "timeout", WEEK, report), EXCEPTION)
    return Poll(
        {**ask, "Assign": assign, "Output": {}},
        Expression.of("$:status = 'Succeeded'"),
        Ending(Expression.of("$:status in ['Failed', 'Cancelled']"), EXCEPTION, cause),
        known_number(task, "check_interval", 60, report),
        limit,
        late,
    )


def _factory(task: Task, through: Connection) -> tuple[str | Value, ...]:
    group = _given(task, "resource_group_name") or through.part("resource_group_name")
    factory = _given(task, "factory_name") or through.part("factory_name")
    subscription = through.part("subscription_id")
    return (
        f"https://management.azure.com/subscriptions/{subscription}/resourceGroups/",
        group,
        "/providers/Microsoft.DataFactory/factories/",
        factory,
    )


def _given(task: Task, name: str) -> Value | None:
    value = task.argument(name)
    return None if value == Literal(None) else value


def _text(value: Value) -> Value:
    """A query parameter is text: ``true`` for True."""
    is_switch = isinstance(value, Literal) and isinstance(value.value, bool)
    return Literal(str(value.value).lower()) if is_switch and isinstance(value, Literal) else value


run_pipeline = Integration(
    "airflow.providers.microsoft.azure.operators.data_factory.AzureDataFactoryRunPipelineOperator",
    (),
    _to_asl,
    form="`http:invoke`, then a bounded loop that asks for the run's status",
)
