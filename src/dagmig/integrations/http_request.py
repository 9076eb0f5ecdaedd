"""The request of an operator that names its endpoint, method, headers and data, as ``requests`` sends it.

``HttpHook.run``: the data of a GET is its query, a dict that is sent otherwise is a form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote

from dagmig.diagnostics import Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Template, Value
from dagmig.integrations import json_text
from dagmig.integrations.fragment import Expression
from dagmig.integrations.http import RESOURCE, connection
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given, is_dict, mapping, members

REQUEST = frozenset({"http_conn_id", "endpoint", "method", "headers"})
CLIENT = {
    **dict.fromkeys(
        ("tcp_keep_alive", "tcp_keep_alive_idle", "tcp_keep_alive_count", "tcp_keep_alive_interval"),
        "Step Functions makes the connection",
    ),
    "auth_type": "the EventBridge connection says how to sign in",
    "log_response": "a state prints nothing",
    "deferrable": "the state machine waits by itself",
    "warn_on_non_idempotent": "nothing is deferred",
    "xcom_push": "what it gives is kept where another task reads it",
}
FORM = "application/x-www-form-urlencoded"
SAFE = "!#$%&'()*+,/:;=?@[]~"  # what ``requests.utils.requote_uri`` leaves as it is
SECRET = re.compile(r"authorization|cookie|(?:.*[-_])?(?:api-?key|key|secret|token|password)", re.IGNORECASE)


def requested(task: Task, method: Value, data: Value | None, report: Report) -> dict[str, Any]:
    """The state of the call."""
    through = connection(task, "http_conn_id", "http_default", ("url",), report)
    url = through.part("url")
    noted(task, "endpoint", f"{url} is the schema (https), host and port, without a `/` at its end", report)
    arguments: dict[str, Any] = {
        "ApiEndpoint": _url(url, given(task, "endpoint")),
        "Method": method,
        "InvocationConfig": {"ConnectionArn": through.arn},
    }
    headers = sent_headers(task, report)
    is_get = isinstance(method, Literal) and str(method.value).upper() == "GET"
    if data is None or data in (Literal({}), Literal("")):
        sent: dict[str, Any] = {}
    elif is_get:
        sent = _query(task, data, report)
    else:
        sent = _body(data, headers)
    if headers:
        arguments["Headers"] = headers
    return {"Type": "Task", "Resource": RESOURCE, "Arguments": {**arguments, **sent}}


def _url(base: str, endpoint: Value | None) -> str | Expression:
    """The connection's base and the endpoint, with one `/` between them."""
    parsed = jinja.parse(str(endpoint.value)) if isinstance(endpoint, Literal) else endpoint
    if parsed is None or parsed == Literal(""):
        return base
    first = parsed.parts[0] if isinstance(parsed, Template) and parsed.parts else parsed
    if isinstance(first, Literal):
        text = quote(str(first.value), safe=SAFE)
        return base + text if text.startswith("/") else f"{base}/{text}"
    if isinstance(first, str) and isinstance(parsed, Template):
        return Expression.of(f"'{base}{'' if first.startswith('/') else '/'}' & ", parsed)
    return Expression.of(f"'{base}' & ($substring(", parsed, ", 0, 1) = '/' ? '' : '/') & ", parsed)


def sent_headers(task: Task, report: Report) -> dict[str, Any]:
    """The headers, save those that hold a secret, which are the EventBridge connection's."""
    value = given(task, "headers")
    if value is None:
        return {}
    try:
        found = dict(members(value))
    except ValueError as problem:
        opened(task, "headers", f"`headers` are not in the state: {problem}", report)
        return {}
    for name in [name for name in found if SECRET.fullmatch(name)]:
        del found[name]
        said = f"the header `{name}` is not in the state: put it into the EventBridge connection"
        opened(task, "headers", said, report)
    return found


def _query(task: Task, data: Value, report: Report) -> dict[str, Any]:
    if isinstance(data, Literal) and isinstance(data.value, str):
        data = Literal(dict(parse_qsl(data.value, keep_blank_values=True)))
    try:
        return {"QueryParameters": {name: _text(value) for name, value in members(data)}}
    except ValueError as problem:
        opened(task, "data", f"the query is not in the state: {problem}", report)
        return {}


def _text(value: Value) -> Value:
    is_number = isinstance(value, Literal) and isinstance(value.value, (bool, int, float))
    return Literal(str(value.value)) if is_number and isinstance(value, Literal) else value


def _body(data: Value, headers: dict[str, Any]) -> dict[str, Any]:
    """A dict is a form; text is what it is, and JSON where the headers say so."""
    kind = next((name for name in headers if name.lower() == "content-type"), None)
    said = headers[kind] if kind else None
    content = str(said.value).partition(";")[0].strip().lower() if isinstance(said, Literal) else ""
    if is_dict(data):
        headers.setdefault(kind or "Content-Type", Literal(FORM))
        return {"RequestBody": data, **_encoded()}
    if content == FORM and isinstance(data, Literal) and isinstance(data.value, str):
        pairs = parse_qsl(data.value, keep_blank_values=True)
        if _has_each_once(pairs):
            return {"RequestBody": mapping((name, Literal(text)) for name, text in pairs), **_encoded()}
    if content == "application/json":
        try:
            return {"RequestBody": json_text.node(data)}
        except (ValueError, json.JSONDecodeError):
            pass
    return {"RequestBody": data}


def _encoded() -> dict[str, Any]:
    options = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "REPEAT"}}
    return {"Transform": options}


def _has_each_once(pairs: Iterable[tuple[str, str]]) -> bool:
    names = [name for name, _ in pairs]
    return len(set(names)) == len(names) > 0
