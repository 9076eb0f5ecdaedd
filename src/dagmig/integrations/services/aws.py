"""AWS services whose operator is one state (SEMANTICS of each: the service's Step Functions page)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.base_arguments import BASE_ARGUMENTS
from dagmig.integrations.fragment import MAIN, Fragment
from dagmig.integrations.table import JSON_TEXT, WAITING, Codec, Field, Waits, table

AMAZON = "airflow.providers.amazon.aws.operators."
CONTRIB = "airflow.contrib.operators."
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
}


def _pascal(value: Any) -> Any:
    """boto3's camelCase keys as Step Functions spells them; environment names are values, not keys."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _pascal(item) for key, item in value.items()}
    return [_pascal(item) for item in value] if isinstance(value, (list, tuple)) else value


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _camel(item) for key, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


PASCAL = Codec(_pascal, _camel, is_same=False)
WHOLE_INPUT = Literal("{{ dag_run.conf | tojson }}")  # what asl.lift writes for a state's untouched input


def _with_plain_arn(integration: Integration) -> Integration:
    """A function named by its ARN that is handed the run's whole input: the ARN is the state's Resource."""

    def to_asl(task: Task, report: Report) -> Fragment:
        name, only = task.argument("function_name"), {"function_name", "payload"} | BASE_ARGUMENTS
        is_arn = isinstance(name, Literal) and str(name.value).startswith("arn:aws:lambda:")
        if is_arn and task.argument("payload") == WHOLE_INPUT and task.call.arguments.keys() <= only:
            assert isinstance(name, Literal)
            return Fragment({MAIN: {"Type": "Task", "Resource": name.value}})
        return integration.to_asl(task, report)

    return replace(integration, to_asl=to_asl)


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

lambda_invoke = _with_plain_arn(
    table(
        AMAZON + "lambda_function.LambdaInvokeFunctionOperator",
        "lambda:invoke",
        Field("function_name", "FunctionName"),
        Field("qualifier", "Qualifier"),
        Field("invocation_type", "InvocationType"),
        Field("client_context", "ClientContext"),
        Field("payload", "Payload", JSON_TEXT),
        result="$string($states.result.Payload)",
        dropped=LOGS,
        transport=(LAMBDA_RETRY,),
        aliases=(AMAZON + "aws_lambda.AwsLambdaInvokeFunctionOperator",),
    )
)
glue_job = table(
    AMAZON + "glue.GlueJobOperator",
    "glue:startJobRun",
    Field("job_name", "JobName"),
    Field("script_args", "Arguments"),
    Field("num_of_dpus", "AllocatedCapacity"),
    waits=Waits(),
    result="$states.result.Id",
    dropped={**POLLING, **LOGS, "stop_job_run_on_kill": "a stopped execution stops the job by itself"},
    aliases=(CONTRIB + "aws_glue_job_operator.AWSGlueJobOperator",),
)
sns_publish = table(
    AMAZON + "sns.SnsPublishOperator",
    "sns:publish",
    Field("target_arn", "TopicArn"),
    Field("message", "Message"),
    Field("subject", "Subject"),
    Field("message_deduplication_id", "MessageDeduplicationId"),
    Field("message_group_id", "MessageGroupId"),
    result="$states.result",
    required={"target_arn": None, "message": None},
    aliases=(CONTRIB + "sns_publish_operator.SnsPublishOperator",),
)
sqs_send = table(
    AMAZON + "sqs.SqsPublishOperator",
    "sqs:sendMessage",
    Field("sqs_queue", "QueueUrl"),
    Field("message_content", "MessageBody"),
    Field("delay_seconds", "DelaySeconds"),
    Field("message_group_id", "MessageGroupId"),
    Field("message_deduplication_id", "MessageDeduplicationId"),
    result="$states.result",
    required={"sqs_queue": None, "message_content": None},
    aliases=(CONTRIB + "aws_sqs_publish_operator.SQSPublishOperator",),
)
batch_job = table(
    AMAZON + "batch.BatchOperator",
    "batch:submitJob",
    Field("job_name", "JobName"),
    Field("job_definition", "JobDefinition"),
    Field("job_queue", "JobQueue"),
    Field("container_overrides", "ContainerOverrides", PASCAL),
    Field("parameters", "Parameters"),
    Field("array_properties", "ArrayProperties", PASCAL),
    Field("retry_strategy", "RetryStrategy", PASCAL),
    Field("tags", "Tags"),
    waits=Waits(),
    result="$states.result.JobId",
    dropped={**POLLING, **LOGS, "max_retries": WAITING, "status_retries": WAITING},
    required={"job_name": None, "job_definition": None, "job_queue": None},
    aliases=(AMAZON + "batch.AwsBatchOperator", CONTRIB + "awsbatch_operator.AWSBatchOperator"),
)
ecs_task = table(
    AMAZON + "ecs.EcsRunTaskOperator",
    "ecs:runTask",
    Field("cluster", "Cluster"),
    Field("task_definition", "TaskDefinition"),
    Field("overrides", "Overrides", PASCAL),
    Field("launch_type", "LaunchType"),
    Field("group", "Group"),
    Field("platform_version", "PlatformVersion"),
    Field("network_configuration", "NetworkConfiguration", PASCAL),
    Field("capacity_provider_strategy", "CapacityProviderStrategy", PASCAL),
    Field("propagate_tags", "PropagateTags"),
    waits=Waits(),
    dropped={**POLLING, **LOGS, "stop_task_on_failure": "a stopped execution stops the task by itself"},
    required={"task_definition": None, "cluster": None, "overrides": {}},
    aliases=(AMAZON + "ecs.ECSOperator", CONTRIB + "ecs_operator.ECSOperator"),
)
start_execution = table(
    AMAZON + "step_function.StepFunctionStartExecutionOperator",
    "states:startExecution",
    Field("state_machine_arn", "StateMachineArn"),
    Field("name", "Name"),
    Field("state_machine_input", "Input", JSON_TEXT),
    required={"state_machine_arn": None},
    result="$states.result.ExecutionArn",
    dropped=POLLING,
)
put_object = table(
    AMAZON + "s3.S3CreateObjectOperator",
    "aws-sdk:s3:putObject",
    Field("s3_bucket", "Bucket"),
    Field("s3_key", "Key"),
    Field("data", "Body"),
    required={"s3_key": None, "data": ""},
)
