"""Where the parameters of a call are not called like the parts of the ARN, or say more than it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from dagmig.lint.machine.calls import Call
from dagmig.lint.machine.iam.need import HERE
from dagmig.lint.machine.iam.texts import OPEN, given, is_arn

Paths = tuple[str, ...]
OTHERWISE: Mapping[tuple[str, str], Paths] = {
    ("airflow", "EnvironmentName"): ("Name",),
    ("athena", "WorkGroupName"): ("WorkGroup",),
    ("elasticmapreduce", "ClusterId"): ("JobFlowId", "ClusterId", "JobFlowIds", "ExecutionEngine.Id"),
    ("glue", "DatabaseName"): ("DatabaseInput.Name", "DatabaseName"),
    ("glue", "RulesetName"): ("Name", "RulesetNames"),
    ("glue", "TableName"): ("TableInput.Name", "TableName"),
    ("kinesis", "StreamName"): ("StreamName", "StreamARN"),
    ("rds", "DbInstanceName"): ("DbInstanceIdentifier",),
    ("rds", "DbClusterInstanceName"): ("DbClusterIdentifier",),
    ("rds", "SnapshotName"): ("DbSnapshotIdentifier",),
    ("rds", "ClusterSnapshotName"): (
        "DbClusterSnapshotIdentifier",
        "SourceDbClusterSnapshotIdentifier",
        "TargetDbClusterSnapshotIdentifier",
    ),
    ("rds-data", "DbClusterInstanceName"): ("ResourceArn",),
    ("redshift", "ClusterName"): ("SnapshotClusterIdentifier", "ClusterIdentifier"),
    ("s3", "ObjectName"): ("Key", "Delete.Objects.Key"),
    ("s3tables", "TableBucketName"): ("TableBucketArn",),
    ("ssm", "InstanceId"): ("InstanceIds", "Targets"),
}
"""By service prefix and part of an ARN: the parameters that name it, a part of a parameter after a dot."""

_PROFILE = re.compile(r"(?:us|eu|ap|apac|ca|sa|us-gov|jp|au|global)\.(?P<model>.+)")


def _function(call: Call) -> tuple[str, ...]:
    """A version or an alias of a function is a resource of its own."""
    arns = []
    for name in given(call, "FunctionName"):
        plain = name.rpartition("function:")[2]
        arn = name if is_arn(name) else HERE % "lambda" + f"function:{plain}"
        arns += [f"{arn}:{one}" for one in given(call, "Qualifier")] or [arn]
    return tuple(arns)


def _task_definition(call: Call) -> tuple[str, ...]:
    """All revisions, where none is named."""
    return tuple(
        name if is_arn(name) else HERE % "ecs" + f"task-definition/{_revision(name)}"
        for name in given(call, "TaskDefinition") + given(call, "Family")
    )


def _revision(name: str) -> str:
    return name if ":" in name or name == OPEN else f"{name}:*"


def _copied(call: Call) -> tuple[str, ...]:
    """The object that is read, where one is copied: ``bucket/key``."""
    found = []
    for source in given(call, "CopySource"):
        bucket, _, key = unquote(source.partition("?")[0]).lstrip("/").partition("/")
        found.append(source if is_arn(source) else f"arn:${{AWS::Partition}}:s3:::{bucket}/{key or OPEN}")
    return tuple(found)


def _secret(call: Call) -> tuple[str, ...]:
    """A secret's ARN ends in six characters that its name does not say.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
    """
    return tuple(
        name if is_arn(name) else HERE % "secretsmanager" + f"secret:{_random(name)}"
        for name in given(call, "SecretId")
    )


def _random(name: str) -> str:
    return name if name.endswith(OPEN) else f"{name}-??????"


def _parameter(call: Call) -> tuple[str, ...]:
    names = [*given(call, "Name"), *given(call, "Names")]
    return tuple(name if is_arn(name) else HERE % "ssm" + f"parameter/{name.lstrip('/')}" for name in names)


def _command(call: Call) -> tuple[str, ...]:
    """AWS's own documents are of no account; the instances are named, or found by their tags."""
    documents = [
        name
        if is_arn(name)
        else "arn:${AWS::Partition}:ssm:${AWS::Region}:"
        + f"{'' if name.startswith('AWS-') else '${AWS::AccountId}'}:document/{name}"
        for name in given(call, "DocumentName")
    ]
    instances = given(call, "InstanceIds") or (OPEN,)
    return (*documents, *(HERE % "ec2" + f"instance/{one}" for one in instances))


