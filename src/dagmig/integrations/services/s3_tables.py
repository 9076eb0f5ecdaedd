"""Amazon S3 Tables: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_S3_Tables.html."""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.either import either
from dagmig.integrations.existing import DROPPED, made_or_found
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import LIST, PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.table import table

OPERATORS, SDK = AMAZON + "s3_tables.", "aws-sdk:s3tables:"
BUCKET, NAMESPACE = Field("table_bucket_arn", "TableBucketArn"), Field("namespace", "Namespace")
NAME, TOKEN = Field("table_name", "Name"), Field("version_token", "VersionToken")
OF_TABLE = {"table_bucket_arn": None, "namespace": None, "table_name": None}


def _namespace(tolerates: tuple[str, ...]) -> Integration:
    return table(
        OPERATORS + "S3TablesCreateNamespaceOperator",
        SDK + "createNamespace",
        BUCKET,
        Field("namespace", "Namespace", LIST),
        result="@namespace",
        dropped=DROPPED,
        required={"table_bucket_arn": None, "namespace": None},
        tolerates=tolerates,
    )


create_namespace = either(
    "if_exists", "skip", {"skip": _namespace(("S3Tables.ConflictException",)), "fail": _namespace(())}
)
delete_namespace = table(
    OPERATORS + "S3TablesDeleteNamespaceOperator",
    SDK + "deleteNamespace",
    BUCKET,
    NAMESPACE,
    required={"table_bucket_arn": None, "namespace": None},
)
create_table = table(
    OPERATORS + "S3TablesCreateTableOperator",
    SDK + "createTable",
    BUCKET,
    NAMESPACE,
    NAME,
    Field("format", "Format", default="ICEBERG"),
    Field("metadata", "Metadata", PASCAL),
    result="$states.result.TableArn",
    required=OF_TABLE,
)
rename_table = table(
    OPERATORS + "S3TablesRenameTableOperator",
    SDK + "renameTable",
    BUCKET,
    NAMESPACE,
    NAME,
    Field("new_name", "NewName"),
    Field("new_namespace_name", "NewNamespaceName"),
    TOKEN,
    required={**OF_TABLE, "new_name": None},
)
delete_table = table(
    OPERATORS + "S3TablesDeleteTableOperator",
    SDK + "deleteTable",
    BUCKET,
    NAMESPACE,
    NAME,
    TOKEN,
    required=OF_TABLE,
)
put_policy = table(
    OPERATORS + "S3TablesPutTableBucketPolicyOperator",
    SDK + "putTableBucketPolicy",
    BUCKET,
    Field("resource_policy", "ResourcePolicy"),
    required={"table_bucket_arn": None, "resource_policy": None},
)
delete_policy = table(
    OPERATORS + "S3TablesDeleteTableBucketPolicyOperator",
    SDK + "deleteTableBucketPolicy",
    BUCKET,
    required={"table_bucket_arn": None},
)
delete_bucket = table(
    OPERATORS + "S3TablesDeleteTableBucketOperator",
    SDK + "deleteTableBucket",
    BUCKET,
    required={"table_bucket_arn": None},
)
create_bucket = made_or_found(
    table(
        OPERATORS + "S3TablesCreateTableBucketOperator",
        SDK + "createTableBucket",
        Field("table_bucket_name", "Name"),
        Field("encryption_configuration", "EncryptionConfiguration", PASCAL),
        Field("tags", "Tags"),
        result="$states.result.Arn",
        dropped=DROPPED,
        required={"table_bucket_name": None},
    ),
    "S3Tables.ConflictException",
    Status(
        SDK + "listTableBuckets",
        {"Prefix": "table_bucket_name"},
        "TableBuckets[Name = @table_bucket_name].Arn",
        (),
    ),
)
