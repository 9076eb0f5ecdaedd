"""Compute environments, queues and jobs of AWS Batch: made, and waited for by sensors.

https://docs.aws.amazon.com/batch/latest/APIReference/; ``operators/batch.py``, ``sensors/batch.py`` and
``BatchClientHook``.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.either import either
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

SENSORS = "airflow.providers.amazon.aws.sensors.batch."
CHANGING = ("CREATING", "UPDATING", "DELETING")
ENVIRONMENTS = "aws-sdk:batch:describeComputeEnvironments"
NAMED = {"treat_non_existing_as_deleted": "it says what a queue that is not there means"}


def _queue(missing: str) -> Status:
    return Status(
        "aws-sdk:batch:describeJobQueues",
        {"JobQueues": ["job_queue"]},
        "JobQueues[0].Status",
        ("VALID", "DELETED"),
        pending=CHANGING,
        missing=missing,
        reason="JobQueues[0].StatusReason",
    )


create_environment = table(
    AMAZON + "batch.BatchCreateComputeEnvironmentOperator",
    "aws-sdk:batch:createComputeEnvironment",
    Field("compute_environment_name", "ComputeEnvironmentName"),
    Field("environment_type", "Type"),
    Field("state", "State"),
    Field("compute_resources", "ComputeResources", PASCAL),
    Field("unmanaged_v_cpus", "UnmanagedvCpus"),
    Field("service_role", "ServiceRole"),
    Field("tags", "Tags"),
    waits=polls(
        Status(
            ENVIRONMENTS,
            {"ComputeEnvironments": ["$.ComputeEnvironmentArn"]},
            "ComputeEnvironments[0].Status",
            ("VALID",),
            ("INVALID", "DELETED"),
            reason="ComputeEnvironments[0].StatusReason",
        ),
        "deferrable",
        default=False,
        every=("poll_interval", 30),
        times=("max_retries", 120),
    ),
    result="$states.result.ComputeEnvironmentArn",
    dropped={"status_retries": "the operator does not use it"},
    required=dict.fromkeys(("compute_environment_name", "environment_type", "state", "compute_resources")),
)
job_sensor = sensor(
    SENSORS + "BatchSensor",
    Status(
        "aws-sdk:batch:describeJobs",
        {"Jobs": ["job_id"]},
        "Jobs[0].Status",
        ("SUCCEEDED",),
        pending=("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"),
        reason="Jobs[0].StatusReason",
    ),
    every=30,
    times=("max_retries", 4200),
)
environment_sensor = sensor(
    SENSORS + "BatchComputeEnvironmentSensor",
    Status(
        ENVIRONMENTS,
        {"ComputeEnvironments": ["compute_environment"]},
        "ComputeEnvironments[0].Status",
        ("VALID", "DELETED"),
        pending=CHANGING,
        missing="not found",
    ),
)
queue_sensor = either(
    "treat_non_existing_as_deleted",
    "False",
    {
        "False": sensor(SENSORS + "BatchJobQueueSensor", _queue("not found"), dropped=NAMED),
        "True": sensor(SENSORS + "BatchJobQueueSensor", _queue("DELETED"), dropped=NAMED),
    },
)
