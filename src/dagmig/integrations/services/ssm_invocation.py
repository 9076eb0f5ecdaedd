"""What a command of AWS Systems Manager gave, on one instance or on all.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html;
``SsmGetCommandInvocationOperator``: an instance that cannot be asked has an error in place of its output.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.rows import noted
from dagmig.integrations.spelling import given
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import AWS_BASE, account

ACTION, LIST = "aws-sdk:ssm:getCommandInvocation", "aws-sdk:ssm:listCommandInvocations"
ANSWER = "$states.result"
NAMES = {
    "status": "Status",
    "response_code": "ResponseCode",
    "standard_output": "StandardOutputContent",
    "standard_error": "StandardErrorContent",
    "execution_start_time": "ExecutionStartDateTime",
    "execution_end_time": "ExecutionEndDateTime",
    "document_name": "DocumentName",
    "comment": "Comment",
}
ONE = "$:instances[$:at]"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, {"command_id", "instance_id"}, AWS_BASE, ACTION, report)
    noted(task, "return_value", "what all instances gave must fit into a state's 256 KiB", report)
    command = task.argument("command_id") or Literal("")
    instance = given(task, "instance_id")
    if instance is not None:
        begin: dict[str, Any] = {"Type": "Pass", "Assign": _begun(Expression.of("[", instance, "]"))}
    else:
        found = Expression.of(f"[{ANSWER}.CommandInvocations.InstanceId]")
        asked = {"Type": "Task", "Resource": PREFIX + LIST, "Arguments": {"CommandId": command}}
        begin = {**asked, "Assign": _begun(found), "Output": {}}
    more = {"Condition": Expression.of("$:at < $count($:instances)"), "Next": Ref(MAIN)}
    fields = ", ".join(f"'{name}': $exists({ANSWER}.{at}) ? {ANSWER}.{at} : ''" for name, at in NAMES.items())
    failed = f"{{'instance_id': {ONE}, 'error': $states.errorOutput.Cause}}"
    states = {
        "begin": {**begin, "Next": Ref("more?")},
        "more?": {"Type": "Choice", "Choices": [more], "Default": Ref("all")},
        MAIN: {
            "Type": "Task",
            "Resource": PREFIX + ACTION,
            "Arguments": {"CommandId": command, "InstanceId": Expression.of(ONE)},
            "Assign": _added(f"{{'instance_id': {ONE}, {fields}}}"),
            "Output": {},
            "Catch": [
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": _added(failed),
                    "Output": {},
                    "Next": Ref("more?"),
                }
            ],
            "Next": Ref("more?"),
        },
        "all": {"Type": "Pass"},
    }
    returned = Expression.of("{'command_id': ", command, ", 'invocations': $:found}")
    return Fragment(states, {"return_value": Projection("all", returned)}, entry="begin")


def _begun(instances: Expression) -> dict[str, Any]:
    return {":instances": instances, ":at": 0, ":found": []}


def _added(one: str) -> dict[str, Any]:
    return {":found": Expression.of(f"$append($:found, [{one}])"), ":at": Expression.of("$:at + 1")}


invocation = Integration(
    AMAZON + "ssm.SsmGetCommandInvocationOperator",
    (),
    _to_asl,
    form=f"`{ACTION}` for each instance",
)
