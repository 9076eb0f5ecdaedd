"""Queues, topics and messages of Azure Service Bus over HTTP.

https://learn.microsoft.com/rest/api/servicebus/send-message-to-queue and .../create-queue;
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
from dagmig.graph.values import Items, Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.azure_objects import duration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.http import Connection, address, call, connection
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given, items, mapping
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.microsoft.azure.operators.asb."
CONNECTION = "azure_service_bus_conn_id"
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
UNDECIDED = {
    "authorization_rules": "make the rules beforehand",
    "forward_to": "nothing is forwarded",
    "forward_dead_lettered_messages_to": "nothing is forwarded",
    "filter_rule": "the subscription keeps the rule that lets all messages through",
    "filter_rule_name": "the subscription keeps the rule that lets all messages through",
    "message_headers": "the message has no properties of its own",
}


def _through(task: Task, report: Report) -> tuple[Connection, str]:
    """The connection, and the beginning of the namespace's URLs."""
    through = connection(task, CONNECTION, "azure_service_bus_default", ("namespace",), report)
    return through, f"https://{through.part('namespace')}.servicebus.windows.net/"


def _harmless(task: Task) -> set[str]:
    return {name for name in UNDECIDED if task.argument(name) in (Literal(None), Literal([]), Literal({}))}


def _path(task: Task, names: tuple[str, ...]) -> list[str | Value]:
    """Names as segments, a subscription under its topic."""
    parts: list[str | Value] = []
    for name in names:
        parts += ["/subscriptions/" if parts else "", given(task, name) or Literal("")]
    return parts[1:]


def _create(
    kind: str, names: tuple[str, ...], fields: Mapping[str, str], *, may_exist: bool = False
) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        known = {*names, *fields, CONNECTION, *_harmless(task)}
        account(task, known, {}, f"the {kind.lower()}'s description", report, UNDECIDED)
        through, base = _through(task, report)
        body = _description(task, kind, fields, report)
        state = call(
            "PUT", address(base, *_path(task, names)), through, QueryParameters=VERSION, RequestBody=body
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
    content = f'<{kind}Description xmlns="{space}">{told}</{kind}Description>'
    return (
        '<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml">'
        f"{content}</content></entry>"
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return duration(value)
    return str(value)


def _delete(*names: str) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, {*names, CONNECTION}, {}, "the deletion", report)
        through, base = _through(task, report)
        url = address(base, *_path(task, names))
        return Fragment({MAIN: call("DELETE", url, through, QueryParameters=VERSION)})

    return to_asl


def _send(task: Task, report: Report) -> Fragment:
    known = {"queue_name", "message", "batch", "message_id", "reply_to", CONNECTION, *_harmless(task)}
    account(task, known, {}, "the message", report, UNDECIDED)
    value = given(task, "message") or Literal("")
    is_list = isinstance(value, Items) or (isinstance(value, Literal) and isinstance(value.value, list))
    messages = items(value) if is_list else [value]
    if not messages:
        opened(task, "message", "there is none, and the operator fails", report)
        return failing(f"Task {task.id} was not translated: it sends no message.")
    if not is_list and not isinstance(value, Literal):
        noted(task, "message", "it is taken for one text, as it is known only when the DAG runs", report)
    if len(messages) > 1:
        noted(task, "message", "each message is sent by itself, not all or none of them", report)
    through, base = _through(task, report)
    url = address(base, *_path(task, ("queue_name",)), "/messages")
    properties = {
        name: found
        for argument, name in (("message_id", "MessageId"), ("reply_to", "ReplyTo"))
        if (found := given(task, argument)) is not None
    }
    headers: dict[str, Any] = {"Content-Type": "text/plain"}
    if properties:
        headers["BrokerProperties"] = Expression.of("$string(", mapping(properties.items()), ")")
    names = [MAIN, *(str(number) for number in range(2, len(messages) + 1))]
    states: dict[str, dict[str, Any]] = {}
    for name, message, following in zip(names, messages, [*names[1:], None], strict=True):
        state = call("POST", url, through, RequestBody=message)
        states[name] = {**state, "Arguments": {**state["Arguments"], "Headers": headers}}
        if following is not None:
            states[name]["Next"] = Ref(following)
    return Fragment(states)


send = Integration(OPERATORS + "AzureServiceBusSendMessageOperator", (), _send, form="`http:invoke`")
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
