"""The AWS Glue Data Catalog: databases, tables and partitions.

https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html; ``operators/glue_catalog.py``: unless
told otherwise, what is there already is as wanted.
"""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.either import either
from dagmig.integrations.existing import DROPPED
from dagmig.integrations.parameters import Field
from dagmig.integrations.table import table

OPERATORS = AMAZON + "glue_catalog."
IS_THERE = ("Glue.AlreadyExistsException",)
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
