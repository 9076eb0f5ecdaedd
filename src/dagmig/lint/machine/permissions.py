"""The IAM actions that a machine needs, by what its tasks call.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html and the page of
each service there, https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.lint.machine import maps
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.source import Subject, remembered

_OTHERWISE_NAMED: Mapping[str, tuple[str, ...]] = {
    "lambda:invoke": ("lambda:InvokeFunction",),
    "http:invoke": ("states:InvokeHTTPEndpoint", "events:RetrieveConnectionCredentials"),
    "elasticmapreduce:createCluster": ("elasticmapreduce:RunJobFlow",),
    "elasticmapreduce:terminateCluster": ("elasticmapreduce:TerminateJobFlows",),
    "elasticmapreduce:addStep": ("elasticmapreduce:AddJobFlowSteps",),
    "elasticmapreduce:cancelStep": ("elasticmapreduce:CancelSteps",),
    "bedrock:invokeModel": ("bedrock:InvokeModel",),
    "aws-sdk:lambda:invoke": ("lambda:InvokeFunction",),
    "aws-sdk:s3:listObjects": ("s3:ListBucket",),
    "aws-sdk:s3:listObjectsV2": ("s3:ListBucket",),
    "aws-sdk:s3:headBucket": ("s3:ListBucket",),
    "aws-sdk:s3:listBuckets": ("s3:ListAllMyBuckets",),
    "aws-sdk:s3:headObject": ("s3:GetObject",),
    "aws-sdk:s3:copyObject": ("s3:GetObject", "s3:PutObject"),
    "aws-sdk:s3:deleteObjects": ("s3:DeleteObject",),
    "aws-sdk:s3:deleteBucketTagging": ("s3:PutBucketTagging",),
    "aws-sdk:sqs:sendMessageBatch": ("sqs:SendMessage",),
    "aws-sdk:sqs:deleteMessageBatch": ("sqs:DeleteMessage",),
    "aws-sdk:sns:publishBatch": ("sns:Publish",),
}
_POLLED: Mapping[str, str] = {
    "glue:startJobRun": "glue:GetJobRun",
    "athena:startQueryExecution": "athena:GetQueryExecution",
    "elasticmapreduce:createCluster": "elasticmapreduce:DescribeCluster",
    "elasticmapreduce:addStep": "elasticmapreduce:DescribeStep",
}  # what .sync asks for itself; the other services send events
_PASSES_ROLE = frozenset(
    {
        "elasticmapreduce:createCluster",
        "emr-serverless:startJobRun",
        "mediaconvert:createJob",
        "sagemaker:createTrainingJob",
        "sagemaker:createTransformJob",
        "sagemaker:createProcessingJob",
        "sagemaker:createHyperParameterTuningJob",
        "sagemaker:createModel",
        "eks:createCluster",
        "eks:createFargateProfile",
        "eks:createNodegroup",
        "aws-sdk:bedrock:createModelCustomizationJob",
        "aws-sdk:emr:runJobFlow",
        "aws-sdk:glue:createCrawler",
        "aws-sdk:kinesisanalyticsv2:createApplication",
        "aws-sdk:lambda:createFunction",
        "aws-sdk:rds:startExportTask",
        "aws-sdk:sagemaker:createNotebookInstance",
    }
)


def passes_role(call: Call) -> bool:
    """Whether a call gives the service a role: of ECS so on Fargate, and where roles are overridden."""
    if call.resource.service == "ecs" and call.resource.action == "runTask":
        overrides = call.value("Overrides")
        given = overrides.keys() if isinstance(overrides, dict) else frozenset()
        return call.value("LaunchType") == "FARGATE" or bool(given & {"TaskRoleArn", "ExecutionRoleArn"})
    return call.resource.short in _PASSES_ROLE


@dataclass(frozen=True, slots=True)
class Need:
    """An IAM action and the place of what needs it."""

    action: str
    what: str
    pointer: str


def of_call(call: Call) -> tuple[str, ...]:
    """The actions without which a call fails; empty where they are not known."""
    if call.resource.kind == "function":
        return ("lambda:InvokeFunction",)
    short = call.resource.short
    if (named := _OTHERWISE_NAMED.get(short)) is None:
        named = (call.action.permission,) if call.action and call.action.permission else ()
    polled = (_POLLED[short],) if call.resource.pattern.startswith(".sync") and short in _POLLED else ()
    return (*named, *polled)


@remembered
def needs(subject: Subject) -> Iterator[Need]:
    """What the machine's own role has to allow; a task with ``Credentials`` acts in another role."""
    for call in calls(subject):
        if "Credentials" not in call.state.fields:
            for action in of_call(call):
                yield Need(action, call.resource.short, call.pointer)
    for state in subject.states:
        if maps.is_distributed(state):
            yield Need("states:StartExecution", "a distributed Map", state.pointer)