def _identity(call: Call) -> tuple[str, ...]:
    """An address may be sent from where it is verified, or its domain is."""
    found: list[str] = []
    for address in given(call, "FromEmailAddress") + given(call, "Source"):
        plain = address.rpartition("<")[2].rstrip("> ")
        is_known = "@" in plain and OPEN not in plain and "$" not in plain
        names = (plain, plain.rpartition("@")[2]) if is_known else (OPEN,)
        found += [HERE % "ses" + f"identity/{one}" for one in names]
    return tuple(found)


def _topic(call: Call) -> tuple[str, ...]:
    """A message to a telephone is to no topic; ``TargetArn`` is one, or that of a device."""
    return (OPEN,) if given(call, "PhoneNumber") else tuple(filter(is_arn, given(call, "TargetArn")))


def _bus(call: Call) -> tuple[str, ...]:
    buses = given(call, "Entries.EventBusName") or (OPEN if call.given is None else "default",)
    return tuple(one if is_arn(one) else HERE % "events" + f"event-bus/{one}" for one in buses)


def _work_group(call: Call) -> tuple[str, ...]:
    groups = given(call, "WorkGroup") or (OPEN if call.given is None else "primary",)
    return tuple(HERE % "athena" + f"workgroup/{one}" for one in groups)


def _model(call: Call) -> tuple[str, ...]:
    """A model of Bedrock's; through an inference profile, which leads to it in several regions."""
    found: list[str] = []
    for name in given(call, "ModelId"):
        if is_arn(name):
            found.append(name)
        elif profile := _PROFILE.match(name):
            found.append(HERE % "bedrock" + f"inference-profile/{name}")
            found.append(f"arn:${{AWS::Partition}}:bedrock:*::foundation-model/{profile['model']}")
        elif name != OPEN:
            found.append(f"arn:${{AWS::Partition}}:bedrock:${{AWS::Region}}::foundation-model/{name}")
    return tuple(found)


def _route(call: Call) -> tuple[str, ...]:
    """https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html."""
    endpoint, stage, method, path = (
        next(iter(given(call, name)), other)
        for name, other in (("ApiEndpoint", OPEN), ("Stage", OPEN), ("Method", OPEN), ("Path", ""))
    )
    api = endpoint.partition(".")[0] if ".execute-api." in endpoint else OPEN
    return (HERE % "execute-api" + f"{api}/{stage}/{method}/{path.lstrip('/')}",)


Special = Callable[[Call], tuple[str, ...]]
SPECIAL: Mapping[str, Special] = {
    "athena:StartQueryExecution": _work_group,
    "bedrock:InvokeModel": _model,
    "ecs:RegisterTaskDefinition": _task_definition,
    "ecs:RunTask": _task_definition,
    "events:PutEvents": _bus,
    "execute-api:Invoke": _route,
    "lambda:InvokeFunction": _function,
    "s3:GetObject": _copied,
    "secretsmanager:DescribeSecret": _secret,
    "secretsmanager:GetSecretValue": _secret,
    "ses:SendEmail": _identity,
    "ses:SendRawEmail": _identity,
    "sns:Publish": _topic,
    "ssm:GetParameter": _parameter,
    "ssm:GetParameters": _parameter,
    "ssm:PutParameter": _parameter,
    "ssm:SendCommand": _command,
}
"""By IAM action: the ARNs of a call, empty where the rule for all is right."""
