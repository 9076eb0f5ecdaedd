"""Executions of other machines: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html.

``StepFunctionStartExecutionOperator`` waits only where it is deferrable.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON, POLLING
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import JSON_OR_DICT
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, Watch

EXECUTION = Watch(
    Status(
        "aws-sdk:sfn:describeExecution",
        {"ExecutionArn": "$.ExecutionArn"},
        "Status",
        ("SUCCEEDED",),
        ("FAILED", "ABORTED"),
        ("RUNNING", "PENDING_REDRIVE"),
    ),
    overlooks=("TIMED_OUT",),
    repeats=("ExecutionArn",),
)

start_execution = table(
    AMAZON + "step_function.StepFunctionStartExecutionOperator",
    "states:startExecution",
    Field("state_machine_arn", "StateMachineArn"),
    Field("name", "Name"),
    Field("state_machine_input", "Input", JSON_OR_DICT),
    waits=Waits(
        "deferrable",
        False,
        ".sync:2",
        (".sync",),
        patience=("waiter_max_attempts", 60),
        by_hand=(EXECUTION,),
    ),
    result="$states.result.ExecutionArn",
    dropped=POLLING,
    undecided={"is_redrive_execution": "the operator restarts the execution of this name where it failed"},
    harmless={"is_redrive_execution": False},
    required={"state_machine_arn": None},
)
