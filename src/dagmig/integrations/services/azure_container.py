"""Containers of Azure Container Instances over HTTP, each in a group of its own.

https://learn.microsoft.com/rest/api/container-instances/container-groups: create-or-update, get, delete; and
.../containers/list-logs; ``operators/container_instances.py`` of the microsoft-azure provider.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.azure_container_group import KNOWN, group
from dagmig.integrations.cleaning import cleaned, whatever_comes
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.http import Connection, address, call, connection, retry
from dagmig.integrations.http_work import BODY, goes_on
from dagmig.integrations.poller import (
    FAILED,
    HTTP_TRANSIENT,
    WEEK,
    Ending,
    Poll,
    bound,
    known_number,
    looped,
    say_pace,
)
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

VERSION = {"api-version": "2023-05-01"}
OWN = {"ci_conn_id", "resource_group", "remove_on_error", "remove_on_success", "fail_if_exists", "xcom_all",
       "polling_interval"}  # fmt: skip
DROPPED = {"deferrable": "the state machine waits by itself"}
STATE = f"{BODY}.properties.containers[0].properties.instanceView.currentState"
SEEN = {
    ":state": Expression.of(
        f"$exists({STATE}.state) ? {STATE}.state : $string({BODY}.properties.provisioningState)"
    ),
    ":code": Expression.of(f"$exists({STATE}.exitCode) ? {STATE}.exitCode : 1"),
}
DONE = Expression.of("$:state = 'Terminated' and $:code = 0")
ENDED = Expression.of("$:state in ['Terminated', 'Failed', 'Unhealthy']")
LINES = f"$match($string({BODY}.content), /[^\\n]*\\n|[^\\n]+$/).match"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, OWN | KNOWN, DROPPED, "the container group", report)
    through = connection(task, "ci_conn_id", "azure_default", ("subscription_id",), report)
    try:
        body = group(task, report)
    except ValueError as problem:
        opened(task, "container", f"the container group is not known: {problem}", report)
        return failing(f"Task {task.id} was not translated: its container group is not known.")
    base = _base(task, through)
    ask = {**call("GET", address(*base), through, QueryParameters=VERSION), **retry(5, 1, HTTP_TRANSIENT)}
    remove = call("DELETE", address(*base), through, QueryParameters=VERSION)
    start = call("PUT", address(*base), through, QueryParameters=VERSION, RequestBody=body)
    last = Ref("remove" if _is(task, "remove_on_success") else "done")
    logged = given(task, "xcom_all")
    states = _run(task, start, ask, last if logged is None else Ref("logs"), report)
    if _is(task, "remove_on_error"):
        states = cleaned(states, ("failed", "timed out", "not started"), remove)
    outputs = {"return_value": Projection("done", Expression.of("0"))}
    if logged is not None:
        url = address(*base, "/containers/", given(task, "name") or Literal(""), "/logs")
        logs = call("GET", url, through, QueryParameters={**VERSION, "tail": "1000"})
        states["logs"] = {**logs, "Output": {}, "Next": last}
        lines = f"[{LINES}]" if logged == Literal(True) else f"[({LINES})[-1]]"
        outputs["logs"] = Projection("logs", Expression.of(lines))
    if last == Ref("remove"):
        states["remove"] = whatever_comes(remove, Ref("done"))
    states["done"] = {"Type": "Pass"}
    if not _is(task, "fail_if_exists"):
        return Fragment(states, outputs, is_bounded=True)
    absent = {"ErrorEquals": ["States.Http.StatusCode.404"], "Output": {}, "Next": Ref(MAIN)}
    there = {
        "there?": {**ask, "Output": {}, "Catch": [absent], "Next": Ref("there")},
        "there": {"Type": "Fail", "Error": FAILED, "Cause": "Container group exists"},
    }
    return Fragment({**there, **states}, outputs, entry="there?", is_bounded=True)


def _run(task: Task, start: dict[str, Any], ask: dict[str, Any], then: Ref, report: Report) -> dict[str, Any]:
    """The states that start the container and wait until it has ended."""
    subject = Expression.of("'container group ' & ", given(task, "name") or Literal(""))
    cause = Expression.of(*subject.parts, " & ' ended ' & $:state & ', exit code ' & $string($:code)")
    every = known_number(task, "polling_interval", 30, report)
    poll = Poll(
        {**ask, "Assign": SEEN, "Output": {}},
        DONE,
        Ending(ENDED, FAILED, cause),
        every,
        *bound(task, WEEK, FAILED),
    )
    say_pace(task, poll, "polling_interval", report)
    goes_on(task, "container", report)
    refused = {"ErrorEquals": ["States.ALL"], "Output": {}, "Next": Ref("not started")}
    states = looped({**start, "Catch": [refused]}, poll, subject, then)
    not_started = {"Type": "Fail", "Error": FAILED, "Cause": "Could not start container group"}
    return {**states, "not started": not_started}


def _is(task: Task, name: str) -> bool:
    """An argument that is true unless it is said not to be."""
    return task.argument(name) not in (Literal(False), Literal(None))


def _base(task: Task, through: Connection) -> list[str | Value]:
    subscription = f"https://management.azure.com/subscriptions/{through.part('subscription_id')}"
    resources, name = (given(task, one) or Literal("") for one in ("resource_group", "name"))
    kind = "/providers/Microsoft.ContainerInstance/containerGroups/"
    return [f"{subscription}/resourceGroups/", resources, kind, name]


run = Integration(
    "airflow.providers.microsoft.azure.operators.container_instances.AzureContainerInstancesOperator",
    (),
    _to_asl,
    form="`http:invoke`, then a bounded loop that asks for the container's state",
)
