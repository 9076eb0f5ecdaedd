"""Messages of Azure Service Bus over HTTP.

https://learn.microsoft.com/rest/api/servicebus/send-message-to-queue and .../receive-and-delete-message-
destructive-read; ``operators/asb.py`` and ``hooks/asb.py`` of the microsoft-azure provider.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.http import address, call
from dagmig.integrations.poller import known_number
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.service_bus import CONNECTION, OPERATORS, reached, segments
from dagmig.integrations.spelling import given, items, mapping
from dagmig.integrations.table import account

HEADERS = {"message_headers": "the message has no properties of its own"}
LONGEST = 50  # seconds that a call waits, which has 60 in all
TAKEN = (
    "a message is gone when it is taken, before it is settled: the operator settles each after it has logged "
    "it; as many are taken as are there, up to this number"
)


def _send(task: Task, report: Report) -> Fragment:
    nothing = [name for name in HEADERS if task.argument(name) in (Literal(None), Literal({}))]
    known = {"queue_name", "message", "batch", "message_id", "reply_to", CONNECTION, *nothing}
    account(task, known, {}, "the message", report, HEADERS)
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
    through, base = reached(task, report)
    url = address(base, *segments(task, ("queue_name",)), "/messages")
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


def _receive(*names: str, most: int) -> Callable[[Task, Report], Fragment]:
    """Messages are taken one after the other, each gone when it is taken; ``most`` is how many by default."""

    def to_asl(task: Task, report: Report) -> Fragment:
        known = {*names, "max_message_count", "max_wait_time", CONNECTION}
        account(task, {*known, "message_callback"}, {}, "the messages", report)
        if given(task, "message_callback") is not None:
            opened(task, "message_callback", "its function cannot be written in JSONata", report)
            return failing(f"Task {task.id} was not translated: `message_callback` is a function.")
        most_of_all = known_number(task, "max_message_count", most, report)
        seconds = known_number(task, "max_wait_time", 5, report)
        noted(task, "max_message_count", TAKEN, report)
        through, base = reached(task, report)
        waiting = Expression.of(f"$:taken = 0 ? '{min(seconds, LONGEST)}' : '1'")
        url = address(base, *segments(task, names), "/messages/head")
        took = Expression.of(f"$states.result.StatusCode = 204 ? {most_of_all} : $:taken + 1")
        take = {
            **call("DELETE", url, through, QueryParameters={"timeout": waiting}),
            "Assign": {":taken": took},
            "Output": {},
            "Next": Ref("more?"),
        }
        is_more = {"Condition": Expression.of(f"$:taken < {most_of_all}"), "Next": Ref(MAIN)}
        states = {
            "start": {"Type": "Pass", "Assign": {":taken": 0}, "Next": Ref(MAIN)},
            MAIN: take,
            "more?": {"Type": "Choice", "Choices": [is_more], "Default": AFTER},
        }
        return Fragment(states, entry="start")

    return to_asl


send = Integration(OPERATORS + "AzureServiceBusSendMessageOperator", (), _send, form="`http:invoke`")
receive = Integration(
    OPERATORS + "AzureServiceBusReceiveMessageOperator",
    (),
    _receive("queue_name", most=10),
    form="`http:invoke` in a bounded loop",
)
receive_subscription = Integration(
    OPERATORS + "ASBReceiveSubscriptionMessageOperator",
    (),
    _receive("topic_name", "subscription_name", most=1),
    form="`http:invoke` in a bounded loop",
)
