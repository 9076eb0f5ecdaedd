"""Microsoft Graph, and other APIs of Microsoft, over HTTP: https://learn.microsoft.com/graph/use-the-api.

``operators/msgraph.py``, ``sensors/msgraph.py`` and ``KiotaRequestAdapterHook`` of the microsoft-azure
provider: a GET goes on with the page that ``@odata.nextLink`` names.
"""

from __future__ import annotations

import re
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration, response
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.http import address, call, connection, retry
from dagmig.integrations.http_request import sent_headers
from dagmig.integrations.http_work import BODY
from dagmig.integrations.poller import HTTP_TRANSIENT
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given, joined, members
from dagmig.integrations.table import account

AZURE = "airflow.providers.microsoft.azure."
REQUEST = {"url", "method", "path_parameters", "query_parameters", "headers", "data", "conn_id"}
FUNCTIONS = ("result_processor", "event_processor")
DROPPED = {
    "proxies": "Step Functions makes the connection",
    "timeout": "a call takes 60 seconds at most",
    "scopes": "the EventBridge connection says what it signs in for",
    "api_version": "the beginning of the URL says it",
    "serializer": "the answer is JSON",
    "key": "pages are collected in a variable",
}
UNDECIDED = {
    "url_template": "say it in `url`",
    "response_type": "the answer is kept as the API writes it",
    "pagination_function": "the next page is the one that `@odata.nextLink` names",
    "event_handler": "an answer that is no success fails the state",
    "result_processor": "its function cannot be written in JSONata: the whole answer is what the state gives",
    "event_processor": "its function cannot be written in JSONata: `status` has to be `Succeeded`",
}
NEXT = f"{BODY}.`@odata.nextLink`"
MORE = f"$exists({NEXT}) and {NEXT} ? {NEXT} : ''"
SIZE = "the answer, with all of its pages, has to fit into 256 KiB"
PAGED = "a page that begins where `$skip` says is not asked for: `$top` gives the first one only"
STATUS = f"{BODY}.status = 'Succeeded'"


def _known(task: Task) -> set[str]:
    nothing = {name for name in UNDECIDED if given(task, name) is None}
    simple = {name for name in FUNCTIONS if response.body_value(given(task, name)) is not None}
    return {*REQUEST, *nothing, *simple}


def _call(task: Task, report: Report) -> Fragment:
    account(task, _known(task), DROPPED, "http:invoke", report, UNDECIDED)
    state = _request(task, report)
    if state is None:
        return failing(f"Task {task.id} was not translated: its URL is not known.")
    value = response.body_value(given(task, "result_processor")) or BODY
    if state["Arguments"]["Method"] != Literal("GET"):
        return Fragment({MAIN: state}, {"return_value": Projection(MAIN, Expression.of(value))})
    noted(task, "pagination_function", SIZE, report)
    kept = {name: value for name, value in state["Arguments"].items() if name != "QueryParameters"}
    following = {**state, "Arguments": {**kept, "ApiEndpoint": Expression.of("$:next")}}
    all_of = Expression.of(f"$append($:all, {value})")
    paged = {":all": all_of, ":next": Expression.of(MORE), ":is_paged": True}
    first = {
        ":result": Expression.of(value),
        ":all": Expression.of(f"$append([], {value})"),
        ":next": Expression.of(MORE),
        ":is_paged": False,
    }
    is_last = {"Condition": Expression.of("$:next = ''"), "Next": Ref("pages")}
    states = {
        MAIN: {**state, "Assign": first, "Output": {}, "Next": Ref("more?")},
        "more?": {"Type": "Choice", "Choices": [is_last], "Default": Ref("next page")},
        "next page": {**following, "Assign": paged, "Output": {}, "Next": Ref("more?")},
        "pages": {"Type": "Pass", "Next": AFTER},
    }
    collected = Expression.of("$:is_paged ? $:all : $:result")
    return Fragment(states, {"return_value": Projection("pages", collected)})


