"""Ingestions of Amazon QuickSight: https://docs.aws.amazon.com/quicksight/latest/APIReference/."""

from __future__ import annotations

from dataclasses import replace

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import Expression
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import WAITING, table
from dagmig.integrations.waits import polls

ACCOUNT = Expression.of("$split($states.context.StateMachine.Id, ':')[4]")
INGESTION = Status(
    "aws-sdk:quicksight:describeIngestion",
    {"AwsAccountId": ACCOUNT, "DataSetId": "data_set_id", "IngestionId": "ingestion_id"},
    "Ingestion.IngestionStatus",
    ("COMPLETED",),
    ("FAILED", "CANCELLED"),
    reason="Ingestion.ErrorInfo.Message",
)

ingest = replace(
    table(
        AMAZON + "quicksight.QuickSightCreateIngestionOperator",
        "aws-sdk:quicksight:createIngestion",
        Field("data_set_id", "DataSetId"),
        Field("ingestion_id", "IngestionId"),
        Field("ingestion_type", "IngestionType", default="FULL_REFRESH"),
        sends={"AwsAccountId": ACCOUNT},
        waits=polls(INGESTION, times=("waiter_max_attempts", 4320)),
        result="$states.result",
        dropped={"check_interval": WAITING},
        required={"data_set_id": None, "ingestion_id": None},
    ),
    resources=(),
    to_airflow=None,
    form="`aws-sdk:quicksight:createIngestion`",
)
ingestion_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.quicksight.QuickSightSensor",
    INGESTION,
    times=("max_retries", 2160),
)
