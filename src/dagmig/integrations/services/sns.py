"""Amazon SNS: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html.

The hook sends ``{"default": message}`` as a JSON structure, which every subscriber gets as the message
(``hooks/sns.py``); the state sends the message itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from dagmig.diagnostics import Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.fragment import MAIN, Fragment
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import Codec, items, mapping, members
from dagmig.integrations.table import table


def _typed(value: Value) -> Value:
    """A flat dict as message attributes, typed as the hook's ``_get_message_attribute`` does."""
    return mapping((key, _attribute(item)) for key, item in members(value))


def _attribute(value: Value) -> Value:
    match value:
        case Literal(bytes()):
            raise ValueError("an attribute is binary")
        case Literal(str()):
            kind, text = "String", value
        case Literal(int() | float() as number):
            kind, text = "Number", Literal(str(number))
        case Literal(list() | tuple()) if all(isinstance(item, Literal) for item in items(value)):
            kind, text = "String.Array", Literal(json.dumps(value.value))
        case _:
            raise ValueError("the type of an attribute is known only when the DAG runs")
    return mapping([("DataType", Literal(kind)), ("StringValue", text)])


def _flat(value: Value) -> Value:
    return mapping((key, _plain(dict(members(item)))) for key, item in members(value))


def _plain(attribute: dict[str, Value]) -> Value:
    kind, text = attribute.get("DataType"), attribute.get("StringValue")
    if kind == Literal("String") and text is not None:
        return text
    is_text = isinstance(text, Literal) and isinstance(text.value, str)
    if kind in (Literal("Number"), Literal("String.Array")) and is_text and isinstance(text, Literal):
        return Literal(json.loads(text.value))
    raise ValueError("an attribute is neither text, a number nor a list")


ATTRIBUTES = Codec(_typed, _flat)


def _with_endpoints(integration: Integration) -> Integration:
    """A mobile endpoint is a target, which is no topic."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        target = task.argument("target_arn")
        if not isinstance(target, Literal) or ":endpoint/" not in str(target.value):
            return fragment
        state = dict(fragment.states[MAIN])
        renamed = {"TargetArn" if k == "TopicArn" else k: v for k, v in state["Arguments"].items()}
        return replace(fragment, states={MAIN: {**state, "Arguments": renamed}})

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert integration.to_airflow is not None
        renamed = {"TopicArn" if k == "TargetArn" else k: v for k, v in parameters.items()}
        return integration.to_airflow(resource, renamed, span, report)

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


sns_publish = _with_endpoints(
    table(
        AMAZON + "sns.SnsPublishOperator",
        "sns:publish",
        Field("target_arn", "TopicArn"),
        Field("message", "Message"),
        Field("subject", "Subject"),
        Field("message_attributes", "MessageAttributes", ATTRIBUTES),
        Field("message_group_id", "MessageGroupId"),
        Field("message_deduplication_id", "MessageDeduplicationId"),
        result="$states.result",
        required={"target_arn": None, "message": None},
        aliases=(CONTRIB + "sns_publish_operator.SnsPublishOperator",),
    )
)
