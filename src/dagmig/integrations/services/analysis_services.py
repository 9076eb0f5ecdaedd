"""Refreshes of Azure Analysis Services over HTTP.

https://learn.microsoft.com/azure/analysis-services/analysis-services-async-refresh; ``operators`` and
``sensors/analysis_services.py`` and ``AzureAnalysisServicesHook`` of the microsoft-azure provider: the id of
a refresh is the end of the answer's Location.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.http import Connection, address, call, connection, retry
from dagmig.integrations.http_work import Words, awaited, waits
from dagmig.integrations.poller import HTTP_TRANSIENT
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

AZURE = "airflow.providers.microsoft.azure."
CONNECTION = "azure_analysis_services_conn_id"
WHERE = {CONNECTION, "server_name", "database"}
DROPPED = {"request_timeout": "a call takes 60 seconds at most"}
ERROR = "AzureAnalysisServicesRefreshException"
WORDS = Words("status", ("succeeded",), ("failed", "cancelled", "timedOut"))
LOCATION = "($sift($states.result.Headers, function($v, $k) { $lowercase($k) = 'location' }).*)[0]"
REFRESH_ID = Expression.of(f"$split($split({LOCATION}, '?')[0], '/')[-1]")


def _place(task: Task, report: Report) -> tuple[Connection, list[Any]]:
    """The connection, and the URL of the model's refreshes."""
    through = connection(task, CONNECTION, "azure_analysis_services_default", ("host",), report)
    server, model = (given(task, name) or Literal("") for name in ("server_name", "database"))
    base = f"https://{through.part('host')}/servers/"
    return through, [base, server, "/models/", model, "/refreshes"]


def _asked(through: Connection, base: list[Any], refresh: Any) -> dict[str, Any]:
    return {**call("GET", address(*base, "/", refresh), through), **retry(5, 1, HTTP_TRANSIENT)}


def _refresh(task: Task, report: Report) -> Fragment:
    known = {*WHERE, "refresh_type", "wait_for_termination", "check_interval", "timeout"}
    account(task, known, DROPPED, "refreshes", report)
    through, base = _place(task, report)
    body = {"Type": given(task, "refresh_type") or Literal("full")}
    start = call("POST", address(*base), through, RequestBody=body)
    found = Projection(MAIN, REFRESH_ID)
    outputs = {"return_value": found, f"{task.id}.refresh_id": found}
    if not waits(task, report):
        return Fragment({MAIN: start}, outputs)
    states = awaited(
        task,
        {**start, "Assign": {":refresh_id": REFRESH_ID}},
        _asked(through, base, Expression.of("$:refresh_id")),
        WORDS,
        Expression.of("'refresh ' & $:refresh_id"),
        report,
        every=("check_interval", 60),
        timeout="timeout",
        error=ERROR,
    )
    return Fragment(states, outputs, is_bounded=True)


def _sense(task: Task, report: Report) -> Fragment:
    account(task, {*OWN, *WHERE, "refresh_id"}, DROPPED, "refreshes", report)
    through, base = _place(task, report)
    refresh = given(task, "refresh_id") or Literal("")
    ask = {**WORDS.asked(_asked(through, base, refresh)), "Next": Ref("found?")}
    failed = WORDS.ending(Expression.of("'refresh ' & ", refresh), ERROR)
    return sensed(task, {MAIN: ask}, WORDS.is_done, report, failed=failed)


refresh = Integration(
    AZURE + "operators.analysis_services.AzureAnalysisServicesRefreshOperator",
    (),
    _refresh,
    form="`http:invoke`, then a bounded loop that asks for the refresh's status",
)
sensor = Integration(
    AZURE + "sensors.analysis_services.AzureAnalysisServicesSensor",
    (),
    _sense,
    form="`http:invoke` in a bounded loop",
)