def _sense(task: Task, report: Report) -> Fragment:
    account(task, {*_known(task), *OWN, "retry_delay"}, DROPPED, "http:invoke", report, UNDECIDED)
    state = _request(task, report)
    if state is None:
        return failing(f"Task {task.id} was not translated: its URL is not known.")
    condition = response.body_condition(given(task, "event_processor")) or STATUS
    value = response.body_value(given(task, "result_processor")) or BODY
    ask = {**state, "Assign": {":found": Expression.of(condition)}, "Output": {}, "Next": Ref("found?")}
    outputs = {"return_value": Projection(MAIN, Expression.of(value))}
    return sensed(task, {MAIN: ask}, Expression.of("$:found"), report, outputs=outputs)


def _request(task: Task, report: Report) -> dict[str, Any] | None:
    """The state of the call; None where its URL is not known."""
    through = connection(task, "conn_id", "msgraph_default", ("base_url",), report)
    base = through.part("base_url")
    said = f"{base} is the host with the API's version: https://graph.microsoft.com/v1.0 by default"
    noted(task, "api_version", said, report)
    try:
        url = _url(task, base)
    except ValueError as problem:
        opened(task, "url", f"`url` is not known: {problem}", report)
        return None
    method = given(task, "method") or Literal("GET")
    if isinstance(method, Literal):
        method = Literal(str(method.value).strip().upper())
    data = given(task, "data")
    more: dict[str, Any] = {}
    if data is not None and data not in (Literal({}), Literal("")):
        more["RequestBody"] = data
    if query := _query(task, report):
        more["QueryParameters"] = query
    state = call("GET", url, through, **more)
    arguments = {**state["Arguments"], "Method": method}
    if headers := sent_headers(task, report):
        arguments["Headers"] = {**arguments.get("Headers", {}), **headers}
    safe = retry(5, 1, HTTP_TRANSIENT) if method == Literal("GET") else {}
    return {**state, "Arguments": arguments, **safe}


def _url(task: Task, base: str) -> str | Expression:
    """The URL, with `{name}` for what `path_parameters` hold. Raises ``ValueError`` in words."""
    url, parameters = given(task, "url") or Literal(""), given(task, "path_parameters")
    values = dict(members(parameters)) if parameters is not None else {}
    if not isinstance(url, Literal) or "{{" in str(url.value):
        if values:
            raise ValueError("where its parameters go is known only when the DAG runs")
        return Expression.of(joined(f"{base}/", url))
    text = str(url.value)
    begin = "" if text.startswith("http") else f"{base}/"
    parts: list[str | Value] = [begin]
    for number, piece in enumerate(re.split(r"\{\+?(\w+)\}", text.removeprefix("/"))):
        if number % 2 and piece not in values:
            raise ValueError(f"`path_parameters` has no `{piece}`")
        parts.append(values[piece] if number % 2 else piece)
    return address(*parts)


def _query(task: Task, report: Report) -> dict[str, Value]:
    value = given(task, "query_parameters")
    if value is None:
        return {}
    try:
        found = dict(members(value))
    except ValueError as problem:
        opened(task, "query_parameters", f"{problem}: they are not sent", report)
        return {}
    if "$top" in found and "$count" in found:
        opened(task, "query_parameters", PAGED, report)
    return {name: _text(one) for name, one in found.items() if one != Literal(None)}


def _text(value: Value) -> Value:
    match value:
        case Literal(bool() as switch):
            return Literal(str(switch).lower())
        case Literal(int() | float() as number):
            return Literal(str(number))
    return value


call_graph = Integration(
    AZURE + "operators.msgraph.MSGraphAsyncOperator", (), _call, form="`http:invoke`, page by page"
)
sensor = Integration(
    AZURE + "sensors.msgraph.MSGraphSensor", (), _sense, form="`http:invoke` in a bounded loop"
)
