"""The AWS Glue Data Catalog: databases, tables and partitions.

https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html; ``operators/glue_catalog.py``: unless
told otherwise, what is there already is as wanted.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.either import either
from dagmig.integrations.existing import DROPPED
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.table import table

OPERATORS = AMAZON + "glue_catalog."
IS_THERE = ("Glue.AlreadyExistsException",)
DELETE_PARTITIONS = "aws-sdk:glue:batchDeletePartition"
CATALOG = Field("catalog_id", "CatalogId")
DATABASE, TABLE = Field("database_name", "DatabaseName"), Field("table_name", "TableName")


def _create(
    operator: str, action: str, *fields: Field, result: str | None, required: tuple[str, ...]
) -> Integration:
    def one(tolerates: tuple[str, ...]) -> Integration:
        return table(
            OPERATORS + operator,
            f"aws-sdk:glue:{action}",
            *fields,
            CATALOG,
            result=result,
            dropped=DROPPED,
            required=dict.fromkeys(required),
            tolerates=tolerates,
        )

    return either("if_exists", "skip", {"skip": one(IS_THERE), "fail": one(())})


create_database = _create(
    "GlueCatalogCreateDatabaseOperator",
    "createDatabase",
    Field("database_name", "DatabaseInput.Name"),
    Field("description", "DatabaseInput.Description"),
    Field("location_uri", "DatabaseInput.LocationUri"),
    Field("parameters", "DatabaseInput.Parameters"),
    Field("tags", "Tags"),
    result="@database_name",
    required=("database_name",),
)
create_table = _create(
    "GlueCatalogCreateTableOperator",
    "createTable",
    DATABASE,
    Field("table_input", "TableInput"),
    Field("table_name", "TableInput.Name"),
    result="@table_name",
    required=("database_name", "table_name", "table_input"),
)
create_partition = _create(
    "GlueCatalogCreatePartitionOperator",
    "createPartition",
    DATABASE,
    TABLE,
    Field("partition_input", "PartitionInput"),
    result=None,
    required=("database_name", "table_name", "partition_input"),
)


def _failing_on_errors(made: Integration) -> Integration:
    """Errors of single partitions fail the task, but for those of partitions that are not there."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = made.to_asl(task, report)
        others = "$states.result.Errors[ErrorDetail.ErrorCode != 'EntityNotFoundException']"
        assign = {":failed": Expression.of(f"[{others}]")}
        main = {**fragment.states[MAIN], "Assign": assign, "Next": Ref("failed?")}
        has_failed = {"Condition": Expression.of("$count($:failed) > 0"), "Next": Ref("failed")}
        cause = "'Failed to delete ' & $count($:failed) & ' partition(s): ' & $string($:failed)"
        states = {
            MAIN: main,
            "failed?": {"Type": "Choice", "Choices": [has_failed], "Default": AFTER},
            "failed": {"Type": "Fail", "Error": "RuntimeError", "Cause": Expression.of(cause)},
        }
        return replace(fragment, states=states)

    return replace(
        made, to_asl=to_asl, resources=(), to_airflow=None, form=f"`{DELETE_PARTITIONS}`, then a Choice"
    )


delete_partitions = _failing_on_errors(
    table(
        OPERATORS + "GlueCatalogBatchDeletePartitionOperator",
        DELETE_PARTITIONS,
        DATABASE,
        TABLE,
        Field("partitions_to_delete", "PartitionsToDelete"),
        CATALOG,
        result="[$states.result.Errors]",
    )
)
delete_database = table(
    OPERATORS + "GlueCatalogDeleteDatabaseOperator",
    "aws-sdk:glue:deleteDatabase",
    Field("database_name", "Name"),
    CATALOG,
    required={"database_name": None},
)
delete_table = table(
    OPERATORS + "GlueCatalogDeleteTableOperator",
    "aws-sdk:glue:deleteTable",
    DATABASE,
    Field("table_name", "Name"),
    CATALOG,
    required={"database_name": None, "table_name": None},
)
