"""What a DAG carries along for calls of APIs, and for a role that a task acts as."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import pytest
from tests.test_lift import lifted, open_rows, work

from dagmig.asl.lift import runtime, web
from dagmig.graph.values import Function, Literal

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
        (HTTP, {"ApiEndpoint.$": "$.url", "Method": "GET", "Authentication": CONNECTION}, "the host is only"),
        (HTTP, {"ApiEndpoint": "https://h/a", "Method": "GET"}, "the connection is only"),
        (
            HTTP,
            {"ApiEndpoint": "https://h/a", "Method.$": "$.m", "Authentication": CONNECTION},
            "the method is only",
        ),
        (
            HTTP,
            {"ApiEndpoint": "https://h/a", "Method": "GET", "Authentication": CONNECTION, "Transform": {}},
            "`Transform` of an HTTP Task",
        ),
    ],
)
def test_what_cannot_be_called_fails_visibly(resource: str, given: dict[str, Any], said: str) -> None:
    _, rows = lifted({"A": work(Resource=resource, Parameters=given)})
    (found,) = open_rows(rows)
    assert said in found


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
