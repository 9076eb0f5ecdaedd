"""Queries on Amazon Athena: https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html.

``AthenaOperator.execute`` says which argument is which parameter of StartQueryExecution.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import WAITING, table
from dagmig.integrations.waits import Waits, Watch

STATE = Status(
    "athena:getQueryExecution",
    {"QueryExecutionId": "$.QueryExecutionId"},
    "QueryExecution.Status.State",
    ("SUCCEEDED",),
    ("FAILED", "CANCELLED"),
    ("QUEUED", "RUNNING"),
)

query = table(
    AMAZON + "athena.AthenaOperator",
    "athena:startQueryExecution",
    Field("query", "QueryString"),
    Field("query_execution_context", "QueryExecutionContext"),
    Field("database", "QueryExecutionContext.Database"),
    Field(
        "catalog",
        "QueryExecutionContext.Catalog",
        default="AwsDataCatalog",
        absent="the operator names the catalog AwsDataCatalog, which is the one that is meant without a name",
    ),
    Field("result_configuration", "ResultConfiguration"),
    Field("output_location", "ResultConfiguration.OutputLocation"),
    Field("workgroup", "WorkGroup", default="primary", absent="the operator names the workgroup primary"),
    Field("client_request_token", "ClientRequestToken"),
    waits=Waits("", True, by_hand=(Watch(STATE, "sleep_time", "max_polling_attempts"),)),
    result="$states.result.QueryExecution.QueryExecutionId",
    started="$states.result.QueryExecutionId",
    dropped={
        "sleep_time": WAITING,
        "max_polling_attempts": "the state waits until the query has ended: bound it by execution_timeout",
        "log_query": "a state prints nothing",
    },
    required={"query": None, "database": None, "output_location": None},
    aliases=(AMAZON + "athena.AWSAthenaOperator", CONTRIB + "aws_athena_operator.AWSAthenaOperator"),
)
query_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.athena.AthenaSensor",
    Status(
        "athena:getQueryExecution",
        {"QueryExecutionId": "query_execution_id"},
        "QueryExecution.Status.State",
        ("SUCCEEDED",),
        ("FAILED", "CANCELLED"),
        reason="QueryExecution.Status.StateChangeReason",
    ),
    dropped={
        "sleep_time": "the loop asks once and waits for `poke_interval`",
        "max_retries": "the loop asks once and waits for `poke_interval`",
    },
    aliases=("airflow.contrib.sensors.aws_athena_sensor.AthenaSensor",),
)
