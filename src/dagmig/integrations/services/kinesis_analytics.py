"""Applications of Amazon Managed Service for Apache Flink.

https://docs.aws.amazon.com/managed-flink/latest/apiv2/; ``operators/kinesis_analytics.py``,
``sensors/kinesis_analytics.py`` and the provider's waiters.
"""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

OPERATORS, SENSORS = AMAZON + "kinesis_analytics.", "airflow.providers.amazon.aws.sensors.kinesis_analytics."
SDK = "aws-sdk:kinesisanalyticsv2:"
NAME = Field("application_name", "ApplicationName")
ROLLED = ("ROLLING_BACK", "MAINTENANCE", "ROLLED_BACK")
ARN = "the ARN is not part of the answer: read it with describeApplication"


def _application(done: str, *failed: str) -> Status:
    return Status(
        SDK + "describeApplication",
        {"ApplicationName": "application_name"},
        "ApplicationDetail.ApplicationStatus",
        (done,),
        ("DELETING", *failed, *ROLLED),
    )


STARTED = _application("RUNNING", "STOPPING", "READY", "FORCE_STOPPING")
STOPPED = _application("READY")


def _sensor(name: str, status: Status) -> Integration:
    return sensor(SENSORS + name, status, every=120, times=("max_retries", 75))


create = table(
    OPERATORS + "KinesisAnalyticsV2CreateApplicationOperator",
    SDK + "createApplication",
    NAME,
    Field("runtime_environment", "RuntimeEnvironment"),
    Field("service_execution_role", "ServiceExecutionRole"),
    Field(
        "application_description",
        "ApplicationDescription",
        default="Managed Service for Apache Flink application created from Airflow",
        absent="the operator describes the application as made by Airflow",
    ),
    spread="create_application_kwargs",
    result="{'ApplicationARN': $states.result.ApplicationDetail.ApplicationArn}",
    required={"application_name": None, "runtime_environment": None, "service_execution_role": None},
)
start = table(
    OPERATORS + "KinesisAnalyticsV2StartApplicationOperator",
    SDK + "startApplication",
    NAME,
    Field("run_configuration", "RunConfiguration"),
    waits=polls(STARTED, every=("waiter_delay", 60), times=("waiter_max_attempts", 20)),
    result="{'ApplicationARN': null}",
    returns=ARN,
    required={"application_name": None},
)
stop = table(
    OPERATORS + "KinesisAnalyticsV2StopApplicationOperator",
    SDK + "stopApplication",
    NAME,
    Field("force", "Force"),
    waits=polls(STOPPED, every=("waiter_delay", 60), times=("waiter_max_attempts", 20)),
    result="{'ApplicationARN': null}",
    returns=ARN,
    required={"application_name": None},
)
started_sensor = _sensor("KinesisAnalyticsV2StartApplicationCompletedSensor", STARTED)
stopped_sensor = _sensor("KinesisAnalyticsV2StopApplicationCompletedSensor", STOPPED)
