"""The rules that look at the other resources of a machine's template."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.source import Source

RULES = {rule.id: rule for rule in rules()}
CFN, SAM = "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"
DONE = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


def found(
    rule: str, others: dict[str, Any], states: Any = None, kind: str = CFN, **properties: Any
) -> list[str]:
    definition = DONE if states is None else {"StartAt": next(iter(states)), "States": states}
    machine = {"Type": kind, "Properties": {"Definition": definition, **properties}}
    text = json.dumps({"Resources": {"M": machine, **others}})
    return [one.message for one in check(Source(text, "t.json", "machine"), (RULES[rule],)).found]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def alarm(metric: str, machine: str = "M") -> dict[str, Any]:
    dimensions = [{"Name": "StateMachineArn", "Value": {"Ref": machine}}]
    given = {"Namespace": "AWS/States", "MetricName": metric, "Dimensions": dimensions}
    return resource("AWS::CloudWatch::Alarm", **given)


STATUS = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}
METRIC = {
    "Id": "a",
    "MetricStat": {"Metric": {"Namespace": "AWS/States", "MetricName": "ExecutionsTimedOut"}},
}
BOTH = "no alarm on `ExecutionsFailed` and `ExecutionsTimedOut`"


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({}, [BOTH]),
        ({"A": alarm("ExecutionsFailed")}, ["no alarm on `ExecutionsTimedOut`"]),
        ({"A": alarm("ExecutionsFailed"), "B": alarm("ExecutionsTimedOut")}, []),
        ({"A": alarm("ExecutionsFailed"), "B": resource("AWS::CloudWatch::Alarm", Metrics=[METRIC])}, []),
        ({"A": alarm("ExecutionsFailed", "Elsewhere"), "B": alarm("ExecutionsTimedOut")}, []),
        ({"R": resource("AWS::Events::Rule", EventPattern=STATUS)}, []),
        ({"R": resource("AWS::Events::Rule", EventPattern={"source": ["aws.s3"]})}, [BOTH]),
        ({"S": resource("AWS::CloudFormation::Stack", TemplateURL="u")}, []),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, []),
    ],
)
def test_alarms(others: dict[str, Any], said: list[str]) -> None:
    assert found("no-alarm", others) == said


def test_alarms_of_another_machine_are_not_this_one_s() -> None:
    other = resource(CFN, DefinitionUri="elsewhere.json")
    others = {
        "Other": other,
        "A": alarm("ExecutionsFailed", "Other"),
        "B": alarm("ExecutionsTimedOut", "Other"),
    }
    assert found("no-alarm", others) == [BOTH]


LOGS = {"Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}]}
OWN_KEY = {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": "k"}
OF_MACHINE = "the machine is encrypted with a key of AWS"
OF_LOGS = "the log group `Logs` is encrypted with a key of AWS"


@pytest.mark.parametrize(
    ("kind", "properties", "logs", "said"),
    [
        (CFN, {}, {}, [OF_MACHINE]),
        (CFN, {"EncryptionConfiguration": {"Type": "AWS_OWNED_KEY"}}, {}, [OF_MACHINE]),
        (CFN, {"EncryptionConfiguration": OWN_KEY}, {}, []),
        (CFN, {"EncryptionConfiguration": {"Fn::If": ["Own", OWN_KEY, {"Ref": "AWS::NoValue"}]}}, {}, []),
        (CFN, {"EncryptionConfiguration": OWN_KEY, "LoggingConfiguration": LOGS}, {}, [OF_LOGS]),
        (CFN, {"EncryptionConfiguration": OWN_KEY, "LoggingConfiguration": LOGS}, {"KmsKeyId": "k"}, []),
        (SAM, {"Logging": LOGS}, {}, [OF_LOGS]),
        (SAM, {}, {}, []),
    ],
)
def test_keys(kind: str, properties: Any, logs: Any, said: list[str]) -> None:
    others = {"Logs": resource("AWS::Logs::LogGroup", **logs)}
    assert found("no-customer-managed-key", others, kind=kind, **properties) == said


def trusting(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument={"Statement": [statement]})


@pytest.mark.parametrize(
    ("role", "arn", "flagged"),
    [
        (trusting({"AWS": "arn:aws:iam::1:role/own"}), {"Fn::GetAtt": ["Other", "Arn"]}, True),
        (trusting({"AWS": "arn:aws:iam::1:role/own"}), "arn:aws:iam::2:role/away", False),
        (
            trusting({"AWS": "r"}, Condition={"StringEquals": {"sts:ExternalId": "m"}}),
            {"Ref": "Other"},
            False,
        ),
        (trusting({"Service": "states.amazonaws.com"}), {"Fn::GetAtt": ["Other", "Arn"]}, False),
        (trusting({"AWS": "r"}, Effect="Deny"), {"Fn::GetAtt": ["Other", "Arn"]}, False),
        (resource("AWS::IAM::Role"), {"Fn::GetAtt": ["Other", "Arn"]}, False),
    ],
)
def test_trust(role: dict[str, Any], arn: Any, flagged: bool) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Credentials": {"RoleArn": arn}}
    assert bool(found("credentials-no-condition", {"Other": role}, {"Send": task})) == flagged


def subscription(protocol: str) -> dict[str, Any]:
    return resource("AWS::SNS::Subscription", TopicArn={"Ref": "T"}, Protocol=protocol, Endpoint="e")


TOKEN = {"Message.$": "States.Format('approve {}', $$.Task.Token)"}
PUBLISH = "arn:aws:states:::sns:publish.waitForTaskToken"
MAIL = "arn:aws:states:::aws-sdk:sesv2:sendEmail.waitForTaskToken"


@pytest.mark.parametrize(
    ("call", "given", "others", "flagged"),
    [
        (PUBLISH, {"TopicArn": {"Ref": "T"}, **TOKEN}, {"S": subscription("email")}, True),
        (PUBLISH, {"TopicArn": {"Ref": "T"}, **TOKEN}, {"S": subscription("sms")}, True),
        (PUBLISH, {"TopicArn": {"Ref": "T"}, **TOKEN}, {"S": subscription("lambda")}, False),
        (PUBLISH, {"TopicArn": {"Ref": "Other"}, **TOKEN}, {"S": subscription("email")}, False),
        (PUBLISH, {"TopicArn": {"Ref": "T"}, "Message": "a"}, {"S": subscription("email")}, False),
        (PUBLISH, {"PhoneNumber": "1", "Message": {"all.$": "$$"}}, {}, True),
        (PUBLISH, {"PhoneNumber": "1", "Message.$": "$$.Execution.Name"}, {}, False),
        (PUBLISH, {"PhoneNumber": "1", "Message": "that is $$"}, {}, False),
        (MAIL, {"Content": {"Simple": {"Body": {"Text": {"Data.$": "$$.Task.Token"}}}}}, {}, True),
    ],
)
def test_tokens(call: str, given: Any, others: dict[str, Any], flagged: bool) -> None:
    task = {"Type": "Task", "Resource": call, "Parameters": given, "End": True}
    topic = resource("AWS::SNS::Topic", TopicName="t")
    assert bool(found("task-token-exposed", {"T": topic, **others}, {"Ask": task})) == flagged


MODULE = """
resource "aws_sfn_state_machine" "m" {
  name     = "${var.name}-m"
  role_arn = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "Done", States = { Done = { Type = "Succeed" } } })
  # MORE
  lifecycle { ignore_changes = [tags] }
}

