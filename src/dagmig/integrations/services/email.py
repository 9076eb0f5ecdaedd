"""E-mail, through Amazon SES: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.

``EmailOperator``: the sender is the connection's, unless told otherwise; SES has to know it.
"""

from __future__ import annotations

import re
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment
from dagmig.integrations.http import Connection
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import account

SEND = PREFIX + "aws-sdk:sesv2:sendEmail"
ADDRESSES = {"to": "ToAddresses", "cc": "CcAddresses", "bcc": "BccAddresses"}
DROPPED = {
    "mime_subtype": "SES makes the message",
    "conn_id": "the state machine's role sends, through SES",
}
UNDECIDED = {
    "files": "they are not attached: SES wants their content, and the machine does not know it",
    "custom_headers": "they are not sent",
}
EMPTY = (Literal(None), Literal([]), Literal({}))


def _to_asl(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) in EMPTY}
    known = {*ADDRESSES, "subject", "html_content", "from_email", "mime_charset", *nothing}
    account(task, known, DROPPED, "sesv2:sendEmail", report, UNDECIDED)
    charset = given(task, "mime_charset") or Literal("UTF-8")
    subject, html = (_text(task, name, report) for name in ("subject", "html_content"))
    content = {
        "Simple": {
            "Subject": {"Data": subject, "Charset": charset},
            "Body": {"Html": {"Data": html, "Charset": charset}},
        }
    }
    destination = {
        parameter: _addresses(value)
        for name, parameter in ADDRESSES.items()
        if (value := given(task, name)) is not None
    }
    arguments = {"FromEmailAddress": _sender(task, report), "Destination": destination, "Content": content}
    return Fragment(
        {MAIN: {"Type": "Task", "Resource": PREFIX + "aws-sdk:sesv2:sendEmail", "Arguments": arguments}}
    )


def _text(task: Task, name: str, report: Report) -> Value:
    value = given(task, name)
    if value is None:
        opened(task, name, f"`{name}` is the connection's template, which is not known", report)
    elif isinstance(value, Literal) and str(value.value).strip().endswith(".html"):
        opened(task, name, f"`{name}` is in a file: put its text here", report)
    return value or Literal("")


def _sender(task: Task, report: Report) -> Any:
    sender = given(task, "from_email") or Connection("smtp_default").part("from_email")
    said = "the sender must be an identity that Amazon SES has verified"
    if isinstance(sender, str):
        said = f"fill in {sender}, the sender, when deploying: {said}"
    noted(task, "from_email", said, report)
    return sender


def _addresses(value: Value) -> Any:
    """A list, or a text in which commas or semicolons part the addresses (``get_email_address_list``)."""
    if isinstance(value, Items) or (isinstance(value, Literal) and not isinstance(value.value, str)):
        return value
    if isinstance(value, Literal) and "{{" not in value.value:
        return Literal([one for one in re.split(r"\s*[,;]\s*", value.value.strip()) if one])
    return Expression.of(
        "[$type(", value, ") = 'string' ? $split(", value, ", /\\s*[,;]\\s*/) : ", value, "]"
    )


email = Integration(
    "airflow.providers.smtp.operators.smtp.EmailOperator",
    (),
    _to_asl,
    None,
    (
        "airflow.operators.email.EmailOperator",
        "airflow.operators.email_operator.EmailOperator",
        "airflow.operators.EmailOperator",
    ),
    "`aws-sdk:sesv2:sendEmail`",
)
