"""Workflows of Amazon MWAA Serverless: https://docs.aws.amazon.com/mwaa/latest/mwaa-serverless-userguide/."""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.existing import DROPPED, made_or_found
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table

OPERATORS, SDK = AMAZON + "mwaa_serverless.", "aws-sdk:mwaaserverless:"
WORKFLOW = Field("workflow_arn", "WorkflowArn")
VERSION = Field("workflow_version", "WorkflowVersion")
DEFINITION = (
    Field("definition_s3_location", "DefinitionS3Location"),
    Field("code", "Code"),
    Field("role_arn", "RoleArn"),
    Field("description", "Description"),
)

create_workflow = made_or_found(
    table(
        OPERATORS + "MwaaServerlessCreateWorkflowOperator",
        SDK + "createWorkflow",
        Field("workflow_name", "Name"),
        *DEFINITION,
        Field("tags", "Tags"),
        spread="create_workflow_kwargs",
        result="$states.result.WorkflowArn",
        dropped=DROPPED,
        required=dict.fromkeys(("workflow_name", "definition_s3_location", "role_arn")),
    ),
    "MwaaServerless.ConflictException",
    Status(SDK + "listWorkflows", {}, "Workflows[Name = @workflow_name].WorkflowArn", ()),
)
update_workflow = table(
    OPERATORS + "MwaaServerlessUpdateWorkflowOperator",
    SDK + "updateWorkflow",
    WORKFLOW,
    *DEFINITION,
    spread="update_workflow_kwargs",
    result="$states.result.WorkflowArn",
    required=dict.fromkeys(("workflow_arn", "definition_s3_location", "role_arn")),
)
delete_workflow = table(
    OPERATORS + "MwaaServerlessDeleteWorkflowOperator",
    SDK + "deleteWorkflow",
    WORKFLOW,
    VERSION,
    required={"workflow_arn": None},
)
start_run = table(
    OPERATORS + "MwaaServerlessStartWorkflowRunOperator",
    SDK + "startWorkflowRun",
    WORKFLOW,
    Field("override_parameters", "OverrideParameters"),
    VERSION,
    result="$states.result.RunId",
    required={"workflow_arn": None},
)
stop_run = table(
    OPERATORS + "MwaaServerlessStopWorkflowRunOperator",
    SDK + "stopWorkflowRun",
    WORKFLOW,
    Field("run_id", "RunId"),
    result="$states.result.Status",
    required={"workflow_arn": None, "run_id": None},
)
run_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.mwaa_serverless.MwaaServerlessWorkflowRunSensor",
    Status(
        SDK + "getWorkflowRun",
        {"WorkflowArn": "workflow_arn", "RunId": "run_id"},
        "RunDetail.RunState",
        ("SUCCESS",),
        ("FAILED", "TIMEOUT", "STOPPED"),
        reason="RunDetail.ErrorMessage",
    ),
    targets="success_states",
    fails="failure_states",
)
