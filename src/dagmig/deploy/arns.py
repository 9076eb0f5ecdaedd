"""The resources that a call acts on, as narrow as IAM and the machine allow.

https://docs.aws.amazon.com/service-authorization/latest/reference/ has for each action the kinds of resources
it takes. ``${AWS::Region}`` and its like are CloudFormation's; ``*`` is what the machine does not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.lint.machine.calls import Call

HERE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
Places = tuple[tuple[str, str], ...]  # a parameter, and the ARN with ``{}`` for its value

_LAMBDA: Places = (("FunctionName", HERE % "lambda" + "function:{}"),)
_GLUE_JOB: Places = (("JobName", HERE % "glue" + "job/{}"),)
_S3_OBJECT = "arn:${AWS::Partition}:s3:::{}/*"
_S3_BUCKET: Places = (("Bucket", "arn:${AWS::Partition}:s3:::{}"),)
_S3_OBJECTS: Places = (("Bucket", _S3_OBJECT),)
_TABLE: Places = (("TableName", HERE % "dynamodb" + "table/{}"),)
_CLUSTER: Places = (("ClusterId", HERE % "elasticmapreduce" + "cluster/{}"),)

PLACES: Mapping[str, Places] = {
    "athena": (("WorkGroup", HERE % "athena" + "workgroup/{}"),),
    "batch": (
        ("JobDefinition", HERE % "batch" + "job-definition/{}*"),
        ("JobQueue", HERE % "batch" + "job-queue/{}"),
    ),
    "codebuild": (("ProjectName", HERE % "codebuild" + "project/{}"),),
    "databrew:StartJobRun": (("Name", HERE % "databrew" + "job/{}"),),
    "dynamodb": _TABLE,
    "ecs": (("TaskDefinition", HERE % "ecs" + "task-definition/{}:*"),),
    "eks": (("ClusterName", HERE % "eks" + "cluster/{}"), ("Name", HERE % "eks" + "cluster/{}")),
    "elasticmapreduce": _CLUSTER,
    "events:PutEvents": (("EventBusName", HERE % "events" + "event-bus/{}"),),
    "glue": _GLUE_JOB,
    "kinesis": (("StreamName", HERE % "kinesis" + "stream/{}"),),
    "lambda": _LAMBDA,
    "s3:CopyObject": _S3_OBJECTS,
    "s3:GetObject": _S3_OBJECTS,
    "s3:PutObject": _S3_OBJECTS,
    "s3:DeleteObject": _S3_OBJECTS,
    "s3:GetObjectTagging": _S3_OBJECTS,
    "s3:PutObjectTagging": _S3_OBJECTS,
    "s3:DeleteObjectTagging": _S3_OBJECTS,
    "s3": _S3_BUCKET,
    "sns": (("TopicArn", HERE % "sns" + "{}"),),
    "sqs": (("QueueUrl", HERE % "sqs" + "{}"),),
    "ssm:SendCommand": (("DocumentName", HERE % "ssm" + "document/{}"),),
    "secretsmanager": (("SecretId", HERE % "secretsmanager" + "secret:{}"),),
    "states:StartExecution": (("StateMachineArn", HERE % "states" + "stateMachine:{}"),),
    "states": (("ExecutionArn", HERE % "states" + "execution:{}"),),
}
"""By IAM action or service: the parameters that name what is acted on."""
OF_ONE_KIND = frozenset(
    {"athena", "elasticmapreduce", "kinesis", "lambda", "s3", "secretsmanager", "sns", "sqs", "states"}
)
"""Services whose actions are all on resources of the kind in ``PLACES``, also where a call names none."""


def resources(call: Call, action: str) -> tuple[str, ...]:
    """The ARNs of an IAM action that a call needs; ``*`` alone where nothing narrower is known."""
    service = action.partition(":")[0]
    if action == "s3:GetObject" and "CopySource" in (call.given or ()):
        return (_source(call.value("CopySource")),)
    places = PLACES.get(action, PLACES.get(service))
    if places is None:
        return ("*",)
    given = [place for place in places if call.given is not None and place[0] in call.given]
    if not given and action not in PLACES and service not in OF_ONE_KIND:
        return ("*",)
    return tuple(dict.fromkeys(_arn(call.value(name), pattern) for name, pattern in given or places[:1]))


def _source(value: Any) -> str:
    """The objects of the bucket in ``bucket/key``."""
    is_known = isinstance(value, str) and not value.startswith(("{%", "$", "arn:"))
    bucket = value.lstrip("/").partition("/")[0] if is_known else "*"
    return _S3_OBJECT.replace("{}", bucket)


def _arn(value: Any, pattern: str) -> str:
    """The ARN of what a parameter names: by its ARN, its URL or its name."""
    if not isinstance(value, str) or value.startswith("{%"):
        return pattern.replace("{}", "*")
    if value.startswith(("arn:", "${")) and "arn" in value:
        return value
    if value.startswith("https://"):  # a queue's
        return pattern.replace("{}", value.rpartition("/")[2])
    if pattern.endswith("{}:*") and ":" in value:  # with its revision
        return pattern.removesuffix(":*").replace("{}", value)
    return pattern.replace("{}", value)
