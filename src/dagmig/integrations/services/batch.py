"""AWS Batch jobs: https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html.

``BatchOperator.submit_job`` says which argument is which parameter of SubmitJob.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON, CONTRIB, LOGS, POLLING
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL, wrapped
from dagmig.integrations.status import Status
from dagmig.integrations.table import WAITING, table
from dagmig.integrations.waits import Waits, Watch

JOB = Watch(
    Status(
        "aws-sdk:batch:describeJobs",
        {"Jobs": "[$.JobId"},
        "Jobs[0].Status",
        ("SUCCEEDED",),
        ("FAILED",),
        ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"),
    ),
    "poll_interval",
    "max_retries",
    {"deferrable": True},  # else it asks at a pace of its own
)

batch_job = table(
    AMAZON + "batch.BatchOperator",
    "batch:submitJob",
    Field("job_name", "JobName"),
    Field("job_definition", "JobDefinition"),
    Field("job_queue", "JobQueue"),
    Field("container_overrides", "ContainerOverrides", PASCAL),
    Field("ecs_properties_override", "EcsPropertiesOverride", PASCAL),
    Field("eks_properties_override", "EksPropertiesOverride", PASCAL),
    Field("node_overrides", "NodeOverrides", PASCAL),
    Field("array_properties", "ArrayProperties", PASCAL),
    Field("parameters", "Parameters"),
    Field("retry_strategy", "RetryStrategy", PASCAL),
    Field("share_identifier", "ShareIdentifier"),
    Field("scheduling_priority_override", "SchedulingPriorityOverride"),
    Field("submit_job_timeout", "Timeout", wrapped("AttemptDurationSeconds")),
    Field("tags", "Tags"),
    waits=Waits(by_hand=(JOB,)),
    result="$states.result.JobId",
    dropped={
        **POLLING,
        **LOGS,
        "max_retries": WAITING,
        "status_retries": WAITING,
        "job_id": "the operator replaces it by the id of the job it submits",
    },
    required={"job_name": None, "job_definition": None, "job_queue": None},
    aliases=(AMAZON + "batch.AwsBatchOperator", CONTRIB + "awsbatch_operator.AWSBatchOperator"),
)
