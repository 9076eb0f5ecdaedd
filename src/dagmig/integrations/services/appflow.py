"""Flows of Amazon AppFlow: https://docs.aws.amazon.com/appflow/1.0/APIReference/API_StartFlow.html.

Only AppflowRunOperator runs a flow as it is; the others of ``operators/appflow.py`` write its filter first.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

EXECUTION = "FlowExecutions[ExecutionId = $:execution_id][0].ExecutionStatus"
ID = "$states.result.ExecutionId"

run = table(
    AMAZON + "appflow.AppflowRunOperator",
    "aws-sdk:appflow:startFlow",
    Field("flow_name", "FlowName"),
    waits=polls(
        Status(
            "aws-sdk:appflow:describeFlowExecutionRecords",
            {"FlowName": "flow_name"},
            EXECUTION,
            ("Successful",),
            ("Error",),
            missing="not listed yet",
            keeps=("$.ExecutionId",),
        ),
        every=("poll_interval", 20),
        times=("max_attempts", 60),
    ),
    result=ID,
    outputs={"execution_id": ID},
    dropped=dict.fromkeys(("source", "source_field", "filter_date", "flow_update"), "the flow runs as it is"),
    required={"flow_name": None},
)
