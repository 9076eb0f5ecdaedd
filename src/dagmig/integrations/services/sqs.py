"""Amazon SQS: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html.

``SqsHook._build_msg_params`` sends a delay of 0 where the DAG says nothing, which overrides the queue's own.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.parameters import Field
from dagmig.integrations.table import table

sqs_send = table(
    AMAZON + "sqs.SqsPublishOperator",
    "sqs:sendMessage",
    Field("sqs_queue", "QueueUrl"),
    Field("message_content", "MessageBody"),
    Field("message_attributes", "MessageAttributes"),
    Field(
        "delay_seconds",
        "DelaySeconds",
        default=0,
        absent="the operator sends a delay of 0 seconds, which overrides the queue's own delay",
    ),
    Field("message_group_id", "MessageGroupId"),
    Field("message_deduplication_id", "MessageDeduplicationId"),
    result="$states.result",
    required={"sqs_queue": None, "message_content": None},
    aliases=(
        CONTRIB + "aws_sqs_publish_operator.SQSPublishOperator",
        AMAZON + "sqs.SQSPublishOperator",
    ),
)