resource "aws_cloudwatch_log_group" "logs" {
  name = "/orders/m"
  tags = merge(local.tags, { a = "b" })
}
"""
DESTINATION = 'log_destination = "${aws_cloudwatch_log_group.logs.arn}:*"'
LOGGED = f'logging_configuration {{\n level = "ERROR"\n {DESTINATION}\n}}'


def in_module(rule: str, more: str, text: str = MODULE) -> list[str]:
    source = Source(text.replace("# MORE", more), "main.tf", "machine")
    assert len(source.subjects) == 1
    return [one.message for one in check(source, (RULES[rule],)).found]


@pytest.mark.parametrize(
    ("rule", "more", "flagged"),
    [
        ("no-customer-managed-key", "", 1),
        ("no-customer-managed-key", 'encryption_configuration {\n type = "CUSTOMER_MANAGED_KMS_KEY"\n }', 0),
        ("no-customer-managed-key", "encryption_configuration {\n type = var.type\n }", 0),
        (
            "no-customer-managed-key",
            'dynamic "encryption_configuration" {\n for_each = [1]\n content {} \n }',
            0,
        ),
        ("no-customer-managed-key", LOGGED, 2),
        ("log-group-prefix", LOGGED, 1),
        ("log-group-prefix", "", 0),
        ("express-without-logging", 'type = "EXPRESS"', 1),
        ("express-without-logging", f'type = "EXPRESS"\n{LOGGED}', 0),
        (
            "express-without-logging",
            'type = "EXPRESS"\ndynamic "logging_configuration" {\n content {}\n }',
            0,
        ),
        ("express-without-logging", "type = var.type", 0),
        ("express-without-logging", "", 0),
        (
            "express-without-logging",
            'type = "EXPRESS"\nlogging_configuration {}\nlogging_configuration {}',
            0,
        ),
        ("tracing-off", "", 1),
        ("tracing-off", "tracing_configuration { enabled = true }", 0),
        ("tracing-off", "tracing_configuration {\n enabled = var.tracing\n }", 0),
        ("logging-off", "", 1),
        ("logging-off", LOGGED, 0),
        ("untagged", "", 0),
        ("no-alarm", "", 0),
    ],
)
def test_terraform(rule: str, more: str, flagged: int) -> None:
    assert len(in_module(rule, more)) == flagged


def test_finding_in_terraform_stands_at_the_resource() -> None:
    (one,) = check(Source(MODULE, "main.tf", "machine"), (RULES["tracing-off"],)).found
    assert MODULE.split("\n")[one.span.line - 1][one.span.column - 1 :] == '"aws_sfn_state_machine" "m" {'


def test_comment_at_the_resource_silences_it() -> None:
    text = MODULE.replace('"m" {', '"m" {  # dagmig: ignore[tracing-off] not here')
    assert in_module("tracing-off", "", text) == []


@pytest.mark.parametrize("more", ["a = {for k in x : k => k}", "a = {b c}", "{", "a b"])
def test_terraform_that_cannot_be_read_is_not_judged(more: str) -> None:
    source = Source(MODULE.replace("# MORE", f'type = "EXPRESS"\n{more}'), "main.tf", "machine")
    assert [
        one.code for one in check(source, (RULES["tracing-off"], RULES["express-without-logging"])).found
    ] == []
