"""Amazon S3."""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.table import Field, table

put_object = table(
    AMAZON + "s3.S3CreateObjectOperator",
    "aws-sdk:s3:putObject",
    Field("s3_bucket", "Bucket"),
    Field("s3_key", "Key"),
    Field("data", "Body"),
    required={"s3_key": None, "data": ""},
)
