"""Alarms, their topic, and the rule that tells of executions that fail, in Terraform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dagmig.deploy.stack import ALARMS, FAILURES, Stack
from dagmig.deploy.terraform.hcl import Block, Raw, expression
from dagmig.deploy.terraform.parts import ACCOUNT, MACHINE, document, written

TOPIC = Raw("aws_sns_topic.alarms.arn")


def alarms(stack: Stack) -> Iterator[Block]:
    """Whom to tell what has failed, was late or was refused."""
    yield Block("resource", ("aws_sns_topic", "alarms"), {"name": f"{stack.name}-alarms"})
    subscription = {
        "for_each": Raw("toset(var.alarm_emails)"),
        "topic_arn": TOPIC,
        "protocol": "email",
        "endpoint": Raw("each.value"),
    }
    yield Block("resource", ("aws_sns_topic_subscription", "alarms"), subscription)
    said = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    statements = [_publishes("cloudwatch.amazonaws.com") | {"Condition": said}]
    if stack.tells_failures:  # of a rule's events a topic's policy cannot ask for more
        statements.append(_publishes("events.amazonaws.com"))
    policy = {"arn": TOPIC, "policy": document(list(map(written, statements)))}
    yield Block("resource", ("aws_sns_topic_policy", "alarms"), policy)
    for name, metric in ALARMS.items():
        yield _alarm(stack, name, metric)
    if stack.late is not None:  # of milliseconds, told when an execution ends
        longest = {
            "statistic": "Maximum",
            "threshold": stack.late // timedelta(milliseconds=1),
            "comparison_operator": "GreaterThanThreshold",
        }
        late = _alarm(stack, "Late", "ExecutionTime")
        yield replace(late, body={**late.body, **longest})
    if stack.tells_failures:
        yield from _failures(stack)


def _publishes(service: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sns:Publish",
        "Resource": TOPIC,
    }


def _alarm(stack: Stack, name: str, metric: str) -> Block:
    body = {
        "alarm_name": f"{stack.name}-{metric}",
        "namespace": "AWS/States",
        "metric_name": metric,
        "dimensions": {"StateMachineArn": MACHINE},
        "statistic": "Sum",
        "period": 300,
        "evaluation_periods": 1,
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "treat_missing_data": "notBreaching",
        "alarm_actions": [TOPIC],
    }
    return Block("resource", ("aws_cloudwatch_metric_alarm", name.lower()), body)


def _failures(stack: Stack) -> Iterator[Block]:
    detail = {"stateMachineArn": [MACHINE], "status": list(FAILURES)}
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": detail,
    }
    about = "Tells of executions that fail, as the DAG's callbacks and e-mails do"
    body = {
        "name": f"{stack.name[:50]}-failures",
        "description": about,
        "event_pattern": Raw(f"jsonencode({expression(pattern, '  ')})"),
    }
    yield Block("resource", ("aws_cloudwatch_event_rule", "failures"), body)
    target = {"rule": Raw("aws_cloudwatch_event_rule.failures.name"), "arn": TOPIC}
    yield Block("resource", ("aws_cloudwatch_event_target", "failures"), target)
