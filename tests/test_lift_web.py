"""What a DAG carries along for calls of APIs, and for a role that a task acts as."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import pytest
from tests.test_lift import lifted, open_rows, work

from dagmig.asl.lift import runtime, web
from dagmig.graph.values import Function, Literal

REQUEST = {
    "ApiEndpoint": "https://h.example.com/a",
    "Method": "POST",
    "Authentication": {"ConnectionArn": "arn:aws:events:eu-central-1:1:connection/rates/1"},
    "RequestBody": {"x": 1},
}
API = "arn:aws:states:::apigateway:invoke"
HTTP = "arn:aws:states:::http:invoke"
CONNECTION = {"ConnectionArn": "arn:aws:events:eu-central-1:1:connection/rates/1"}


def answer(text: str, status: int = 200, **headers: str) -> Any:
    return types.SimpleNamespace(text=text, status_code=status, headers=headers, reason="Said")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests that are sent to an API, each answered by the member of its body or a 409."""
    found: list[Any] = []

    class Request:
        def __init__(self, method: str, url: str, headers: Mapping[str, str], data: str | None) -> None:
            self.said = [method, url, headers, data]
            self.signed: tuple[str, str] | None = None

        def prepare(self) -> Request:
            found.append(self)
            return self

    def send(request: Request) -> Any:
        return answer("no", 409) if "bad" in request.said[1] else answer('{"id": 7}', kind="json")

    class Signer:
        def __init__(self, keys: str, service: str, region: str) -> None:
            self.about = (service, region)

        def add_auth(self, request: Request) -> None:
            request.signed = self.about

    session = types.SimpleNamespace(get_credentials=lambda: "keys")
    hook = types.SimpleNamespace(get_session=lambda: session)
    monkeypatch.setattr(web, "AWSRequest", Request)
    monkeypatch.setattr(web, "SigV4Auth", Signer)
    monkeypatch.setattr(web, "URLLib3Session", lambda: types.SimpleNamespace(send=send))
    monkeypatch.setattr(web, "AwsGenericHook", lambda client_type: hook)
    return found


HOST = "a.execute-api.eu-central-1.amazonaws.com"


def test_a_call_of_an_api(sent: list[Any]) -> None:
    given = {
        "ApiEndpoint": HOST,
        "Method": "POST",
        "Stage": "live",
        "Path": "/pets",
        "QueryParameters": {"of": ["a b", "c"]},
        "Headers": {"X-A": ["1", "2"]},
        "RequestBody": {"name": "Rex", "age": None},
        "AuthType": "IAM_ROLE",
    }
    assert web.call_api(given) == {
        "Headers": {"kind": ["json"]},
        "ResponseBody": {"id": 7},
        "StatusCode": 200,
        "StatusText": "Said",
    }
    (request,) = sent
    headers = {"Content-Type": "application/json", "X-A": "1,2"}
    assert request.said == ["POST", f"https://{HOST}/live/pets?of=a+b&of=c", headers, '{"name": "Rex"}']
    assert request.signed == ("execute-api", "eu-central-1")
    web.call_api({**given, "AllowNullValues": True, "AuthType": "NO_AUTH"})
    assert sent[1].said[3] == '{"name": "Rex", "age": null}'
    assert sent[1].signed is None


def test_a_status_that_is_an_error_has_its_name(sent: list[Any]) -> None:
    with pytest.raises(ValueError, match="failed") as raised:
        web.call_api({"ApiEndpoint": HOST, "Method": "GET", "Path": "bad"})
    assert runtime.error_output(raised.value) == {"Error": "ApiGateway.409", "Cause": "no"}
    assert sent[0].said[2:] == [{}, None]


def test_an_answer_of_an_http_task() -> None:
    assert web.http_answer(answer("plain"))["ResponseBody"] == "plain"
    assert web.http_checked(answer("", 204))
    with pytest.raises(ValueError, match="failed") as raised:
        web.http_checked(answer("no", 302))
    assert runtime.error_output(raised.value)["Error"] == "States.Http.StatusCode.302"


