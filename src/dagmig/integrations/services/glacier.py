"""Inventories of Amazon S3 Glacier: https://docs.aws.amazon.com/amazonglacier/latest/dev/."""

from __future__ import annotations

from dagmig.graph.values import Literal
from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table

create_job = table(
    AMAZON + "glacier.GlacierCreateJobOperator",
    "aws-sdk:glacier:initiateJob",
    Field("vault_name", "VaultName"),
    sends={"AccountId": "-", "JobParameters.Type": "inventory-retrieval"},
    result="{'jobId': $states.result.JobId, 'location': $states.result.Location}",
    required={"vault_name": None},
    aliases=(CONTRIB + "glacier_create_job_operator.GlacierCreateJobOperator",),
)
job_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.glacier.GlacierJobOperationSensor",
    Status(
        "aws-sdk:glacier:describeJob",
        {"AccountId": Literal("-"), "VaultName": "vault_name", "JobId": "job_id"},
        "StatusCode",
        ("Succeeded",),
        pending=("InProgress",),
        reason="StatusMessage",
    ),
    every=1200,
    dropped={"mode": "the loop waits by itself"},
)
