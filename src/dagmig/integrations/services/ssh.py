"""Commands on another host, sent by AWS Systems Manager instead of SSH.

https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html with the document
``AWS-RunShellScript``; ``SSHOperator``. The host has to be a managed node.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import Expression, Fragment
from dagmig.integrations.http import Connection
from dagmig.integrations.poller import Pace, known_number, polled
from dagmig.integrations.rows import opened
from dagmig.integrations.services.ssm import INVOCATIONS, WORDS
from dagmig.integrations.spelling import given, members
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import account

OWN = {"ssh_conn_id", "remote_host", "command", "cmd_timeout", "environment"}
DROPPED = dict.fromkeys(
    ("conn_timeout", "banner_timeout", "get_pty", "timeout"), "Systems Manager makes no SSH connection"
)
UNDECIDED = {
    "ssh_hook": "name the connection: which host it is, its code says",
    "skip_on_exit_code": "this exit code fails the state; the operator skips what follows",
}
STATUS = Status(
    INVOCATIONS,
    {"CommandId": "$.Command.CommandId"},
    WORDS,
    ("Success",),
    ("Cancelled", "TimedOut", "Failed", "Cancelling"),
    is_list=True,
)
HOUR = 3600  # the document's own default


def _to_asl(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) == Literal(None)}
    account(task, {*OWN, *nothing}, DROPPED, "ssm:sendCommand", report, UNDECIDED)
    if given(task, "command") is None:
        opened(task, "command", "no command is known", report)
    timeout = known_number(task, "cmd_timeout", HOUR, report)
    parameters = {"commands": _commands(task, report), "executionTimeout": [str(timeout)]}
    start = {
        "Type": "Task",
        "Resource": PREFIX + "aws-sdk:ssm:sendCommand",
        "Arguments": {
            "DocumentName": "AWS-RunShellScript",
            "InstanceIds": [_instance(task, report)],
            "Parameters": parameters,
        },
    }
    states = polled(task, start, STATUS, Pace(("", 5), ("", None), kills=True), report)
    return Fragment(states, is_bounded=True)


def _instance(task: Task, report: Report) -> str:
    """The placeholder for the id of the managed node that is the host."""
    value = next((v for name in ("remote_host", "ssh_conn_id") if (v := given(task, name)) is not None), None)
    text = str(value.value) if isinstance(value, Literal) else "ssh_default"
    instance = Connection(re.sub(r"\W", "_", text, flags=re.ASCII)).part("instance_id")
    said = (
        f"fill in {instance}, the host as a node that Systems Manager manages, when deploying: the command "
        "runs there as root, and its output is not kept"
    )
    opened(task, "ssh_conn_id", said, report)
    return instance


def _commands(task: Task, report: Report) -> list[Any]:
    """The lines of the script: what the environment has, then the command."""
    environment = given(task, "environment")
    try:
        pairs = members(environment) if environment is not None else []
    except ValueError as problem:
        opened(task, "environment", f"it is not in the command: {problem}", report)
        pairs = []
    return [*(_export(name, value) for name, value in pairs), given(task, "command") or Literal("")]


def _export(name: str, value: Value) -> Any:
    if isinstance(value, Literal) and "{{" not in str(value.value):
        return Literal(f"export {name}={shlex.quote(str(value.value))}")
    return Expression.of(
        Literal(f"export {name}='"), " & $replace($string(", value, '), "\'", "\'\\\\\'\'") & "\'"'
    )


ssh = Integration(
    "airflow.providers.ssh.operators.ssh.SSHOperator",
    (),
    _to_asl,
    None,
    ("airflow.contrib.operators.ssh_operator.SSHOperator",),
    "`aws-sdk:ssm:sendCommand`, then a bounded loop that asks for its end",
)
