"""Databricks jobs over HTTP: start a run, then ask for its state until it ends.

The endpoints and states are those of ``DatabricksHook`` (Jobs API 2.2,
https://docs.databricks.com/api/workspace/jobs); the arguments those of the operators.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Projection, Ref
from dagmig.integrations.http import Connection, call, connection, retry
from dagmig.integrations.poller import (
    HTTP_TRANSIENT,
    WEEK,
    Ending,
    Poll,
    bound,
    known_number,
    looped,
    say_pace,
)
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.databricks.operators.databricks."
FORM = "`http:invoke`, then a bounded loop that asks for the run's state"
CONTRIB = "airflow.contrib.operators.databricks_operator."
RUN_NOW = (
    "job_id", "job_name", "job_parameters", "dbt_commands", "notebook_params", "python_params", "jar_params",
    "spark_submit_params", "python_named_params", "idempotency_token", "performance_target",
)  # fmt: skip
SUBMIT = (
    "tasks", "spark_jar_task", "notebook_task", "spark_python_task", "spark_submit_task", "pipeline_task",
    "dbt_task", "new_cluster", "existing_cluster_id", "libraries", "environments", "run_name",
    "timeout_seconds", "idempotency_token", "access_control_list", "git_source", "performance_target",
)  # fmt: skip
CLIENT = {
    "json", "databricks_conn_id", "polling_period_seconds", "wait_for_termination", "databricks_retry_limit",
    "databricks_retry_delay",
}  # fmt: skip
DROPPED = {
    "deferrable": "the state machine waits by itself",
    "durable": "an execution does not lose its place when a worker is lost",
    "forward_dag_params": "only the arguments written are sent",
}
UNDECIDED = {
    "repair_run": "a run that fails is not repaired",
    "databricks_repair_reason_new_settings": "a run that fails is not repaired",
    "cancel_previous_runs": "runs that are still going are not cancelled",
    "databricks_retry_args": "put its conditions into the states' Retry",
    "openlineage_inject_parent_job_info": "nothing is added for OpenLineage",
    "openlineage_inject_transport_info": "nothing is added for OpenLineage",
}
HARMLESS = {"repair_run": False, "cancel_previous_runs": False, "databricks_repair_reason_new_settings": None,
            "databricks_retry_args": None, "openlineage_inject_parent_job_info": False,
            "openlineage_inject_transport_info": False}  # fmt: skip
TERMINAL = "$:life in ['TERMINATED', 'SKIPPED', 'INTERNAL_ERROR']"  # RunLifeCycleState
TOKEN = Expression.of(
    "$hash($states.context.Execution.Id & '/' & $states.context.State.Name & '/' & "
    "$states.context.State.EnteredTime, 'SHA-256')"
)  # 64 characters, the API's limit; the same when a lost answer is asked again, new for a task's next attempt


def _to_asl(path: str, named: tuple[str, ...]) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        harmless = {name for name, value in HARMLESS.items() if task.argument(name) == Literal(value)}
        account(task, {*named, *CLIENT, *harmless}, DROPPED, f"jobs/{path}", report, UNDECIDED)
        through = connection(task, "databricks_conn_id", "databricks_default", ("host",), report)
        body = _body(task, named, path, report)
        before = _find_job(task, through, body, report) if path == "run-now" else {}
        start = {
            **call("POST", _url(through, path), through, RequestBody=_merged(task, body, report)),
            **_transport(task, report),
            "Assign": {":run_id": Expression.of("$states.result.ResponseBody.run_id")},
        }
        outputs = {"run_id": Projection(MAIN, Expression.of("$states.result.ResponseBody.run_id"))}
        if task.argument("wait_for_termination") == Literal(False):
            plain = {key: value for key, value in start.items() if key != "Assign"}
            return Fragment({**before, MAIN: plain}, outputs, entry=next(iter(before), MAIN))
        page = Expression.of("$states.result.ResponseBody.run_page_url")
        poll = _poll(task, through, report)
        states = {**before, **looped(start, poll, Expression.of("'run ' & $string($:run_id)"))}
        outputs["run_page_url"] = Projection("poll", page)
        said = "stopping the execution does not cancel the run, as killing the task does"
        report.row("on_kill", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
        return Fragment(states, outputs, entry=next(iter(states)) if before else MAIN, is_bounded=True)

    return to_asl


def _url(through: Connection, path: str) -> str:
    return f"https://{through.part('host')}/api/2.2/jobs/{path}"


def _transport(task: Task, report: Report) -> dict[str, Any]:
    """The client's own retries of a call (``tenacity``: ``databricks_retry_limit`` calls in all)."""
    limit = known_number(task, "databricks_retry_limit", 3, report)
    return retry(limit, known_number(task, "databricks_retry_delay", 1, report), HTTP_TRANSIENT)


