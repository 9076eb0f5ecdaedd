"""The rules and pipes of a template that start the machine at events.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html,
.../aws-resource-pipes-pipe.html. What a pipe hands on is a list of messages, even of one:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dagmig.asl.lower.event_start import FIELDS, Event, Message, ObjectCreated, Succeeded
from dagmig.deploy.names import machine_name
from dagmig.deploy.role import Statement
from dagmig.deploy.stack import Stack
from dagmig.lint.machine.iam.need import HERE

JSON = Any
Role = Callable[[str, Sequence[Statement]], JSON]
MACHINE, RULE_ROLE, PIPE_ROLE = "StateMachine", "EventsRole", "PipeRole"
READS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
STARTS = Statement(("states:StartExecution",), (f"@{MACHINE}",))
INPUT = {"InputPathsMap": {"time": "$.time"}, "InputTemplate": '{"scheduled_time": <time>}'}
MESSAGE = '{"conf": {' + ", ".join(f'"{name}": <$.{name}>' for name in FIELDS.values()) + "}}"


def started_by_events(stack: Stack, role: Role) -> dict[str, JSON]:
    """The resources by logical id; ``role`` makes a role for a service."""
    found: dict[str, JSON] = {}
    read = queues(stack.events)
    if len(read) < len(stack.events):
        found[RULE_ROLE] = role("events.amazonaws.com", [STARTS])
    if read:
        found[PIPE_ROLE] = role("pipes.amazonaws.com", [STARTS, Statement(READS, read)])
    for number, event in enumerate(stack.events, 1):
        suffix = str(number) if number > 1 else ""
        if isinstance(event, Message):
            found[f"Pipe{suffix}"] = _pipe(stack, event)
        else:
            found[f"Event{suffix}"] = _rule(event)
    return found


def _rule(event: Event) -> JSON:
    target = {
        "Id": "machine",
        "Arn": {"Ref": MACHINE},
        "RoleArn": {"Fn::GetAtt": [RULE_ROLE, "Arn"]},
        "InputTransformer": INPUT,
    }
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {"EventPattern": pattern(event, _filled), "State": "ENABLED", "Targets": [target]},
    }


def _filled(arn: str) -> JSON:
    return {"Fn::Sub": arn}


def pattern(event: Event, filled: Callable[[str], JSON]) -> JSON:
    """What EventBridge compares with; ``filled`` writes an ARN with ``${AWS::...}`` in it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html,
    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html.
    """
    if isinstance(event, Succeeded):
        machine = filled(HERE % "states" + f"stateMachine:{machine_name(event.dag)}")
        return {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"status": ["SUCCEEDED"], "stateMachineArn": [machine]},
        }
    if not isinstance(event, ObjectCreated):
        raise TypeError(f"no event of EventBridge: {event}")
    detail: dict[str, JSON] = {"bucket": {"name": [event.bucket]}}
    if event.key:
        detail["object"] = {"key": [_key(event)]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}


def _key(event: ObjectCreated) -> JSON:
    if event.is_prefix:
        return {"prefix": event.key}
    return {"wildcard": event.key} if "*" in event.key else event.key


def _pipe(stack: Stack, event: Message) -> JSON:
    return {
        "Type": "AWS::Pipes::Pipe",
        "Properties": {
            "Name": stack.name[:64],
            "RoleArn": {"Fn::GetAtt": [PIPE_ROLE, "Arn"]},
            "Source": {"Fn::Sub": queue(event)},
            "SourceParameters": {"SqsQueueParameters": {"BatchSize": event.size}},
            "Target": {"Ref": MACHINE},
            "TargetParameters": {
                "InputTemplate": MESSAGE,
                "StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"},
            },
        },
    }


def queues(events: Sequence[Event]) -> tuple[str, ...]:
    """The ARNs of the queues whose messages start the machine."""
    return tuple(dict.fromkeys(queue(event) for event in events if isinstance(event, Message)))


def queue(event: Event) -> str:
    """The ARN of a queue, which is named by its URL (``https://sqs.REGION.HOST/ACCOUNT/NAME``) or name."""
    name = event.queue if isinstance(event, Message) else ""
    if name.startswith("arn:"):
        return name
    host, _, path = name.partition("://")[2].partition("/")
    parts, labels = path.split("/"), host.split(".")
    if len(parts) == 2 and len(labels) > 2 and labels[0] == "sqs":
        return f"arn:${{AWS::Partition}}:sqs:{labels[1]}:{parts[0]}:{parts[1]}"
    return HERE % "sqs" + name.rpartition("/")[2]
