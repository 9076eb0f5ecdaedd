"""Spark calculations in sessions of Amazon Athena.

https://docs.aws.amazon.com/athena/latest/APIReference/API_StartCalculationExecution.html;
``operators/athena_spark.py``, ``sensors/athena_spark.py`` and ``AthenaHook``.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import Expression, Fragment, Projection
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

SDK = "aws-sdk:athena:"
ASK, AT = SDK + "getCalculationExecution", "Status.State"
ENDED, FAILED = ("COMPLETED",), ("FAILED", "CANCELED")
INTERMEDIATE = ("CREATING", "CREATED", "QUEUED", "RUNNING", "CANCELING")
GIVEN = {
    "calculation_execution_id": "CalculationExecutionId",
    "state": AT,
    "state_change_reason": "Status.StateChangeReason",
    "submission_time": "Status.SubmissionDateTime",
    "completion_time": "Status.CompletionDateTime",
    "session_id": "SessionId",
    "working_directory": "WorkingDirectory",
    "stdout_s3_uri": "Result.StdOutS3Uri",
    "stderr_s3_uri": "Result.StdErrorS3Uri",
    "result_s3_uri": "Result.ResultS3Uri",
    "result_type": "Result.ResultType",
}


def _with_what_is_known(made: Integration) -> Integration:
    """What the last answer says is what the operator returns."""
    answers = ((name, f"$states.result.{at}") for name, at in GIVEN.items())
    found = ", ".join(f"'{name}': $exists({answer}) ? {answer} : null" for name, answer in answers)
    said = "times are as the service writes them"
    returned = Projection("poll", Expression.of(f"{{{found}}}"), said)

    def to_asl(task: Task, report: Report) -> Fragment:
        return replace(made.to_asl(task, report), outputs={"return_value": returned})

    return replace(made, to_asl=to_asl)


calculation = _with_what_is_known(
    table(
        AMAZON + "athena_spark.AthenaSparkOperator",
        SDK + "startCalculationExecution",
        Field("session_id", "SessionId"),
        Field("code_block", "CodeBlock"),
        Field("description", "Description"),
        Field("client_request_token", "ClientRequestToken"),
        waits=polls(
            Status(
                ASK,
                {"CalculationExecutionId": "$.CalculationExecutionId"},
                AT,
                ENDED,
                FAILED,
                reason="Status.StateChangeReason",
            ),
            "",
            times=("waiter_max_attempts", 120),
            kills=True,
        ),
        result="$states.result.CalculationExecutionId",
        dropped={"log_query": "a state prints nothing"},
        required={"session_id": None, "code_block": None},
    )
)
calculation_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.athena_spark.AthenaSparkSensor",
    Status(
        ASK,
        {"CalculationExecutionId": "calculation_execution_id"},
        AT,
        ENDED,
        pending=INTERMEDIATE,
        reason="Status.StateChangeReason",
    ),
)