def _body(task: Task, named: tuple[str, ...], path: str, report: Report) -> dict[str, Any]:
    """The request's fields that are known by name: those of ``json``, overridden by the arguments."""
    found: dict[str, Any] = {}
    match task.argument("json"):
        case Literal(dict() as given):
            found |= {key: Literal(item) for key, item in given.items() if isinstance(key, str)}
        case Literal(str() as text) if _mapping(text) is not None:
            found |= {key: Literal(item) for key, item in (_mapping(text) or {}).items()}
        case Entries(entries):
            pairs = [(key.value, item) for key, item in entries if isinstance(key, Literal)]
            found |= {key: item for key, item in pairs if isinstance(key, str)}
    for name in named:
        value = task.argument(name)
        if value is not None and value != Literal(None):
            found[name] = value
    found.setdefault("idempotency_token", TOKEN)
    if path == "runs/submit":
        found.setdefault("run_name", Literal(task.id))
        _refuse_pipeline_name(task, found.get("pipeline_task"), report)
    return found


def _mapping(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _merged(task: Task, body: dict[str, Any], report: Report) -> Any:
    """The request: as it is known, or merged with a ``json`` that is known only when the machine runs."""
    given = task.argument("json")
    match given:
        case None | Literal(None) | Literal(dict()) | Entries():
            return body
        case Literal(str() as text) if _mapping(text) is not None:
            return body
        case Literal():
            said = "`json` is text that is no JSON object"
            report.row("json", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
            return body
    fields: list[Part] = []
    for name, value in body.items():
        fields += [", " if fields else "", f"'{name}': "]
        fields += value.parts if isinstance(value, Expression) else (value,)
    return Expression.of("$merge([", given, ", {", *fields, "}])")


def _refuse_pipeline_name(task: Task, value: object, report: Report) -> None:
    if isinstance(value, Literal) and isinstance(value.value, dict) and "pipeline_name" in value.value:
        said = "the operator looks the pipeline up by its name; the API wants `pipeline_id`"
        report.row("pipeline_task", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)


def _find_job(
    task: Task, through: Connection, body: dict[str, Any], report: Report
) -> dict[str, Mapping[str, Any]]:
    """The state that looks a job up by its name, as the operator does."""
    name = body.pop("job_name", None)
    if name is None:
        return {}
    ask = call("GET", _url(through, "list"), through, QueryParameters={"name": name})
    found = Expression.of("$states.result.ResponseBody.jobs[settings.name = ", name, "].job_id")
    body["job_id"] = Expression.of("$:job_id")
    assign = {":job_id": found}
    return {"find job": {**ask, **_transport(task, report), "Assign": assign, "Next": Ref(MAIN)}}


def _poll(task: Task, through: Connection, report: Report) -> Poll:
    state = "$states.result.ResponseBody.state"
    ask = call(
        "GET",
        _url(through, "runs/get"),
        through,
        QueryParameters={"run_id": Expression.of("$string($:run_id)")},
    )
    assign = {
        ":life": Expression.of(f"{state}.life_cycle_state"),
        ":result": Expression.of(f"$exists({state}.result_state) ? {state}.result_state : ''"),
        ":message": Expression.of(f"$exists({state}.state_message) ? {state}.state_message : ''"),
    }
    cause = "'run ' & $string($:run_id) & ' ended ' & $:life & ' ' & $:result & ': ' & $:message"
    limit, late = bound(task, WEEK, "DatabricksRunTimedOut")
    poll = Poll(
        {**ask, **_transport(task, report), "Assign": assign, "Output": {}},
        Expression.of(f"{TERMINAL} and $:result = 'SUCCESS'"),
        Ending(Expression.of(TERMINAL), "DatabricksRunFailed", Expression.of(cause)),
        known_number(task, "polling_period_seconds", 30, report),
        limit,
        late,
    )
    say_pace(task, poll, "polling_period_seconds", report)
    return poll


run_now = Integration(
    OPERATORS + "DatabricksRunNowOperator",
    (),
    _to_asl("run-now", RUN_NOW),
    None,
    (OPERATORS + "DatabricksRunNowDeferrableOperator", CONTRIB + "DatabricksRunNowOperator"),
    FORM,
)
submit_run = Integration(
    OPERATORS + "DatabricksSubmitRunOperator",
    (),
    _to_asl("runs/submit", SUBMIT),
    None,
    (OPERATORS + "DatabricksSubmitRunDeferrableOperator", CONTRIB + "DatabricksSubmitRunOperator"),
    FORM,
)
