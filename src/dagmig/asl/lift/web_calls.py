"""States that call an API on the web: ``apigateway:invoke``, and the HTTP Task (``http:invoke``).

https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html and
https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html. The latter becomes an
``HttpOperator`` with a connection of Airflow in place of EventBridge's, a function where that cannot say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote as quoted
from urllib.parse import urlencode

from dagmig.asl.lift import code, expression
from dagmig.asl.lift.document import OTHERS, Doc, Known, Made, Obj, Text, known, plain, select
from dagmig.asl.lift.expression import Inexpressible, python, quote
from dagmig.asl.resource import Resource
from dagmig.diagnostics import Disposition
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
_SENT = frozenset({"ApiEndpoint", "Method", "Headers", "QueryParameters", "RequestBody"})
_LISTS = ("INDICES", "REPEAT", "COMMAS", "BRACKETS")
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


def is_only_for_code(fields: Mapping[str, Doc]) -> bool:
    """Whether no operator sends the request of an HTTP Task, but a function can."""
    method, body = fields.get("Method", Known(None)), fields.get("RequestBody")
    is_get = known(method) and plain(method) in ("GET", "HEAD")
    try:
        _, path = _address(fields.get("ApiEndpoint", Known(None)))
    except Inexpressible:
        return True
    late = [method, fields.get("Headers", Known({}))]
    if body is not None:
        late += [path, fields["QueryParameters"]] if "QueryParameters" in fields else []
    return "Transform" in fields or (is_get and body is not None) or not all(map(known, late))


def http_function(fields: Mapping[str, Doc]) -> str:
    """The expression that does an HTTP Task, of which these are the parameters. Raises ``Inexpressible``."""
    given = {name: doc for name, doc in fields.items() if name in _SENT}
    if (lists := _form(fields.get("Transform", Known({})))) and "RequestBody" in given:
        given["Form"] = Made("form_fields", (given.pop("RequestBody"), Known(lists)))
    held = fields.get("Authentication", fields.get("InvocationConfig", Known({})))
    arn = select(held, ("ConnectionArn",))
    return f"call_service({quote(_connection(fields)) if known(arn) else python(arn)}, {python(Obj(given))})"


def _form(transform: Doc) -> str:
    """How a form writes lists; empty where the body is no form. Raises ``Inexpressible``."""
    if not known(transform):
        raise Inexpressible("how its body is written is only known when the machine runs")
    said = plain(transform)
    if not isinstance(said, dict) or said.get("RequestBodyEncoding", "NONE") == "NONE":
        return ""
    options = said.get("RequestEncodingOptions", {})
    lists = options.get("ArrayFormat", "INDICES") if isinstance(options, dict) else None
    if said["RequestBodyEncoding"] != "URL_ENCODED" or lists not in _LISTS:
        raise Inexpressible("how its body is written")
    return str(lists)


def connection_row(given: Mapping[str, Any]) -> tuple[str, Disposition, str]:
    """The row of a function that does an HTTP Task, of the parameters of which these are known."""
    held = given.get("Authentication", given.get("InvocationConfig"))
    arn = held.get("ConnectionArn") if isinstance(held, dict) else None
    named = (
        f"connection `{_named(arn)}`" if isinstance(arn, str) and not arn.startswith("{%") else "connection"
    )
    said = f"the {named} of Airflow (HTTP) has to sign in as EventBridge's did, after which it is called"
    return "connection", Disposition.DECISION, said


def http_call(fields: Mapping[str, Doc]) -> tuple[Call, str, str]:
    """The operator of an HTTP Task, its host, and what its connection has to be. Raises ``Inexpressible``."""
    for name in sorted(fields.keys() - _HTTP_FIELDS):
        raise Inexpressible(f"http:invoke has no parameter `{name}`")
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
    name = _named(about.get("ConnectionArn") if isinstance(about, dict) else None)
    if not name:
        raise Inexpressible("the connection is only known when the machine runs")
    return name


def _named(arn: object) -> str:
    """The name of the EventBridge connection with an ARN, or that is put in its place; empty for None."""
    found = _CONNECTION.fullmatch(arn) if isinstance(arn, str) else None
    if found is not None:
        return found["name"]
    return re.sub(r"\W+", "_", str(arn)).strip("_") if arn is not None else ""


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