def test_a_role_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def assume_role(**given: str) -> dict[str, Any]:
        asked.append(given)
        return {"Credentials": {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}}

    meta = types.SimpleNamespace(region_name="eu-central-1")
    conn = types.SimpleNamespace(assume_role=assume_role, meta=meta)
    monkeypatch.setattr(runtime, "AwsGenericHook", lambda client_type: types.SimpleNamespace(conn=conn))
    monkeypatch.setattr(runtime, "boto3", types.SimpleNamespace(client=lambda name, **keys: (name, keys)))
    assert runtime.client_as("arn:r", "s3") == (
        "s3",
        {
            "region_name": "eu-central-1",
            "aws_access_key_id": "a",
            "aws_secret_access_key": "b",
            "aws_session_token": "c",
        },
    )
    assert asked == [{"RoleArn": "arn:r", "RoleSessionName": "airflow"}]


@pytest.mark.parametrize(
    ("resource", "given", "said"),
    [
        (API, {"Method": "GET"}, "`ApiEndpoint` is missing"),
        (API, {"ApiEndpoint": HOST, "Method": "GET", "Colour": 1}, "no parameter `Colour`"),
        (HTTP, {"ApiEndpoint": "https://h/a", "Method": "GET"}, "the connection is only"),
        (HTTP, {"Method": "GET", "Authentication": CONNECTION}, "`ApiEndpoint` is missing"),
        (
            HTTP,
            {"ApiEndpoint": "https://h/a", "Method": "GET", "Authentication": CONNECTION, "Colour": 1},
            "no parameter `Colour`",
        ),
        (
            HTTP,
            {
                **REQUEST,
                "Transform": {
                    "RequestBodyEncoding": "URL_ENCODED",
                    "RequestEncodingOptions": {"ArrayFormat": "X"},
                },
            },
            "how its body is written",
        ),
    ],
)
def test_what_cannot_be_called_fails_visibly(resource: str, given: dict[str, Any], said: str) -> None:
    _, rows = lifted({"A": work(Resource=resource, Parameters=given)})
    (found,) = open_rows(rows)
    assert said in found


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests of HTTP Tasks, each with the connection it is made with; ``/bad`` has the status 404."""
    found: list[Any] = []

    def http_hook(http_conn_id: str) -> Any:
        def request(method: str, url: str, **sent: Any) -> Any:
            found.append([http_conn_id, method, url, sent])
            return answer("no", 404) if url.endswith("/bad") else answer('{"id": 7}')

        return types.SimpleNamespace(get_conn=lambda: types.SimpleNamespace(request=request))

    monkeypatch.setattr(web, "HttpHook", http_hook)
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {"ApiEndpoint.$": "$.url", "ApiEndpoint": None},
        {"ApiEndpoint.$": "States.Format('https://{}.example.com/a', $.name)", "ApiEndpoint": None},
        {"Method.$": "$.method", "Method": None},
        {"Headers": {"X-A.$": "$.name"}},
        {"QueryParameters": {"day.$": "$.day"}},
        {"Method": "GET"},
        {"Transform": {"RequestBodyEncoding": "URL_ENCODED"}},
    ],
)
def test_what_no_operator_sends_a_function_does(changed: dict[str, Any], hook: list[Any]) -> None:
    given = {name: value for name, value in {**REQUEST, **changed}.items() if value is not None}
    workflow, rows = lifted({"A": work(Resource=HTTP, Parameters=given)})
    (found,) = open_rows(rows)
    assert found.startswith("connection: the connection `rates` of Airflow (HTTP) has to sign in")
    task = workflow.tasks["A"]
    function = task.call.arguments["python_callable"]
    assert isinstance(function, Function)
    names: dict[str, Any] = {"HttpHook": web.HttpHook}
    source = function.source.replace("from airflow.providers.http.hooks.http import HttpHook\n", "")
    exec(compile(source, "function", "exec"), names)
    conf = {"url": "https://h.example.com/a", "name": "h", "method": "POST", "day": 1}
    run = types.SimpleNamespace(conf=conf)
    assert names[function.name](**{one.name: run for one in function.parameters})["ResponseBody"] == {"id": 7}
    ((connection, method, url, sent),) = hook
    assert (connection, url) == ("rates", "https://h.example.com/a")
    assert method == (changed.get("Method") or "POST")
    assert sent["headers"] == ({"X-A": "h"} if "Headers" in changed else None)
    assert sent["params"] == ({"day": 1} if "QueryParameters" in changed else None)
    is_form = "Transform" in changed
    assert sent["data" if is_form else "json"] == ([("x", "1")] if is_form else {"x": 1})


@pytest.mark.parametrize(
    ("lists", "wanted"),
    [
        ("INDICES", [("a[0]", "x"), ("a[1]", "2")]),
        ("BRACKETS", [("a[]", "x"), ("a[]", "2")]),
        ("REPEAT", [("a", "x"), ("a", "2")]),
        ("COMMAS", [("a", "x,2")]),
    ],
)
def test_a_form_writes_lists(lists: str, wanted: list[tuple[str, str]]) -> None:
    assert web.form_fields({"b": True, "a": ["x", 2]}, lists) == [("b", "true"), *wanted]


def test_a_status_of_a_service_is_an_error(hook: list[Any]) -> None:
    given = {"Method": "GET", "ApiEndpoint": "https://h/bad"}
    with pytest.raises(ValueError, match="failed") as raised:
        web.call_service("arn:aws:events:eu-central-1:1:connection/rates/1", given)
    assert runtime.error_output(raised.value) == {"Error": "States.Http.StatusCode.404", "Cause": "no"}
    assert hook[0][0] == "rates"


def test_a_loop_that_asks_a_service_is_a_task() -> None:
    ask = {**REQUEST, "Method": "GET", "RequestBody": None}
    asked = work("Done?", Resource=HTTP, Parameters={k: v for k, v in ask.items() if v is not None})
    done = {"Variable": "$.ResponseBody.state", "StringEquals": "done", "Next": "End"}
    states = {
        "Ask": asked,
        "Done?": {"Type": "Choice", "Choices": [done], "Default": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Ask"},
        "End": {"Type": "Succeed"},
    }
    workflow, rows = lifted(states)
    (found,) = open_rows(rows)
    assert found.startswith("connection: the connection `rates`")
    held = workflow.tasks["Ask"].call.arguments["python_callable"]
    assert isinstance(held, Function)
    assert "call_service(" in held.source


def test_a_connection_has_one_host() -> None:
    """EventBridge's signs in at any, Airflow's is one host."""
    addresses = {
        "A": "https://h.example.com/a",
        "B": "https://other.example.com:8443/b",
        "C": "https://h.example.com/c",
    }
    given = {"Method": "GET", "Authentication": CONNECTION}
    states = {
        name: work(after, Resource=HTTP, Parameters={"ApiEndpoint": address, **given})
        for (name, address), after in zip(addresses.items(), ("B", "C", None), strict=True)
    }
    workflow, rows = lifted(states)
    used = {name: task.call.arguments["http_conn_id"] for name, task in workflow.tasks.items()}
    assert used == {
        "A": Literal("rates"),
        "B": Literal("rates_other_example_com_8443"),
        "C": Literal("rates"),
    }
    assert workflow.hosts == {
        "rates": "https://h.example.com",
        "rates_other_example_com_8443": "https://other.example.com:8443",
    }
    assert [said.split("`")[1] for said in open_rows(rows)] == [one.value for one in used.values()]


def test_a_state_may_be_called_as_a_function_that_is_carried() -> None:
    given = {"ApiEndpoint": HOST, "Method": "GET"}
    workflow, _ = lifted({"Api": work(Resource=API, Parameters=given)})
    function = workflow.tasks["Api"].call.arguments["python_callable"]
    assert isinstance(function, Function)
    defined = [line.split("(")[0] for line in function.source.splitlines() if line.startswith("def ")]
    assert len(defined) == len(set(defined))
    assert function.name == "call_api_task"


def test_parameters_beside_a_body_go_into_the_address() -> None:
    given = {
        "ApiEndpoint": "https://h.example.com/a",
        "Method": "PUT",
        "Authentication": CONNECTION,
        "QueryParameters": {"day": "1 2"},
        "RequestBody": {"x": 1},
    }
    workflow, _ = lifted({"A": work(Resource=HTTP, Parameters=given)})
    arguments = workflow.tasks["A"].call.arguments
    assert {name: getattr(arguments[name], "value", None) for name in ("endpoint", "data", "headers")} == {
        "endpoint": "a?day=1%202",
        "data": '{"x": 1}',
        "headers": {"Content-Type": "application/json"},
    }
