"""The role of a machine: what its calls need, no more, and as narrow as IAM and the machine allow."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dagmig.asl.load import load_machine
from dagmig.deploy.role import LOGS, TRACES, Statement, of_machine
from dagmig.diagnostics import Report
from dagmig.lint.machine.permissions import needs
from dagmig.lint.source import Subject
from dagmig.pipeline import airflow_to_asl

FIXTURES = Path(__file__).parents[1] / "fixtures"
BLOCK = re.compile(r"^```py[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""Actions for which IAM knows no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/."""


def role(*states: dict[str, Any]) -> dict[str, Statement]:
    """The statement of each action, without those for logs and traces."""
    names = [f"s{number}" for number in range(len(states))]
    made = {
        name: {"Type": "Task", **state, **({"Next": after} if after else {"End": True})}
        for name, after, state in zip(names, [*names[1:], None], states, strict=True)
    }
    text = json.dumps({"QueryLanguage": "JSONata", "StartAt": "s0", "States": made})
    return by_action(text)


def by_action(text: str) -> dict[str, Statement]:
    machine = load_machine(text, "m.asl.json", Report())
    assert machine is not None
    found = [one for one in of_machine(machine, "m") if one not in (LOGS, TRACES)]
    return {action: one for one in found for action in one.actions}


def call(resource: str, **arguments: Any) -> dict[str, Any]:
    return {"Resource": f"arn:aws:states:::{resource}", "Arguments": arguments}


HERE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"


@pytest.mark.parametrize(
    ("state", "action", "resource"),
    [
        (call("lambda:invoke", FunctionName="f"), "lambda:InvokeFunction", HERE % "lambda" + "function:f"),
        (call("lambda:invoke", FunctionName="${f_arn}"), "lambda:InvokeFunction", "${f_arn}"),
        (
            call("lambda:invoke", FunctionName="{% $f %}"),
            "lambda:InvokeFunction",
            HERE % "lambda" + "function:*",
        ),
        (call("glue:startJobRun.sync", JobName="j"), "glue:BatchStopJobRun", HERE % "glue" + "job/j"),
        (call("ecs:runTask", TaskDefinition="t"), "ecs:RunTask", HERE % "ecs" + "task-definition/t:*"),
        (call("ecs:runTask", TaskDefinition="t:3"), "ecs:RunTask", HERE % "ecs" + "task-definition/t:3"),
        (call("ecs:runTask.sync", TaskDefinition="t"), "ecs:StopTask", HERE % "ecs" + "task/*"),
        (call("batch:submitJob.sync", JobQueue="q"), "batch:TerminateJob", HERE % "batch" + "job/*"),
        (call("batch:submitJob.sync", JobQueue="q"), "batch:DescribeJobs", "*"),
        (
            call("sqs:sendMessage", QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/q"),
            "sqs:SendMessage",
            HERE % "sqs" + "q",
        ),
        (
            call("aws-sdk:s3:copyObject", Bucket="to", Key="k", CopySource="from/a/k"),
            "s3:GetObject",
            "arn:${AWS::Partition}:s3:::from/*",
        ),
        (
            call("aws-sdk:s3:copyObject", Bucket="to", Key="k", CopySource="from/a/k"),
            "s3:PutObject",
            "arn:${AWS::Partition}:s3:::to/*",
        ),
        (call("aws-sdk:s3:listObjectsV2", Bucket="b"), "s3:ListBucket", "arn:${AWS::Partition}:s3:::b"),
        (
            call("states:startExecution.sync:2", StateMachineArn=HERE % "states" + "stateMachine:x"),
            "states:StopExecution",
            HERE % "states" + "execution:x:*",
        ),
        (
            call("emr-serverless:startJobRun.sync", ApplicationId="a"),
            "events:PutRule",
            HERE % "events" + "rule/StepFunctionsGetEventsForEMRServerlessJobRule",
        ),
    ],
)
def test_resources(state: dict[str, Any], action: str, resource: str) -> None:
    assert resource in role(state)[action].resources


def test_a_role_is_passed_to_its_service_only() -> None:
    given = call("emr-serverless:startJobRun", ApplicationId="a", ExecutionRoleArn="arn:aws:iam::1:role/r")
    found = role(given)["iam:PassRole"]
    assert found.resources == ("arn:aws:iam::1:role/r",)
    assert found.conditions == (("StringEquals", "iam:PassedToService", ("emr-serverless.amazonaws.com",)),)


@pytest.mark.parametrize(
    ("endpoint", "query", "expected"),
    [
        ("https://${host}/api", None, "https://${host}/api"),
        ("https://${host}/api", {"q": 1}, "https://${host}/api*"),
        ("{% 'https://example.com/runs/' & $run %}", None, "https://example.com/runs/*"),
        ("{% $url %}", None, None),
    ],
)
def test_an_http_task_may_call_its_endpoint_only(endpoint: str, query: Any, expected: str | None) -> None:
    more = {"QueryParameters": query} if query else {}
    connection = {"ConnectionArn": "${connection_arn}"}
    found = role(
        call("http:invoke", ApiEndpoint=endpoint, Method="POST", InvocationConfig=connection, **more)
    )
    conditions = {key: values for _, key, values in found["states:InvokeHTTPEndpoint"].conditions}
    assert conditions["states:HTTPMethod"] == ("POST",)
    assert conditions.get("states:HTTPEndpoint") == (None if expected is None else (expected,))
    assert found["events:RetrieveConnectionCredentials"].resources == ("${connection_arn}",)


def test_calls_in_another_role_need_nothing() -> None:
    state = {**call("sns:publish", TopicArn="arn:aws:sns:us-east-1:1:t"), "Credentials": {"RoleArn": "r"}}
    assert not role(state)


def test_statements_with_the_same_resources_are_one() -> None:
    found = role(*(call("glue:startJobRun.sync", JobName=name) for name in ("a", "b")))
    assert len({id(one) for one in found.values()}) == 1


def test_all_that_integrations_emit_is_allowed_and_named() -> None:
    seen: set[str] = set()
    for page in sorted(FIXTURES.glob("integrations/*.md")):
        for block in BLOCK.findall(page.read_text("utf-8")):
            for one in airflow_to_asl(block, "dag.py", Report()):
                machine = load_machine(one.text, "m.asl.json", Report())
                assert machine is not None
                found = by_action(one.text)
                assert {need.action for need in needs(Subject(machine))} <= set(found)
                wide = {action for action, made in found.items() if "*" in made.resources}
                assert all(found[action].why for action in wide), page
                seen |= set(found)
    assert len(seen) > 15
