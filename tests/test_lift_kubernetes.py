"""What a DAG carries along for the API of a cluster on EKS, for EMR's fleets and groups, and for Bedrock."""

from __future__ import annotations

import base64
import io
import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.test_lift_web import answer

from dagmig.asl.lift import kubernetes, own_calls, runtime, sync

PLACE = {"ClusterName": "c", "CertificateAuthority": "Y2VydA==", "Endpoint": "https://e.example.com/"}
REFUSED = '{"kind": "Status", "code": 401}'


class Cluster:
    """A cluster that answers by method and path; what it is asked is in ``asked``."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = {
            key: list(value) if isinstance(value, list) else [value] for key, value in answers.items()
        }
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def request(self, method: str, url: str, headers: dict[str, str], data: str | None) -> Any:
        self.headers.append(headers)
        path = url.removeprefix("https://e.example.com")
        self.asked.append((method, path, data))
        return types.SimpleNamespace(prepare=lambda: f"{method} {path.partition('?')[0]}")

    def session(self, verify: str) -> Any:
        assert Path(verify).read_text(encoding="utf-8") == "cert"
        return types.SimpleNamespace(send=self.send)

    def send(self, asked: str) -> Any:
        found = self.answers[asked]
        said = found.pop(0) if len(found) > 1 else found[0]
        return said if hasattr(said, "status_code") else answer(json.dumps(said))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Any:
    def made(answers: Mapping[str, Any]) -> Cluster:
        found = Cluster(answers)
        monkeypatch.setattr(kubernetes, "AWSRequest", found.request)
        monkeypatch.setattr(kubernetes, "URLLib3Session", found.session)
        return found

    monkeypatch.setattr(kubernetes, "cluster_token", lambda name: f"token of {name}")
    monkeypatch.setattr(sync.time, "sleep", lambda _: None)
    return made


def test_a_call_of_a_cluster(cluster: Any) -> None:
    pods = cluster({"GET /api/v1/pods": {"items": []}})
    given = {**PLACE, "Method": "GET", "Path": "/api/v1/pods", "QueryParameters": {"labelSelector": ["a=b"]}}
    assert kubernetes.call_cluster(given) == {
        "Headers": {},
        "ResponseBody": {"items": []},
        "StatusCode": 200,
        "StatusText": "Said",
    }
    assert pods.asked == [("GET", "/api/v1/pods?labelSelector=a%3Db", None)]
    assert pods.headers == [{"Authorization": "Bearer token of c"}]


@pytest.mark.parametrize(
    ("method", "body", "kind", "sent"),
    [
        ("POST", {"kind": "Pod"}, "application/json", '{"kind": "Pod"}'),
        ("PUT", '{"kind":"Pod"}', "application/json", '{"kind":"Pod"}'),
        ("PATCH", {"spec": None}, "application/merge-patch+json", '{"spec": null}'),
    ],
)
def test_a_body_is_json(cluster: Any, method: str, body: Any, kind: str, sent: str) -> None:
    pods = cluster({f"{method} /pods": {}})
    kubernetes.call_cluster({**PLACE, "Method": method, "Path": "pods", "RequestBody": body})
    assert pods.asked == [(method, "/pods", sent)]
    assert pods.headers[0]["Content-Type"] == kind


def test_a_refusal_has_the_name_that_step_functions_gives_it(cluster: Any) -> None:
    cluster({"GET /pods": answer(REFUSED, 401)})
    with pytest.raises(ValueError, match="refused") as raised:
        kubernetes.call_cluster({**PLACE, "Method": "GET", "Path": "pods"})
    said = runtime.error_output(raised.value)
    assert said["Error"] == "EKS.401"
    assert json.loads(said["Cause"]) == {
        "ResponseBody": {"kind": "Status", "code": 401},
        "StatusCode": 401,
        "StatusText": "Said",
    }


JOBS = "/apis/batch/v1/namespaces/work/jobs"
PODS = "/api/v1/namespaces/work/pods"
MADE = {"metadata": {"name": "pi-1", "namespace": "work"}}
DONE = {**MADE, "status": {"conditions": [{"type": "Complete", "status": "True"}]}}


def test_a_job_of_a_cluster_is_waited_for(cluster: Any) -> None:
    waits = {**MADE, "status": {"conditions": [{"type": "Suspended", "status": "False"}]}}
    jobs = cluster({f"POST {JOBS}": MADE, f"GET {JOBS}/pi-1": [MADE, waits, DONE]})
    assert kubernetes.cluster_job_to_end({**PLACE, "Namespace": "work", "Job": {"kind": "Job"}}) == DONE
    assert [method for method, *_ in jobs.asked] == ["POST", "GET", "GET", "GET"]
    failed = {**MADE, "status": {"conditions": [{"type": "Failed", "status": "True"}]}}
    cluster({f"POST {JOBS}": MADE, f"GET {JOBS}/pi-1": failed})
    with pytest.raises(ValueError, match="has failed") as raised:
        kubernetes.cluster_job_to_end({**PLACE, "Namespace": "work", "Job": {}})
    assert runtime.error_output(raised.value)["Error"] == "States.TaskFailed"


def test_the_logs_of_a_job(cluster: Any) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "pi"}]}}
    answers = {
        f"POST {JOBS}": MADE,
        f"GET {JOBS}/pi-1": DONE,
        f"GET {PODS}": {"items": [pod]},
        f"GET {PODS}/p/log": answer('{"pi": 3.14}'),
    }
    given = {**PLACE, "Namespace": "work", "Job": {}, "LogOptions": {"RetrieveLogs": True}}
    jobs = cluster(answers)
    job = kubernetes.cluster_job_to_end(given)
    assert job["logs"] == {"pods": {"p": {"containers": {"pi": {"log": {"pi": 3.14}}}}}}
    assert jobs.asked[-2][1] == f"{PODS}?labelSelector=job-name%3Dpi-1"
    given["LogOptions"] = {"RetrieveLogs": True, "RawLogs": True, "LogParameters": {"tailLines": ["6"]}}
    jobs = cluster(answers)
    logs = kubernetes.cluster_job_to_end(given)["logs"]
    assert logs["pods"]["p"]["containers"]["pi"] == {"log": '{"pi": 3.14}'}
    assert jobs.asked[-1][1] == f"{PODS}/p/log?tailLines=6&container=pi"
    cluster({**answers, f"GET {PODS}/p/log": answer(REFUSED, 401)})
    logs = kubernetes.cluster_job_to_end(given)["logs"]
    assert logs["pods"]["p"]["containers"]["pi"]["error"] == "EKS.401"


def test_the_token_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[Any] = []

    class Signer:
        def __init__(self, *about: Any) -> None:
            signed.append(about)

        def generate_presigned_url(self, about: Mapping[str, Any], **_: Any) -> str:
            signed.append(about)
            return "https://signed"

    session = types.SimpleNamespace(get_credentials=lambda: "keys", events="events")
    meta = types.SimpleNamespace(
        region_name="eu-central-1", endpoint_url="https://sts.eu-central-1.amazonaws.com"
    )
    hook = types.SimpleNamespace(get_session=lambda: session, conn=types.SimpleNamespace(meta=meta))
    monkeypatch.setattr(kubernetes, "AwsGenericHook", lambda client_type: hook)
    monkeypatch.setattr(kubernetes, "RequestSigner", Signer)
    token = kubernetes.cluster_token("c")
    assert token.startswith("k8s-aws-v1.")
    assert base64.urlsafe_b64decode(token.partition(".")[2] + "==") == b"https://signed"
    assert signed[0] == ("STS", "eu-central-1", "sts", "v4", "keys", "events")
    assert signed[1]["url"] == (
        "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    )
    assert signed[1]["headers"] == {"x-k8s-aws-id": "c"}


class Emr:
    def __init__(self, names: list[str]) -> None:
        self.names, self.called = names, []

    def get_paginator(self, name: str) -> Any:
        members = {"list_instance_fleets": "InstanceFleets", "list_instance_groups": "InstanceGroups"}[name]
        pages = [{members: [{"Id": f"i-{one}", "Name": one}]} for one in self.names]
        return types.SimpleNamespace(paginate=lambda ClusterId: [{members: [{"Id": "i"}]}, *pages])

    def __getattr__(self, name: str) -> Any:
        return lambda **given: self.called.append((name, given))


def test_a_fleet_and_a_group_are_told_by_their_names() -> None:
    emr = Emr(["core", "task"])
    assert own_calls.modify_fleet(emr, "j", "task", {"TargetSpotCapacity": 2}) == {}
    assert own_calls.modify_group(emr, "j", "core", {"InstanceCount": 3}) == {}
    fleet = {"InstanceFleetId": "i-task", "TargetSpotCapacity": 2}
    group = {"InstanceGroupId": "i-core", "InstanceCount": 3}
    assert emr.called == [
        ("modify_instance_fleet", {"ClusterId": "j", "InstanceFleet": fleet}),
        ("modify_instance_groups", {"ClusterId": "j", "InstanceGroups": [group]}),
    ]
    for names in (["core"], ["task", "task"]):
        with pytest.raises(ValueError, match="does not tell"):
            own_calls.modify_fleet(Emr(names), "j", "task", {})


def test_a_model_is_invoked(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []

    def invoke_model(**given: Any) -> Any:
        called.append(given)
        kind = given.get("accept", "application/json")
        return {"body": io.BytesIO(b'{"text": "hi"}'), "contentType": kind}

    client = types.SimpleNamespace(invoke_model=invoke_model)
    assert own_calls.invoke_model(client, modelId="m", body="{}") == {
        "Body": {"text": "hi"},
        "ContentType": "application/json",
    }
    assert (
        own_calls.invoke_model(client, modelId="m", body="{}", accept="text/plain")["Body"]
        == '{"text": "hi"}'
    )
    found = {"Body": io.BytesIO(b"[1]"), "ContentType": "application/x"}
    s3 = types.SimpleNamespace(
        conn=types.SimpleNamespace(get_object=lambda **where: called.append(where) or found)
    )
    monkeypatch.setattr(own_calls, "AwsGenericHook", lambda client_type: s3)
    own_calls.invoke_model(client, "s3://bucket/in/a.json", modelId="m")
    assert called[-2:] == [
        {"Bucket": "bucket", "Key": "in/a.json"},
        {"contentType": "application/x", "modelId": "m", "body": b"[1]"},
    ]
