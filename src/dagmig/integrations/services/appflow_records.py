"""``AppflowRecordsShortCircuitOperator``: goes on where a run of a flow processed records.

``operators/appflow.py`` of the amazon provider; DescribeFlowExecutionRecords,
https://docs.aws.amazon.com/appflow/1.0/APIReference/API_DescribeFlowExecutionRecords.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Output
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.poller import FAILED
from dagmig.integrations.rows import opened
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import AWS_BASE, account

ACTION = "aws-sdk:appflow:describeFlowExecutionRecords"
REACH = "ignore_downstream_trigger_rules"
CALLABLE = {
    "show_return_value_in_logs": "a state prints nothing",
    **dict.fromkeys(
        ("python_callable", "op_args", "op_kwargs", "templates_dict", "templates_exts"),
        "the operator's function is its own",
    ),
}
RESULT = "$states.result"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, {"flow_name", "appflow_run_task_id", REACH}, {**AWS_BASE, **CALLABLE}, ACTION, report)
    run = task.argument("appflow_run_task_id")
    if not isinstance(run, Literal) or not isinstance(run.value, str) or "{{" in run.value:
        opened(task, "appflow_run_task_id", "the task that ran the flow is not known", report)
        return failing(f"Task {task.id} was not translated: the task that ran the flow is not known.")
    flow = task.argument("flow_name") or Literal("")
    given = ("$merge([{'FlowName': ", flow, ", 'MaxResults': 100}, ", "$:token = '' ? {} : ")
    arguments = Expression.of(*given, "{'NextToken': $:token}])")
    execution = Output(run.value, "execution_id")
    ours = Expression.of(f"[{RESULT}.FlowExecutions[ExecutionId = ", execution, "]]")
    count = Expression.of("$:record[0].ExecutionResult.RecordsProcessed")
    token = Expression.of(f"$exists({RESULT}.NextToken) ? {RESULT}.NextToken : ''")
    choices = [
        {"Condition": Expression.of("$count($:record) > 0"), "Next": Ref("counted?")},
        {"Condition": Expression.of("$:token != ''"), "Next": Ref(MAIN)},
    ]
    is_counted = {"Condition": Expression.of("$exists(", *count.parts, ")"), "Next": Ref("counted")}
    absent = Expression.of("'Flow (' & ", execution, " & ') without recordsProcessed info.'")
    states: dict[str, Mapping[str, Any]] = {
        "start": {"Type": "Pass", "Assign": {":token": ""}, "Next": Ref(MAIN)},
        MAIN: {
            "Type": "Task",
            "Resource": PREFIX + ACTION,
            "Arguments": arguments,
            "Assign": {":record": ours, ":token": token},
            "Output": {},
            "Next": Ref("found?"),
        },
        "found?": {"Type": "Choice", "Choices": choices, "Default": Ref("absent")},
        "absent": {"Type": "Fail", "Error": FAILED, "Cause": absent},
        "counted?": {"Type": "Choice", "Choices": [is_counted], "Default": Ref("absent")},
        "counted": {"Type": "Pass"},
    }
    outputs = {
        "return_value": Projection("counted", Expression.of(*count.parts, " > 0")),
        "records_processed": Projection("counted", count),
    }
    return Fragment(states, outputs, entry="start")


records = Integration(
    AMAZON + "appflow.AppflowRecordsShortCircuitOperator",
    (),
    _to_asl,
    form=f"`{ACTION}`, page by page, then a Choice",
)
