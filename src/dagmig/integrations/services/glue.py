"""AWS Glue jobs: https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html.

The operator's arguments are ``GlueJobOperator``'s; ``GlueJobHook.initialize_job`` says which of them reach
StartJobRun, and that the others describe the job for when it has to be made first.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON, CONTRIB, DURABLE, LOGS, POLLING
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, Watch

CREATES = "the operator makes the job where there is none: make it when deploying"
OPENLINEAGE = "the operator adds arguments for OpenLineage to the job's"
DESCRIBES = "it is part of the job, which the operator only makes where there is none"
RUN = Watch(
    Status(
        "aws-sdk:glue:getJobRun",
        {"JobName": "@JobName", "RunId": "$.JobRunId"},
        "JobRun.JobRunState",
        ("SUCCEEDED",),
        ("FAILED", "TIMEOUT", "ERROR", "STOPPED"),
        ("STARTING", "RUNNING", "STOPPING", "WAITING"),
    ),
    sets={"deferrable": True, "durable": False},  # else one that was stopped is done, or is given an argument
    overlooks=("EXPIRED",),
)

glue_job = table(
    AMAZON + "glue.GlueJobOperator",
    "glue:startJobRun",
    Field("job_name", "JobName", default="aws_glue_default_job"),
    Field("script_args", "Arguments"),
    waits=Waits(by_hand=(RUN,)),
    result="$states.result.Id",
    started="$states.result.JobRunId",
    spread="run_job_kwargs",
    dropped={
        **POLLING,
        **LOGS,
        **DURABLE,
        **dict.fromkeys(
            (
                "concurrent_run_limit",
                "iam_role_arn",
                "iam_role_name",
                "job_desc",
                "num_of_dpus",
                "retry_limit",
                "s3_bucket",
            ),
            DESCRIBES,
        ),
        "stop_job_run_on_kill": "a stopped execution stops the job by itself",
        "sleep_before_return": "a later run that finds the job's slots taken fails: give its state a Retry",
    },
    undecided={
        "script_location": CREATES,
        "create_job_kwargs": CREATES,
        "openlineage_inject_parent_job_info": OPENLINEAGE,
        "openlineage_inject_transport_info": OPENLINEAGE,
        "update_config": "the operator updates the job before each run",
        "replace_script_file": "the operator uploads the script before each run",
    },
    harmless={
        "update_config": False,
        "replace_script_file": False,
        "script_location": None,
        "create_job_kwargs": None,
        "sleep_before_return": 0,
        "stop_job_run_on_kill": True,
        "openlineage_inject_parent_job_info": False,
        "openlineage_inject_transport_info": False,
    },
    aliases=(AMAZON + "glue.AwsGlueJobOperator", CONTRIB + "aws_glue_job_operator.AWSGlueJobOperator"),
)
