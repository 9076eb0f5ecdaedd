"""Queues, topics and subscriptions of Azure Service Bus over HTTP.

https://learn.microsoft.com/rest/api/servicebus/create-queue and .../update-queue;
``operators/asb.py`` of the microsoft-azure provider; the order of the fields of a description is that of
``azure.servicebus.management``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.azure_objects import duration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.http import address, call
from dagmig.integrations.http_work import BODY
from dagmig.integrations.rows import opened
from dagmig.integrations.service_bus import CONNECTION, OPERATORS, reached, segments
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

VERSION = {"api-version": "2021-05"}
ENTRY = {"Content-Type": "application/atom+xml;type=entry;charset=utf-8"}
CONFLICT = "States.Http.StatusCode.409"
QUEUE = {
    "dead_lettering_on_message_expiration": "DeadLetteringOnMessageExpiration",
    "max_delivery_count": "MaxDeliveryCount",
    "enable_batched_operations": "EnableBatchedOperations",
}
TOPIC = {
    "default_message_time_to_live": "DefaultMessageTimeToLive",
    "max_size_in_megabytes": "MaxSizeInMegabytes",
    "requires_duplicate_detection": "RequiresDuplicateDetection",
    "duplicate_detection_history_time_window": "DuplicateDetectionHistoryTimeWindow",
    "enable_batched_operations": "EnableBatchedOperations",
    "size_in_bytes": "SizeInBytes",
    "filtering_messages_before_publishing": "FilteringMessagesBeforePublishing",
    "support_ordering": "SupportOrdering",
    "auto_delete_on_idle": "AutoDeleteOnIdle",
    "enable_partitioning": "EnablePartitioning",
    "enable_express": "EnableExpress",
    "user_metadata": "UserMetadata",
    "max_message_size_in_kilobytes": "MaxMessageSizeInKilobytes",
}
SUBSCRIPTION = {
    "lock_duration": "LockDuration",
    "requires_session": "RequiresSession",
    "default_message_time_to_live": "DefaultMessageTimeToLive",
    "dead_lettering_on_message_expiration": "DeadLetteringOnMessageExpiration",
    "dead_lettering_on_filter_evaluation_exceptions": "DeadLetteringOnFilterEvaluationExceptions",
    "max_delivery_count": "MaxDeliveryCount",
    "enable_batched_operations": "EnableBatchedOperations",
    "user_metadata": "UserMetadata",
    "auto_delete_on_idle": "AutoDeleteOnIdle",
}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Queue": {
        "dead_lettering_on_message_expiration": True,
        "max_delivery_count": 10,
        "enable_batched_operations": True,
    },
    "Topic": {},
    "Subscription": {
        "dead_lettering_on_message_expiration": True,
        "max_delivery_count": 10,
        "enable_batched_operations": True,
    },
}
SUBSCRIBED = ("topic_name", "subscription_name")
CHANGED = {
    "max_delivery_count": "MaxDeliveryCount",
    "dead_lettering_on_message_expiration": "DeadLetteringOnMessageExpiration",
    "enable_batched_operations": "EnableBatchedOperations",
}
CONDITIONAL = (
    "the state sends `If-Match: *`, without which nothing is changed: try it before you rely on it; a "
    "subscription that forwards needs a second token, which no state sends"
)
ENVELOPE = (
    '<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml">',
    "</content></entry>",
)
UNDECIDED = {
    "authorization_rules": "make the rules beforehand",
    "forward_to": "nothing is forwarded",
    "forward_dead_lettered_messages_to": "nothing is forwarded",
    "filter_rule": "the subscription keeps the rule that lets all messages through",
    "filter_rule_name": "the subscription keeps the rule that lets all messages through",
}


def _harmless(task: Task) -> set[str]:
    return {name for name in UNDECIDED if task.argument(name) in (Literal(None), Literal([]), Literal({}))}


def _create(
    kind: str, names: tuple[str, ...], fields: Mapping[str, str], *, may_exist: bool = False
) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        known = {*names, *fields, CONNECTION, *_harmless(task)}
        account(task, known, {}, f"the {kind.lower()}'s description", report, UNDECIDED)
        through, base = reached(task, report)
        body = _description(task, kind, fields, report)
        state = call(
            "PUT", address(base, *segments(task, names)), through, QueryParameters=VERSION, RequestBody=body
        )
        state = {**state, "Arguments": {**state["Arguments"], "Headers": ENTRY}}
        if not may_exist:
            return Fragment({MAIN: state})
        there = {"ErrorEquals": [CONFLICT], "Output": {}, "Next": Ref("there")}
        states = {MAIN: {**state, "Catch": [there], "Next": Ref("there")}, "there": {"Type": "Pass"}}
        name = given(task, names[-1]) or Literal("")
        return Fragment(states, {"return_value": Projection("there", Expression.of(name))})

    return to_asl


def _description(task: Task, kind: str, fields: Mapping[str, str], report: Report) -> str:
    """The Atom entry that describes what is to be made."""
    told = ""
    for argument, name in fields.items():
        value = task.argument(argument)
        default = DEFAULTS[kind].get(argument)
        found = Literal(default) if value is None else value
        if not isinstance(found, Literal) or "{{" in str(found.value):
            opened(task, argument, f"`{argument}` is not in the description: it is not known", report)
        elif found.value is not None:
            told += f"<{name}>{escape(_text(found.value))}</{name}>"
    space = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect"
    before, after = ENVELOPE
    return f'{before}<{kind}Description xmlns="{space}">{told}</{kind}Description>{after}'


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return duration(value)
    return str(value)


def _delete(*names: str) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, {*names, CONNECTION}, {}, "the deletion", report)
        through, base = reached(task, report)
        url = address(base, *segments(task, names))
        return Fragment({MAIN: call("DELETE", url, through, QueryParameters=VERSION)})

    return to_asl


def _update(task: Task, report: Report) -> Fragment:
    """The description is read and sent back with what is changed in it, as the client of Azure does."""
    account(task, {*SUBSCRIBED, *CHANGED, CONNECTION}, {}, "the subscription's description", report)
    told = "$:description"
    for argument, name in CHANGED.items():
        value = given(task, argument)
        if value is None or (argument == "max_delivery_count" and value == Literal(0)):
            continue
        if not isinstance(value, Literal) or "{{" in str(value.value):
            opened(task, argument, f"`{argument}` is not changed: it is not known", report)
            continue
        said = f"<{name}>{_text(value.value)}</{name}>"
        told = f"$replace({told}, /<{name}>[^<]*<\\/{name}>/, '{said}')"
    opened(task, "update", CONDITIONAL, report)
    through, base = reached(task, report)
    url = address(base, *segments(task, SUBSCRIBED))
    ask = call("GET", url, through, QueryParameters=VERSION)
    kind = "SubscriptionDescription"
    xml = f"$substringBefore($substringAfter($string({BODY}), '<{kind}'), '</{kind}>')"
    description = {":description": Expression.of(f"'<{kind}' & {xml} & '</{kind}>'")}
    before, after = ENVELOPE
    body = Expression.of(f"'{before}' & {told} & '{after}'")
    put = call("PUT", url, through, QueryParameters=VERSION, RequestBody=body)
    put = {**put, "Arguments": {**put["Arguments"], "Headers": {**ENTRY, "If-Match": "*"}}}
    ask = {**ask, "Assign": description, "Output": {}, "Next": Ref(MAIN)}
    return Fragment({"description": ask, MAIN: put}, entry="description")


create_queue = Integration(
    OPERATORS + "AzureServiceBusCreateQueueOperator",
    (),
    _create("Queue", ("queue_name",), QUEUE),
    form="`http:invoke`",
)
delete_queue = Integration(
    OPERATORS + "AzureServiceBusDeleteQueueOperator", (), _delete("queue_name"), form="`http:invoke`"
)
create_topic = Integration(
    OPERATORS + "AzureServiceBusTopicCreateOperator",
    (),
    _create("Topic", ("topic_name",), TOPIC, may_exist=True),
    form="`http:invoke`",
)
delete_topic = Integration(
    OPERATORS + "AzureServiceBusTopicDeleteOperator", (), _delete("topic_name"), form="`http:invoke`"
)
create_subscription = Integration(
    OPERATORS + "AzureServiceBusSubscriptionCreateOperator",
    (),
    _create("Subscription", ("topic_name", "subscription_name"), SUBSCRIPTION),
    form="`http:invoke`",
)
delete_subscription = Integration(
    OPERATORS + "AzureServiceBusSubscriptionDeleteOperator",
    (),
    _delete("topic_name", "subscription_name"),
    form="`http:invoke`",
)
update_subscription = Integration(
    OPERATORS + "AzureServiceBusUpdateSubscriptionOperator", (), _update, form="`http:invoke`, twice"
)
