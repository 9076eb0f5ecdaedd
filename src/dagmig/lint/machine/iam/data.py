"""What calls need of the services behind them: data of Athena's queries, secrets, keys, tags.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html,
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html,
https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.services.authorization import privilege
from dagmig.lint.machine.calls import Call
from dagmig.lint.machine.iam.arns import resources
from dagmig.lint.machine.iam.need import HERE, TAKES_NONE, Allowed, Condition, of_kind
from dagmig.lint.machine.iam.texts import OPEN, bucket_and_key, given, is_arn, members

_S3 = "arn:${AWS::Partition}:s3:::"
_READS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_WRITES = ("s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload")
_LOOKS_UP = ("GetDatabase", "GetDatabases", "GetTable", "GetTables", "GetPartition", "GetPartitions")
_ALTERS = (
    *("CreateDatabase", "UpdateDatabase", "DeleteDatabase", "CreateTable", "UpdateTable", "DeleteTable"),
    *("BatchDeleteTable", "CreatePartition", "BatchCreatePartition", "UpdatePartition", "DeletePartition"),
    "BatchDeletePartition",
)
_ONLY_READS = re.compile(
    r"\s*(select|with|show|describe|explain|values)\b(?!.*\b(insert|into)\b)", re.I | re.S
)
_KEY = re.compile(r"kms(master)?key|kmskeyid|kmskeyarn", re.I)
_NO_GRANTS = frozenset({"s3", "athena", "sns", "sqs", "dynamodb", "lambda", "kms", "ssm", "secretsmanager"})


def of_query(call: Call) -> Iterator[Allowed]:
    """Where Athena's query writes its result, what it reads, and the catalogue that says where that lies."""
    if call.resource.short not in ("athena:startQueryExecution", "aws-sdk:athena:startQueryExecution"):
        return
    places = given(call, "ResultConfiguration.OutputLocation") or (OPEN,)
    for bucket, key in map(bucket_and_key, places):
        yield from (of_kind(action, f"{_S3}{bucket}") for action in _READS)
        yield from (
            of_kind(action, f"{_S3}{bucket}/{key}{'' if key == OPEN else OPEN}") for action in _WRITES
        )
    text = next(iter(given(call, "QueryString")), OPEN)
    only_reads = OPEN not in text[:1] and _ONLY_READS.match(text) is not None
    yield of_kind("s3:GetBucketLocation", f"{_S3}{OPEN}")
    yield of_kind("s3:ListBucket", f"{_S3}{OPEN}")
    for action in ("s3:GetObject", *(() if only_reads else ("s3:PutObject", "s3:DeleteObject"))):
        yield of_kind(action, f"{_S3}{OPEN}/{OPEN}")
    yield from _of_catalogue(call, text, only_reads)
    yield Allowed("lakeformation:GetDataAccess", ("*",), TAKES_NONE)


def _of_catalogue(call: Call, text: str, only_reads: bool) -> Iterator[Allowed]:
    """The databases of the query: the one of its context, or any, where it names others."""
    glue = HERE % "glue"
    context = given(call, "QueryExecutionContext.Database")
    databases = context if context and only_reads and "." not in text else (OPEN,)
    tables = [f"{glue}{kind}" for one in databases for kind in (f"database/{one}", f"table/{one}/{OPEN}")]
    for name in (*_LOOKS_UP, "BatchGetPartition", *(() if only_reads else _ALTERS)):
        yield of_kind(f"glue:{name}", f"{glue}catalog", *tables)
    catalogues = given(call, "QueryExecutionContext.Catalog") or ("AwsDataCatalog",)
    yield of_kind("athena:GetDataCatalog", *(HERE % "athena" + f"datacatalog/{one}" for one in catalogues))


def of_results(call: Call) -> Iterator[Allowed]:
    """The object that holds the result of a query, which only the query says."""
    if call.resource.service == "athena" and call.resource.action == "getQueryResults":
        yield of_kind("s3:GetObject", f"{_S3}{OPEN}/{OPEN}")


def of_objects(call: Call) -> Iterator[Allowed]:
    """Whether an object is missing is only told to who may list its bucket; others are refused."""
    if call.resource.short in ("aws-sdk:s3:headObject", "aws-sdk:s3:getObject"):
        yield of_kind("s3:ListBucket", *resources(call, "s3:ListBucket"))


def of_credentials(call: Call) -> Iterator[Allowed]:
    """With what a call of a data API signs in to the database."""
    service = call.resource.service
    if service not in ("redshiftdata", "rdsdata") or call.action is None or not call.action.required:
        return
    if secrets := given(call, "SecretArn"):
        arns = (one if is_arn(one) else HERE % "secretsmanager" + f"secret:{one}" for one in secrets)
        yield of_kind("secretsmanager:GetSecretValue", *arns)
    elif clusters := given(call, "ClusterIdentifier"):
        action = "GetClusterCredentials" if given(call, "DbUser") else "GetClusterCredentialsWithIAM"
        names = (given(call, name) or (OPEN,) for name in ("DbUser", "Database"))
        users, bases = names
        kinds = ("dbuser", users), ("dbname", bases)
        arns = (
            HERE % "redshift" + f"{kind}:{cluster}/{one}"
            for cluster in clusters
            for kind, ones in kinds
            for one in ones
        )
        yield of_kind(f"redshift:{action}", *arns)
    elif given(call, "WorkgroupName"):
        yield of_kind(
            "redshift-serverless:GetCredentials", HERE % "redshift-serverless" + f"workgroup/{OPEN}"
        )


def of_keys(call: Call) -> Iterator[Allowed]:
    """The keys that a call names, for the service to use: by their ARN, their id or an alias of theirs."""
    for key in dict.fromkeys(text for name, text in members(call) if _KEY.search(name)):
        arn, conditions = _key(key)
        for action in ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"):
            yield Allowed(action, (arn,), of_kind(action, arn).why, conditions)
        if call.resource.service not in _NO_GRANTS:
            granted: Condition = ("Bool", "kms:GrantIsForAWSResource", ("true",))
            yield Allowed("kms:CreateGrant", (arn,), of_kind("", arn).why, (*conditions, granted))


def _key(key: str) -> tuple[str, tuple[Condition, ...]]:
    alias = key.rpartition(":")[2] if ":alias/" in key else key
    if alias.startswith("alias/"):
        of_alias: Condition = ("ForAnyValue:StringEquals", "kms:ResourceAliases", (alias,))
        return HERE % "kms" + f"key/{OPEN}", (of_alias,)
    return key if is_arn(key) else HERE % "kms" + f"key/{key}", ()


def of_tags(call: Call, action: str) -> Iterator[Allowed]:
    """To tag what is made is an action of its own with some services."""
    known = privilege(action)
    if known is not None and call.given is not None and "Tags" in call.given:
        tags = (other for other in known.dependents if _is_tagging(other))
        yield from (of_kind(other, *resources(call, action)) for other in tags)


def _is_tagging(action: str) -> bool:
    known = privilege(action)
    return known is not None and known.level == "Tagging"
