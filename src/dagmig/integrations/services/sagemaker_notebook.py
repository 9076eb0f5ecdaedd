"""Notebook instances of Amazon SageMaker.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html;
``operators/sagemaker.py`` and botocore's waiters, which ask every 30 seconds, 60 times.
"""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, polls

OPERATORS = AMAZON + "sagemaker."
NAME = Field("instance_name", "NotebookInstanceName")


def _until(done: str, missing: str = "") -> Waits:
    status = Status(
        "aws-sdk:sagemaker:describeNotebookInstance",
        {"NotebookInstanceName": "instance_name"},
        "NotebookInstanceStatus",
        (done,),
        ("Failed",),
        missing=missing,
        gone=("SageMaker.SageMakerException",) if missing else (),
        reason="FailureReason",
    )
    return polls(status, every=("", 30), times=("", 60))


def _call(operator: str, action: str, waits: Waits) -> Integration:
    return table(
        OPERATORS + operator,
        f"aws-sdk:sagemaker:{action}",
        NAME,
        waits=waits,
        required={"instance_name": None},
    )


create = table(
    OPERATORS + "SageMakerCreateNotebookOperator",
    "aws-sdk:sagemaker:createNotebookInstance",
    NAME,
    Field("instance_type", "InstanceType"),
    Field("role_arn", "RoleArn"),
    Field("volume_size_in_gb", "VolumeSizeInGb"),
    Field("volume_kms_key_id", "KmsKeyId"),
    Field("lifecycle_config_name", "LifecycleConfigName"),
    Field("direct_internet_access", "DirectInternetAccess"),
    Field("root_access", "RootAccess"),
    waits=_until("InService"),
    spread="create_instance_kwargs",
    result="$states.result.NotebookInstanceArn",
    required={"instance_name": None, "instance_type": None, "role_arn": None},
)
start = _call("SageMakerStartNoteBookOperator", "startNotebookInstance", _until("InService"))
stop = _call("SageMakerStopNotebookOperator", "stopNotebookInstance", _until("Stopped"))
delete = _call("SageMakerDeleteNotebookOperator", "deleteNotebookInstance", _until("Deleted", "Deleted"))
