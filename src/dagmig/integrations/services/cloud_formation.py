"""Stacks of AWS CloudFormation: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/.

``CloudFormationHook``: a stack that does not exist is an error without a name of its own.
"""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table

SENSORS = "airflow.providers.amazon.aws.sensors.cloud_formation."
OLD = "airflow.contrib.sensors.aws_cloud_formation_sensor."


def _call(operator: str, action: str, old: str) -> Integration:
    return table(
        f"{AMAZON}cloud_formation.{operator}",
        f"aws-sdk:cloudformation:{action}",
        Field("stack_name", "StackName"),
        spread="cloudformation_parameters",
        required={"stack_name": None},
        aliases=(f"{CONTRIB}{old}.{operator}",),
    )


def _stack(done: str, going_on: str, missing: str) -> Status:
    return Status(
        "aws-sdk:cloudformation:describeStacks",
        {"StackName": "stack_name"},
        "Stacks[0].StackStatus",
        (done,),
        pending=(going_on, "not found"),
        missing=missing,
        gone=("CloudFormation.CloudFormationException",),
        reason="Stacks[0].StackStatusReason",
    )


create_stack = _call("CloudFormationCreateStackOperator", "createStack", "aws_cloudformation_create_stack")
delete_stack = _call("CloudFormationDeleteStackOperator", "deleteStack", "aws_cloudformation_delete_stack")
create_sensor = sensor(
    SENSORS + "CloudFormationCreateStackSensor",
    _stack("CREATE_COMPLETE", "CREATE_IN_PROGRESS", "not found"),
    aliases=(OLD + "CloudFormationCreateStackSensor",),
)
delete_sensor = sensor(
    SENSORS + "CloudFormationDeleteStackSensor",
    _stack("DELETE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"),
    aliases=(OLD + "CloudFormationDeleteStackSensor",),
)
