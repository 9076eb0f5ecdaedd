"""What the operators of the amazon provider have in common."""

from __future__ import annotations

from dagmig.integrations.table import WAITING

AMAZON = "airflow.providers.amazon.aws.operators."
CONTRIB = "airflow.contrib.operators."
POLLING = dict.fromkeys(
    ("deferrable", "waiter_delay", "waiter_max_attempts", "poll_interval", "job_poll_interval", "waiters"),
    WAITING,
)
LOGS = dict.fromkeys(
    (
        "verbose",
        "awslogs_enabled",
        "awslogs_fetch_interval",
        "awslogs_group",
        "awslogs_region",
        "awslogs_stream_prefix",
        "number_logs_exception",
        "log_type",
        "keep_empty_log_lines",
    ),
    "a state does not print the job's log",
)
DURABLE = dict.fromkeys(
    ("durable", "reattach", "resume_glue_job_on_retry"),
    "an execution does not lose its place when a worker is lost",
)
LAMBDA_RETRY = {
    "ErrorEquals": [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    "IntervalSeconds": 1,
    "MaxAttempts": 3,
    "BackoffRate": 2,
    "JitterStrategy": "FULL",
}  # https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
