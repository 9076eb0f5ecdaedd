"""Calls of whatever HTTP API: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html.

``HttpOperator`` and ``HttpSensor`` of the http provider. An HTTP Task needs HTTPS and an answer within 60
seconds; it fails where the status is not 2xx, as the operator does.
"""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration, response
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.http_request import CLIENT, REQUEST, requested
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given, items
from dagmig.integrations.table import account

HTTP = "airflow.providers.http."
FUNCTIONS = {
    "response_filter": "the whole answer is what the state returns",
    "pagination_function": "the first page is all that is read",
}
TRANSPORT = {
    "extra_options": "what it says of the call is not in the state",
    "request_kwargs": "what it says of the call is not in the state",
    "retry_args": "put its conditions into the state's Retry",
}
CHECKS = {"response_check": "its function cannot be written in JSONata: no answer is refused"}
EMPTY = (None, Literal(None), Literal({}))
SPELLING = "JSON is written anew, without spaces"
MISSING = "a comparison with a field that is not there is false; the function would raise an error"
REFUSED = "Response check returned False."


def _nothing(task: Task, names: dict[str, str]) -> set[str]:
    return {name for name in names if task.argument(name) in EMPTY}


def _call(task: Task, report: Report) -> Fragment:
    check, chosen = given(task, "response_check"), given(task, "response_filter")
    condition, value = response.condition(check), response.value(chosen)
    undecided = {**FUNCTIONS, **TRANSPORT, **CHECKS}
    known = {*REQUEST, "data", *_nothing(task, undecided)}
    known |= {"response_check"} if condition else set()
    known |= {"response_filter"} if value else set()
    account(task, known, CLIENT, "http:invoke", report, undecided)
    method = given(task, "method") or Literal("POST")
    state = requested(task, method, given(task, "data"), report)
    given_back = Expression.of(value or response.TEXT)
    outputs = {"return_value": Projection(MAIN, given_back, "" if value else SPELLING)}
    if condition is None:
        return Fragment({MAIN: state}, outputs)
    states = {
        MAIN: {**state, "Assign": {":is_right": Expression.of(condition)}, "Next": Ref("right?")},
        "right?": {
            "Type": "Choice",
            "Choices": [{"Condition": Expression.of("$:is_right"), "Next": AFTER}],
            "Default": Ref("refused"),
        },
        "refused": {"Type": "Fail", "Error": "AirflowException", "Cause": REFUSED},
    }
    return Fragment(states, outputs)


def _sense(task: Task, report: Report) -> Fragment:
    check = given(task, "response_check")
    condition = response.condition(check)
    known = {*REQUEST, *OWN, "request_params", "response_error_codes_allowlist", *_nothing(task, TRANSPORT)}
    known |= {"response_check"} if condition or check is None else set()
    account(task, known, CLIENT, "http:invoke", report, {**TRANSPORT, **CHECKS})
    if condition:
        noted(task, "response_check", MISSING, report)
    method = given(task, "method") or Literal("GET")
    state = requested(task, method, given(task, "request_params"), report)
    codes = [f"States.Http.StatusCode.{code}" for code in _allowed(task, report)]
    ask = {**state, "Assign": {":found": Expression.of(condition or "true")}, "Output": {}}
    if codes:
        absent = {"ErrorEquals": codes, "Assign": {":found": False}, "Output": {}, "Next": Ref("found?")}
        ask["Catch"] = [absent]
    return sensed(task, {MAIN: {**ask, "Next": Ref("found?")}}, Expression.of("$:found"), report)


def _allowed(task: Task, report: Report) -> list[str]:
    """The statuses that mean no: 404, unless told otherwise."""
    value = given(task, "response_error_codes_allowlist")
    if value is None:
        return ["404"]
    try:
        codes = [str(one.value) for one in items(value) if isinstance(one, Literal)]
    except ValueError:
        codes = [""]
    if all(len(code) == len("404") and code.isdecimal() for code in codes):
        return codes
    opened(task, "response_error_codes_allowlist", "it is not a list of statuses that are known", report)
    return ["404"]


operator = Integration(
    HTTP + "operators.http.HttpOperator",
    (),
    _call,
    None,
    (
        HTTP + "operators.http.SimpleHttpOperator",
        "airflow.operators.http_operator.SimpleHttpOperator",
        "airflow.operators.SimpleHttpOperator",
    ),
    "`http:invoke`",
)
http_sensor = Integration(
    HTTP + "sensors.http.HttpSensor",
    (),
    _sense,
    None,
    ("airflow.sensors.http_sensor.HttpSensor", "airflow.operators.sensors.HttpSensor"),
    "`http:invoke` in a bounded loop",
)
