"""States that call an API on the web: ``apigateway:invoke``, and the HTTP Task (``http:invoke``).

https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html and
https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html. The latter becomes an
``HttpOperator`` with a connection of Airflow in place of EventBridge's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote as quoted
from urllib.parse import urlencode

from dagmig.asl.lift import code, expression
from dagmig.asl.lift.document import OTHERS, Doc, Known, Obj, Text, known, plain
from dagmig.asl.lift.expression import Inexpressible, python
from dagmig.asl.resource import Resource
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value

HTTP_OPERATOR = "airflow.providers.http.operators.http.HttpOperator"
_API_FIELDS = frozenset(
    {
        "ApiEndpoint",
        "Method",
        "Stage",
        "Path",
        "QueryParameters",
        "Headers",
        "RequestBody",
        "AuthType",
        "AllowNullValues",
    }
)
_HTTP_FIELDS = frozenset(
    {
        "ApiEndpoint",
        "Method",
        "Authentication",
        "InvocationConfig",
        "Headers",
        "QueryParameters",
        "RequestBody",
    }
)
_CONNECTION = re.compile(r"arn:[\w-]+:events:[^:]*:[^:]*:connection/(?P<name>[^/]+)(?:/.*)?")
_HOST = re.compile(r"(https?://[^/?#]+)/?")


def is_api(resource: Resource) -> bool:
    """Whether a resource calls an API of API Gateway and waits for its answer."""
    return resource.kind == "optimized" and (resource.short, resource.pattern) == ("apigateway:invoke", "")


def is_http(resource: Resource) -> bool:
    """Whether a resource is that of an HTTP Task that waits for the answer."""
    return resource.kind == "optimized" and (resource.short, resource.pattern) == ("http:invoke", "")


def api_call(arguments: Doc) -> str:
    """The expression that calls an API of API Gateway. Raises ``Inexpressible``."""
    fields = arguments.fields if isinstance(arguments, Obj) and OTHERS not in arguments.fields else None
    if fields is not None:
        for name in ("ApiEndpoint", "Method"):
            if name not in fields:
                raise Inexpressible(f"`{name}` is missing")
        for name in sorted(fields.keys() - _API_FIELDS):
            raise Inexpressible(f"apigateway:invoke has no parameter `{name}`")
    return f"call_api({python(arguments)})"


def http_call(fields: Mapping[str, Doc]) -> tuple[Call, str, str]:
    """The operator of an HTTP Task, its host, and what its connection has to be. Raises ``Inexpressible``."""
    for name in sorted(fields.keys() - _HTTP_FIELDS):
        raise Inexpressible(f"`{name}` of an HTTP Task")
    host, path = _address(fields.get("ApiEndpoint", Known(None)))
    connection = _connection(fields)
    method = fields.get("Method", Known(None))
    if not isinstance(method, Known) or not isinstance(method.value, str):
        raise Inexpressible("the method is only known when the machine runs")
    body, query = fields.get("RequestBody"), fields.get("QueryParameters")
    if method.value in ("GET", "HEAD"):
        if body is not None:
            raise Inexpressible("HttpOperator sends no body with a GET")
        data, query = query, None
    else:
        data = body
    if query is not None:
        path = _with_query(path, query)
    arguments: dict[str, Value] = {
        "http_conn_id": Literal(connection),
        "method": Literal(method.value),
        "endpoint": expression.value(path),
    }
    headers = dict(_plain_headers(fields.get("Headers")))
    if data is not None and data is body:
        arguments["data"] = Literal(expression.json_text(data))
        headers.setdefault("Content-Type", "application/json")
    elif data is not None:
        arguments["data"] = expression.value(data)
    if headers:
        arguments["headers"] = Literal(headers)
    arguments["extra_options"] = Literal({"check_response": False})
    arguments["response_check"] = code.companion("http_checked")
    arguments["response_filter"] = code.companion("http_answer")
    said = f"the connection `{connection}` of Airflow (HTTP, host {host}) has to sign in as EventBridge's did"
    return Call(HTTP_OPERATOR, arguments), host, said


def by_host(tasks: Mapping[str, Task], hosts: Mapping[str, str]) -> dict[str, str]:
    """The connections of tasks that call an API on the web, each with one host (``hosts``, by task):
    EventBridge's signs in at any.
    """
    found: dict[str, str] = {}
    reached: dict[str, str] = {}
    for task, host in hosts.items():
        given = tasks[task].call.arguments["http_conn_id"]
        name = given.value if isinstance(given, Literal) else ""
        if reached.setdefault(name, host) != host:
            name = f"{name}_{re.sub(r'[^A-Za-z0-9]+', '_', host.partition('://')[2])}".rstrip("_")
            reached[name] = host
        found[task] = name
    return found


def _address(doc: Doc) -> tuple[str, Doc]:
    """The host of an address, and the rest of it. Raises ``Inexpressible`` where the host is not known."""
    first, rest = (doc.parts[0], doc.parts[1:]) if isinstance(doc, Text) else (doc, ())
    found = _HOST.match(first.value) if isinstance(first, Known) and isinstance(first.value, str) else None
    if found is None or not isinstance(first, Known) or (rest and len(found[0]) == len(found[1])):
        raise Inexpressible("the host is only known when the machine runs")
    path = Known(first.value[found.end() :])
    return found[1], Text((path, *rest)) if rest else path


def _connection(fields: Mapping[str, Doc]) -> str:
    """The name of the EventBridge connection. Raises ``Inexpressible``."""
    held = fields.get("Authentication", fields.get("InvocationConfig", Known({})))
    about = plain(held) if known(held) else None
    arn = about.get("ConnectionArn") if isinstance(about, dict) else None
    found = _CONNECTION.fullmatch(arn) if isinstance(arn, str) else None
    if found is not None:
        return found["name"]
    name = re.sub(r"\W+", "_", str(arn)).strip("_") if arn is not None else ""
    if not name:
        raise Inexpressible("the connection is only known when the machine runs")
    return name


def _with_query(path: Doc, query: Doc) -> Doc:
    """A path with constant parameters after it. Raises ``Inexpressible``."""
    if not known(query) or not isinstance(path, Known):
        raise Inexpressible("parameters beside a body that are only known when the machine runs")
    given = plain(query)
    if not isinstance(given, dict):
        raise Inexpressible("parameters that are no object")
    return Known(f"{path.value}?{urlencode(given, doseq=True, quote_via=quoted)}")


def _plain_headers(doc: Doc | None) -> Mapping[str, str]:
    """Constant headers by name. Raises ``Inexpressible``."""
    if doc is None:
        return {}
    if not known(doc):
        raise Inexpressible("the headers are only known when the machine runs")
    given = plain(doc)
    if not isinstance(given, dict):
        raise Inexpressible("headers that are no object")
    return {str(name): str(value) for name, value in given.items()}
