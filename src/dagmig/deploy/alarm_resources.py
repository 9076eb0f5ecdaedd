"""Who is told what has failed, was late or was refused: alarms, their topic, a rule, in CloudFormation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dagmig.deploy.stack import ALARMS, FAILURES, Stack

JSON = Any
MACHINE, TOPIC = "StateMachine", "AlarmTopic"


def _numbers(stack: Stack) -> list[str]:
    """What stands behind the ids of each address: nothing behind the first, which may be empty."""
    return ["", *(str(number) for number in range(2, len(stack.emails) + 1))]


def email_parameters(stack: Stack) -> dict[str, JSON]:
    """A parameter for each address."""
    about = "Where failed executions are told; empty for nobody"
    return {
        f"AlarmEmail{number}": {"Type": "String", "Default": email, "Description": about}
        for number, email in zip(_numbers(stack), stack.emails or ("",), strict=True)
    }


def has_emails(stack: Stack) -> dict[str, JSON]:
    """The conditions that an address is given."""
    return {
        f"HasEmail{number}": {"Fn::Not": [{"Fn::Equals": [{"Ref": f"AlarmEmail{number}"}, ""]}]}
        for number in _numbers(stack)
    }


def alarms(stack: Stack) -> dict[str, JSON]:
    """The resources."""
    found: dict[str, JSON] = {TOPIC: {"Type": "AWS::SNS::Topic", "Properties": {}}}
    for number in _numbers(stack):
        address = {"Ref": f"AlarmEmail{number}"}
        found[f"AlarmSubscription{number}"] = {
            "Type": "AWS::SNS::Subscription",
            "Condition": f"HasEmail{number}",
            "Properties": {"TopicArn": {"Ref": TOPIC}, "Protocol": "email", "Endpoint": address},
        }
    found["AlarmTopicPolicy"] = _topic_policy(stack)
    for name, metric in ALARMS.items():
        found[f"Executions{name}"] = _alarm(metric)
    if stack.late is not None:
        found["ExecutionsLate"] = _late(stack.late)
    if stack.tells_failures:
        found["TellFailures"] = _failures()
    return found


def _alarm(metric: str) -> JSON:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "AWS/States",
            "MetricName": metric,
            "Dimensions": [{"Name": "StateMachineArn", "Value": {"Ref": MACHINE}}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": TOPIC}],
        },
    }


def _late(limit: timedelta) -> JSON:
    """Of ``ExecutionTime``, in milliseconds, which is told when an execution ends."""
    alarm = _alarm("ExecutionTime")
    longest = {
        "Statistic": "Maximum",
        "Threshold": limit // timedelta(milliseconds=1),
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return {**alarm, "Properties": {**alarm["Properties"], **longest}}


def _failures() -> JSON:
    detail = {"stateMachineArn": [{"Ref": MACHINE}], "status": list(FAILURES)}
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Description": "Tells of executions that fail, as the DAG's callbacks and e-mails do",
            "EventPattern": {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": detail,
            },
            "Targets": [{"Id": "topic", "Arn": {"Ref": TOPIC}}],
        },
    }


def _publishes(service: str) -> dict[str, JSON]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sns:Publish",
        "Resource": {"Ref": TOPIC},
    }


def _topic_policy(stack: Stack) -> JSON:
    said = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    statements = [_publishes("cloudwatch.amazonaws.com") | {"Condition": said}]
    if stack.tells_failures:  # of a rule's events a topic's policy cannot ask for more
        statements.append(_publishes("events.amazonaws.com"))
    policy = {"Version": "2012-10-17", "Statement": statements}
    return {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {"Topics": [{"Ref": TOPIC}], "PolicyDocument": policy},
    }
