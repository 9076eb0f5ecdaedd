"""Messages to Slack: https://docs.slack.dev/reference/methods/chat.postMessage.

``SlackAPIPostOperator`` and ``SlackWebhookOperator``. A webhook's URL is its secret, and an HTTP Task has no
place to keep one: its messages go through the same method, with a bot's token in the EventBridge connection.
Slack answers 200 to what it refuses, and says so in ``ok``.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.http import Connection, call, connection
from dagmig.integrations.http_work import BODY
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given, members
from dagmig.integrations.table import account

SLACK = "airflow.providers.slack.operators."
FORM = "`http:invoke`, then a Choice"
URL = "https://slack.com/api/chat.postMessage"
DROPPED = dict.fromkeys(("proxy", "timeout", "retry_handlers"), "Step Functions makes the call")
UNDECIDED = {
    "base_url": "the call goes to slack.com",
    "method": "the call is chat.postMessage",
    "token": "the EventBridge connection holds the token",
    "webhook_token": "the EventBridge connection holds a bot's token",
    "http_conn_id": "the EventBridge connection holds a bot's token",
    "link_names": "write names as Slack's links",
}
POST = ("channel", "username", "text", "icon_url", "attachments", "blocks", "thread_ts")
WEBHOOK = {
    "message": "text",
    "attachments": "attachments",
    "blocks": "blocks",
    "channel": "channel",
    "username": "username",
    "icon_emoji": "icon_emoji",
    "icon_url": "icon_url",
}
DEFAULTS = {"channel": "#general", "username": "Airflow"}
EMPTY = (Literal(None), Literal([]), Literal(""))


def _said(through: Connection, body: dict[str, Any]) -> Fragment:
    state = call("POST", URL, through, RequestBody=body)
    state["Arguments"]["Headers"] = {"Content-Type": "application/json; charset=utf-8"}
    assign = {
        ":ok": Expression.of(f"{BODY}.ok"),
        ":error": Expression.of(f"$exists({BODY}.error) ? {BODY}.error : ''"),
    }
    states = {
        MAIN: {**state, "Assign": assign, "Next": Ref("sent?")},
        "sent?": {
            "Type": "Choice",
            "Choices": [{"Condition": Expression.of("$:ok = true"), "Next": AFTER}],
            "Default": Ref("failed"),
        },
        "failed": {
            "Type": "Fail",
            "Error": "SlackApiError",
            "Cause": Expression.of("'Slack refuses the message: ' & $:error"),
        },
    }
    return Fragment(states, {"return_value": Projection(MAIN, Expression.of(BODY))})


def _post(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) in EMPTY}
    account(task, {*POST, "slack_conn_id", "api_params", *nothing}, DROPPED, "chat.postMessage", report,
            UNDECIDED)  # fmt: skip
    through = connection(task, "slack_conn_id", "slack_api_default", (), report)
    if (params := given(task, "api_params")) is not None:
        try:
            return _said(through, dict(members(params)))
        except ValueError as problem:
            opened(task, "api_params", f"they are not in the request: {problem}", report)
    body: dict[str, Any] = {name: Literal(value) for name, value in DEFAULTS.items()}
    body |= {
        name: value for name in POST if (value := task.argument(name)) is not None and value not in EMPTY
    }
    if "text" not in body and "blocks" not in body and "attachments" not in body:
        opened(task, "text", "no message is known", report)
    return _said(through, body)


def _hook(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) in EMPTY}
    account(task, {*WEBHOOK, "slack_webhook_conn_id", *nothing}, DROPPED, "chat.postMessage", report,
            UNDECIDED)  # fmt: skip
    fields = () if given(task, "channel") is not None else ("channel",)
    through = connection(task, "slack_webhook_conn_id", "slack_default", fields, report)
    said = (
        "a webhook's URL is its secret, which an HTTP Task cannot keep: the message goes through "
        "chat.postMessage, for which the EventBridge connection needs a bot's token"
    )
    opened(task, "slack_webhook_conn_id", said, report)
    body: dict[str, Any] = {"channel": through.part("channel")}
    for argument, name in WEBHOOK.items():
        if (value := task.argument(argument)) not in (None, *EMPTY):
            body[name] = value
    fragment = _said(through, body)
    return Fragment(fragment.states)


post = Integration(
    SLACK + "slack.SlackAPIPostOperator",
    (),
    _post,
    None,
    ("airflow.operators.slack_operator.SlackAPIPostOperator",),
    FORM,
)
webhook = Integration(
    SLACK + "slack_webhook.SlackWebhookOperator",
    (),
    _hook,
    None,
    ("airflow.contrib.operators.slack_webhook_operator.SlackWebhookOperator",),
    FORM,
)
