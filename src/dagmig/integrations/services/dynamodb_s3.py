"""Tables of Amazon DynamoDB exported to and imported from Amazon S3.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html and
.../API_ImportTable.html; ``transfers/dynamodb_to_s3.py`` and ``transfers/s3_to_dynamodb.py``, which also copy
item by item in the worker: no state can.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.parameters import Field
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import AWS_BASE, account, table
from dagmig.integrations.waits import polls

TRANSFERS, SDK = "airflow.providers.amazon.aws.transfers.", "aws-sdk:dynamodb:"
CONNECTIONS = dict.fromkeys(
    ("source_aws_conn_id", "dest_aws_conn_id"), "the state machine's role replaces the Airflow connection"
)
SCANS = dict.fromkeys(
    ("file_size", "dynamodb_scan_kwargs", "process_func"), "an export is made by DynamoDB, without a scan"
)
NO = (None, Literal(None), Literal(False))
POINT_IN_TIME = ("point_in_time_export", "export_time")

EXPORTED = {
    "dynamodb_table_name",
    "s3_bucket_name",
    "s3_key_prefix",
    "export_format",
    "export_table_to_point_in_time_kwargs",
    "check_interval",
    "max_attempts",
    *POINT_IN_TIME,
}
IMPORTED = {
    "s3_bucket",
    "s3_key",
    "dynamodb_table_name",
    "dynamodb_key_schema",
    "dynamodb_attributes",
    "dynamodb_tmp_table_prefix",
    "delete_on_error",
    "use_existing_table",
    "input_format",
    "billing_mode",
    "import_table_kwargs",
    "import_table_creation_kwargs",
    "wait_for_completion",
    "check_interval",
    "max_attempts",
}


def _copies(task: Task, argument: str, instead: str, known: set[str], report: Report) -> Fragment:
    """A state that fails, where the operator copies items by itself."""
    account(task, known, {**AWS_BASE, **CONNECTIONS}, "Amazon DynamoDB's own work", report)
    said = f"the operator copies items in its worker, and a state holds 256 KiB: {instead}"
    opened(task, argument, said, report)
    return failing(f"Task {task.id} was not translated: it copies items in its worker.")


def _exported(made: Integration) -> Integration:
    """With the table's ARN, which is asked for first."""

    def to_asl(task: Task, report: Report) -> Fragment:
        if all(task.argument(name) in NO for name in POINT_IN_TIME):
            instead = "turn on point-in-time recovery and say `True` here"
            return _copies(task, POINT_IN_TIME[0], instead, {*EXPORTED, *SCANS}, report)
        if not isinstance(task.argument(POINT_IN_TIME[0]) or Literal(None), Literal):
            opened(
                task, POINT_IN_TIME[0], "it is known only when the DAG runs: the table is exported", report
            )
        own = {"dynamodb_table_name", POINT_IN_TIME[0]}
        others = {key: value for key, value in task.call.arguments.items() if key not in own}
        fragment = made.to_asl(replace(task, call=replace(task.call, arguments=others)), report)
        describe = {
            "Type": "Task",
            "Resource": f"{PREFIX}{SDK}describeTable",
            "Arguments": {"TableName": given(task, "dynamodb_table_name") or Literal("")},
            "Assign": {":table_arn": Expression.of("$states.result.Table.TableArn")},
            "Output": {},
            "Next": Ref(MAIN),
        }
        return replace(fragment, states={"table": describe, **fragment.states}, entry="table")

    form = f"`{SDK}exportTableToPointInTime`, then a bounded loop that asks for its status"
    return Integration(made.operator, (), to_asl, form=form)


def _imported(made: Integration) -> Integration:
    def to_asl(task: Task, report: Report) -> Fragment:
        if task.argument("use_existing_table") not in NO:
            return _copies(task, "use_existing_table", "import into a new table", IMPORTED, report)
        return made.to_asl(task, report)

    return replace(made, to_asl=to_asl)


export = _exported(
    table(
        TRANSFERS + "dynamodb_to_s3.DynamoDBToS3Operator",
        SDK + "exportTableToPointInTime",
        Field("export_time", "ExportTime"),
        Field("s3_bucket_name", "S3Bucket"),
        Field("s3_key_prefix", "S3Prefix"),
        Field("export_format", "ExportFormat", default="DYNAMODB_JSON"),
        waits=polls(
            Status(
                SDK + "describeExport",
                {"ExportArn": "$.ExportDescription.ExportArn"},
                "ExportDescription.ExportStatus",
                ("COMPLETED",),
                ("FAILED",),
                reason="ExportDescription.FailureMessage",
            ),
            "",
            every=("check_interval", 30),
            times=("max_attempts", 60),
        ),
        spread="export_table_to_point_in_time_kwargs",
        dropped={**CONNECTIONS, **SCANS},
        sends={"TableArn": Expression.of("$:table_arn")},
    )
)
import_table = _imported(
    table(
        TRANSFERS + "s3_to_dynamodb.S3ToDynamoDBOperator",
        SDK + "importTable",
        Field("s3_bucket", "S3BucketSource.S3Bucket"),
        Field("s3_key", "S3BucketSource.S3KeyPrefix"),
        Field("input_format", "InputFormat", default="DYNAMODB_JSON"),
        Field("import_table_creation_kwargs", "TableCreationParameters"),
        Field("dynamodb_table_name", "TableCreationParameters.TableName"),
        Field("dynamodb_attributes", "TableCreationParameters.AttributeDefinitions"),
        Field("dynamodb_key_schema", "TableCreationParameters.KeySchema"),
        Field("billing_mode", "TableCreationParameters.BillingMode", default="PAY_PER_REQUEST"),
        waits=polls(
            Status(
                SDK + "describeImport",
                {"ImportArn": "$.ImportTableDescription.ImportArn"},
                "ImportTableDescription.ImportStatus",
                ("COMPLETED",),
                ("CANCELLING", "CANCELLED", "FAILED"),
                reason="ImportTableDescription.FailureMessage",
            ),
            every=("check_interval", 30),
            times=("max_attempts", 240),
        ),
        spread="import_table_kwargs",
        result="$states.result.ImportTableDescription.ImportArn",
        dropped={"dynamodb_tmp_table_prefix": "there is no table in between"},
        undecided={"delete_on_error": "the table of an import that failed stays"},
        harmless={"delete_on_error": False, "use_existing_table": False},
        required=dict.fromkeys(("s3_bucket", "s3_key", "dynamodb_table_name", "dynamodb_key_schema")),
    )
)
