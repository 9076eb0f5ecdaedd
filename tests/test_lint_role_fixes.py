"""Fixes of roles that stand in the template of their machine."""

from __future__ import annotations

import json
from typing import Any

import yaml

from dagmig.lint.check import check, rules
from dagmig.lint.fix import fixed
from dagmig.lint.source import Source

CHOSEN = tuple(rule for rule in rules() if rule.id.startswith("iam-"))


def template(*statements: dict[str, Any], **states: dict[str, Any]) -> dict[str, Any]:
    """A SAM machine whose states run one after another, with these statements."""
    names = [*states, None]
    made = {
        name: {"Type": "Task", **state, **({"Next": after} if after else {"End": True})}
        for (name, state), after in zip(states.items(), names[1:], strict=True)
    }
    machine = {"QueryLanguage": "JSONata", "StartAt": names[0], "States": made}
    properties = {"Definition": machine, "Policies": [{"Statement": list(statements)}]}
    return {"Resources": {"Flow": {"Type": "AWS::Serverless::StateMachine", "Properties": properties}}}


def call(resource: str, **arguments: Any) -> dict[str, Any]:
    return {"Resource": f"arn:aws:states:::{resource}", "Arguments": arguments}


def codes(text: str, file: str) -> list[str]:
    return sorted(one.code for one in check(Source(text, file, "machine"), CHOSEN).found)


def mended(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements after all fixes of the template as YAML; nothing is found in it any more."""
    text = yaml.safe_dump(document, sort_keys=False)
    for _ in range(5):
        found = check(Source(text, "template.yaml", "machine"), CHOSEN).found
        text = fixed(text, found, unsafe=True)
    assert codes(text, "template.yaml") == []
    (policy,) = yaml.safe_load(text)["Resources"]["Flow"]["Properties"]["Policies"]
    statements: list[dict[str, Any]] = policy["Statement"]
    return statements


LOGS = {"Effect": "Allow", "Action": "logs:CreateLogDelivery", "Resource": "*"}


def test_what_is_missing_is_allowed_on_what_is_named() -> None:
    reads = call("aws-sdk:s3:getObject", Bucket="lake", Key="in/orders.csv")
    tells = call("sns:publish", TopicArn="arn:aws:sns:eu-west-1:1:ops", Message="done")
    first, *added = mended(template(LOGS, Read=reads, Tell=tells))
    assert first == LOGS
    assert {one["Action"] for one in added} == {"s3:GetObject", "sns:Publish"}
    by_action = {one["Action"]: one["Resource"] for one in added}
    assert by_action["sns:Publish"] == "arn:aws:sns:eu-west-1:1:ops"
    assert by_action["s3:GetObject"] == {"Fn::Sub": "arn:${AWS::Partition}:s3:::lake/in/orders.csv"}


def test_a_job_that_is_waited_for_needs_its_rule_and_its_role() -> None:
    allowed = {"Effect": "Allow", "Action": ["ecs:RunTask", "ecs:StopTask"], "Resource": "arn:aws:ecs:r:1:x"}
    run = call("ecs:runTask.sync", TaskDefinition="t", Overrides={"TaskRoleArn": "arn:aws:iam::1:role/t"})
    _, *added = mended(template(allowed, Run=run))
    assert sorted(map(str, (one["Action"] for one in added))) == [
        "['events:PutTargets', 'events:PutRule', 'events:DescribeRule']",
        "iam:PassRole",
    ]


def test_what_is_not_used_is_taken_away() -> None:
    unused = {
        "Effect": "Allow",
        "Action": ["sns:Publish", "dynamodb:PutItem"],
        "Resource": "arn:aws:sns:r:1:t",
    }
    alone = {"Effect": "Allow", "Action": "kinesis:PutRecord", "Resource": "arn:aws:kinesis:r:1:stream/s"}
    tells = call("sns:publish", TopicArn="arn:aws:sns:r:1:t", Message="done")
    assert mended(template(unused, alone, Tell=tells)) == [{**unused, "Action": ["sns:Publish"]}]


def test_all_actions_of_a_service_become_those_that_are_needed() -> None:
    wide = {"Effect": "Allow", "Action": "glue:*", "Resource": "arn:aws:glue:r:1:job/j"}
    (found,) = mended(template(wide, Run=call("glue:startJobRun.sync", JobName="j")))
    assert found["Action"] == [
        "glue:BatchStopJobRun",
        "glue:GetJobRun",
        "glue:GetJobRuns",
        "glue:StartJobRun",
    ]


def test_a_role_that_is_wider_than_what_the_machine_names() -> None:
    """By IAM's reference, not by a list: ``states`` that are named, and those that only the run knows."""
    wide = {"Effect": "Allow", "Action": "athena:StartQueryExecution", "Resource": "*"}
    text = json.dumps(template(wide, Ask=call("athena:startQueryExecution", QueryString="q", WorkGroup="w")))
    assert codes(text, "template.json") == ["iam-wildcard"]
    text = json.dumps(
        template(wide, Ask=call("athena:startQueryExecution", QueryString="q", WorkGroup="{% $w %}"))
    )
    assert codes(text, "template.json") == []


def test_a_role_from_elsewhere_has_no_fix_here() -> None:
    """The edits would be of another file."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": []}}
    document = template(LOGS, Tell=call("sns:publish", TopicArn="arn:aws:sns:r:1:t", Message="done"))
    del document["Resources"]["Flow"]["Properties"]["Policies"]
    document["Resources"]["Flow"]["Properties"]["Role"] = {"Fn::GetAtt": ["Own", "Arn"]}
    document["Resources"]["Own"] = role
    found = check(Source(yaml.safe_dump(document), "template.yaml", "machine"), CHOSEN).found
    assert [(one.code, one.fix) for one in found] == [("iam-missing-permission", None)]
