"""Datasets of Power BI over HTTP: https://learn.microsoft.com/rest/api/power-bi/datasets.

``operators/powerbi.py``, ``triggers/powerbi.py`` and ``PowerBIHook`` of the microsoft-azure provider: a
refresh's id is a header of the answer that starts it, its status is sought in the history.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.http import Connection, address, call, connection
from dagmig.integrations.http_work import BODY, Words, awaited, waits
from dagmig.integrations.rows import noted
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.microsoft.azure.operators.powerbi."
GROUPS = "https://api.powerbi.com/v1.0/myorg/groups"
CLIENT = {
    "proxies": "Step Functions makes the connection",
    "api_version": "the URL says it",
    "deferrable": "the state machine waits by itself",
}
REFRESH = {"dataset_id", "group_id", "conn_id", "timeout", "check_interval", "request_body",
           "wait_for_completion"}  # fmt: skip
REFRESH_ID = Expression.of(
    "($sift($states.result.Headers, function($v, $k) { $lowercase($k) = 'requestid' }).*)[0]"
)  # a header has a list of values, and its name whatever case
WORDS = Words(
    "value[requestId = $:refresh_id][0].status",
    ("Completed",),
    ("Failed", "Disabled"),
    "value[requestId = $:refresh_id][0].serviceExceptionJson",
)


def _through(task: Task, report: Report) -> Connection:
    return connection(task, "conn_id", "powerbi_default", (), report)


def _segment(task: Task, name: str) -> Value:
    return given(task, name) or Literal("")


def _refresh(task: Task, report: Report) -> Fragment:
    account(task, REFRESH, CLIENT, "refreshes", report)
    through = _through(task, report)
    url = address(f"{GROUPS}/", _segment(task, "group_id"), "/datasets/", _segment(task, "dataset_id"),
                  "/refreshes")  # fmt: skip
    body = given(task, "request_body")
    start = call("POST", url, through, **({} if body is None else {"RequestBody": body}))
    key = f"{task.id}.powerbi_dataset_refresh_id"
    outputs = {key: Projection(MAIN, REFRESH_ID)}
    if not waits(task, report, "wait_for_completion"):
        return Fragment({MAIN: start}, outputs)
    states = awaited(
        task,
        {**start, "Assign": {":refresh_id": REFRESH_ID}},
        call("GET", url, through),
        WORDS,
        Expression.of("'dataset refresh ' & $:refresh_id"),
        report,
        every=("check_interval", 60),
        timeout="timeout",
    )
    said = "a refresh that is not in the history yet is asked for again; the operator tries three times"
    noted(task, "dataset_id", said, report)
    noted(task, "on_failure", "a refresh that takes too long is not cancelled", report)
    status = Projection("poll", Expression.of(f"{BODY}.{WORDS.at}"))
    outputs[f"{task.id}.powerbi_dataset_refresh_status"] = status
    return Fragment(states, outputs, is_bounded=True)


def _listed(key: str, *path: str) -> Callable[[Task, Report], Fragment]:
    """A list of ids; every second part of ``path`` is the name of an argument."""

    def to_asl(task: Task, report: Report) -> Fragment:
        names = path[1::2]
        account(task, {"conn_id", "timeout", *names}, CLIENT, "myorg/groups", report)
        parts: list[Any] = [_segment(task, one) if one in names else one for one in path]
        state = call("GET", address(GROUPS, *parts), _through(task, report))
        found = Expression.of(f"[{BODY}.value.id]")
        return Fragment({MAIN: state}, {f"{task.id}.{key}": Projection(MAIN, found)})

    return to_asl


refresh = Integration(
    OPERATORS + "PowerBIDatasetRefreshOperator",
    (),
    _refresh,
    form="`http:invoke`, then a bounded loop that asks for the refresh's status",
)
workspaces = Integration(
    OPERATORS + "PowerBIWorkspaceListOperator", (), _listed("powerbi_workspace_ids"), form="`http:invoke`"
)
datasets = Integration(
    OPERATORS + "PowerBIDatasetListOperator",
    (),
    _listed("powerbi_dataset_ids", "/", "group_id", "/datasets"),
    form="`http:invoke`",
)
