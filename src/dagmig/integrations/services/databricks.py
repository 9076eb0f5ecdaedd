"""Databricks jobs over HTTP: start a run, then ask for its state until it ends.

The endpoints and states are those of ``DatabricksHook`` (Jobs API 2.2,
https://docs.databricks.com/api/workspace/jobs); the arguments those of the operators.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Literal
from dagmig.integrations import Integration
from dagmig.integrations import databricks as api
from dagmig.integrations.databricks import CLIENT, JOBS, PROVIDER, TOKEN, WAITING, Api, harmless
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Ref
from dagmig.integrations.table import account

OPERATORS = PROVIDER + "operators.databricks."
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
DROPPED = {**api.DROPPED, "forward_dag_params": "only the arguments written are sent"}
UNDECIDED = {
    **api.UNDECIDED,
    "repair_run": "a run that fails is not repaired",
    "databricks_repair_reason_new_settings": "a run that fails is not repaired",
    "cancel_previous_runs": "runs that are still going are not cancelled",
    "openlineage_inject_parent_job_info": "nothing is added for OpenLineage",
    "openlineage_inject_transport_info": "nothing is added for OpenLineage",
}
HARMLESS = {"repair_run": False, "cancel_previous_runs": False, "databricks_repair_reason_new_settings": None,
            "databricks_retry_args": None, "openlineage_inject_parent_job_info": False,
            "openlineage_inject_transport_info": False}  # fmt: skip


def _to_asl(path: str, named: tuple[str, ...]) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        known = {*named, "json", *CLIENT, *WAITING, *harmless(task, HARMLESS)}
        account(task, known, DROPPED, f"jobs/{path}", report, UNDECIDED)
        client = Api(task, report)
        body = _body(task, named, path, client)
        before = _find_job(client, body) if path == "run-now" else {}
        start = client.call("POST", f"{JOBS}/{path}", RequestBody=merged(client, body))
        return client.run(start, before)

    return to_asl


def _body(task: Task, named: tuple[str, ...], path: str, client: Api) -> dict[str, Any]:
    found = known_body(task, named)
    found.setdefault("idempotency_token", TOKEN)
    if path == "runs/submit":
        found.setdefault("run_name", Literal(task.id))
        _refuse_pipeline_name(found.get("pipeline_task"), client)
    return found


def known_body(task: Task, named: tuple[str, ...]) -> dict[str, Any]:
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
    return found


def _mapping(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def merged(client: Api, body: dict[str, Any]) -> Any:
    """The request: as it is known, or merged with a ``json`` that is known only when the machine runs."""
    given = client.task.argument("json")
    match given:
        case None | Literal(None) | Literal(dict()) | Entries():
            return body
        case Literal(str() as text) if _mapping(text) is not None:
            return body
        case Literal():
            client.open("json", "`json` is text that is no JSON object")
            return body
    fields: list[Part] = []
    for name, value in body.items():
        fields += [", " if fields else "", f"'{name}': "]
        fields += value.parts if isinstance(value, Expression) else (value,)
    return Expression.of("$merge([", given, ", {", *fields, "}])")


def _refuse_pipeline_name(value: object, client: Api) -> None:
    if isinstance(value, Literal) and isinstance(value.value, dict) and "pipeline_name" in value.value:
        said = "the operator looks the pipeline up by its name; the API wants `pipeline_id`"
        client.open("pipeline_task", said)


def _find_job(client: Api, body: dict[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The state that looks a job up by its name, as the operator does."""
    name = body.pop("job_name", None)
    if name is None:
        return {}
    found = Expression.of("$states.result.ResponseBody.jobs[settings.name = ", name, "].job_id")
    body["job_id"] = Expression.of("$:job_id")
    ask = client.call("GET", f"{JOBS}/list", QueryParameters={"name": name})
    return {"find job": {**ask, "Assign": {":job_id": found}, "Next": Ref(MAIN)}}


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
