"""Notebooks and other tasks of Databricks, each a run of its own.

https://docs.databricks.com/api/workspace/jobs/submit; ``DatabricksTaskBaseOperator`` makes the request.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, RunContext, Value
from dagmig.integrations import Integration
from dagmig.integrations import databricks as api
from dagmig.integrations.databricks import CLIENT, PROVIDER, RUNS, WAITING, Api
from dagmig.integrations.fragment import Expression, Fragment, Part
from dagmig.integrations.spelling import given, members
from dagmig.integrations.table import account

OPERATORS = PROVIDER + "operators.databricks."
FORM = "`http:invoke`, then a bounded loop that asks for the run's state"
RETRIES = ("max_retries", "min_retry_interval_millis", "retry_on_timeout")
CLUSTERS = ("new_cluster", "existing_cluster_id")
OWN = {*CLIENT, *WAITING, *CLUSTERS, *RETRIES, "databricks_task_key"}
UNDECIDED = {
    **api.UNDECIDED,
    "job_cluster_key": "it names a cluster of a DatabricksWorkflowTaskGroup, and each task is a run here",
    "workflow_run_metadata": "the run of a DatabricksWorkflowTaskGroup is not shared: each task is a run",
}
LONGEST_KEY = 100


def _to_asl(own: tuple[str, ...], base: Callable[[Api], Any]) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        empty = {name for name in UNDECIDED if not _truth(task, name)}
        account(task, {*own, *OWN, *empty}, api.DROPPED, "jobs/runs/submit", report, UNDECIDED)
        client = Api(task, report)
        body = _request(client, base(client))
        start = client.call("POST", f"{RUNS}/submit", RequestBody=body)
        return client.run(start, {}, every=5)

    return to_asl


def _request(client: Api, base: Any) -> Any:
    """The run of one task; Databricks' own retries need the task said as one of a list."""
    task = client.task
    key = _key(task)
    cluster = next(({name: _truth(task, name)} for name in CLUSTERS if _truth(task, name)), None)
    if cluster is None:
        said = "the run needs a cluster: one that a DatabricksWorkflowTaskGroup shares is not known here"
        client.open("new_cluster", said)
    retries = {name: _retry(name, value) for name in RETRIES if (value := given(task, name)) is not None}
    has_retries = retries or (isinstance(base, dict) and not base.keys().isdisjoint(RETRIES))
    if not has_retries:
        return _merge({"run_name": key}, base, cluster or {})
    return {"run_name": key, "tasks": [_merge({}, base, {"task_key": key, **retries, **(cluster or {})})]}


def _merge(first: dict[str, Any], base: Any, last: dict[str, Any]) -> Any:
    if isinstance(base, dict):
        return {**first, **base, **last}
    fields: list[Part] = []
    for name, value in {**first, **last}.items():
        fields += [", " if fields else "", f"'{name}': "]
        fields += value.parts if isinstance(value, Expression) else (value,)
    return Expression(tuple(part for part in ("$merge([", base, ", {", *fields, "}])") if part != ""))


def _key(task: Task) -> Any:
    value = given(task, "databricks_task_key")
    if isinstance(value, Literal) and 0 < len(str(value.value)) <= LONGEST_KEY:
        return value
    return Expression.of("$hash(", RunContext("dag.dag_id"), " & ", Literal(f"__{task.id}"), ", 'MD5')")


def _truth(task: Task, name: str) -> Value | None:
    """An argument that is not empty."""
    value = given(task, name)
    return None if isinstance(value, Literal) and not value.value else value


def _retry(name: str, value: Value) -> Value:
    """A setting of Databricks' retries, which may be text."""
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        return value
    if name == "retry_on_timeout":
        return Literal(value.value.strip().lower() in ("true", "1", "yes"))
    return Literal(int(value.value)) if value.value.lstrip("-").isdecimal() else value


def _notebook(client: Api) -> dict[str, Any]:
    task, timeout = client.task, client.task.policy.timeout
    return {
        "timeout_seconds": int(timeout.total_seconds()) if isinstance(timeout, timedelta) else 0,
        "email_notifications": {},
        "notebook_task": {
            "notebook_path": given(task, "notebook_path") or Literal(""),
            "source": given(task, "source") or Literal(""),
            "base_parameters": given(task, "notebook_params") or Literal({}),
        },
        "libraries": given(task, "notebook_packages") or Literal([]),
    }


def _config(client: Api) -> Any:
    value = given(client.task, "task_config") or Literal({})
    try:
        return dict(members(value))
    except ValueError:
        return value


notebook = Integration(
    OPERATORS + "DatabricksNotebookOperator",
    (),
    _to_asl(("notebook_path", "source", "notebook_params", "notebook_packages"), _notebook),
    form=FORM,
)
task_run = Integration(
    OPERATORS + "DatabricksTaskOperator", (), _to_asl(("task_config",), _config), form=FORM
)
