"""A partition of a table that has to be there: ``DatabricksPartitionSensor``, which fails where it is not.

``sensors/databricks_partition.py`` of the databricks provider; https://docs.databricks.com/api/workspace/statementexecution.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.databricks import PROVIDER, Api, harmless
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.http_work import BODY
from dagmig.integrations.poller import FAILED
from dagmig.integrations.sensor import OWN
from dagmig.integrations.services.databricks_copy import DROPPED, LONGEST, UNDECIDED, escaped
from dagmig.integrations.services.databricks_sql import ACTION, STATEMENTS, common, say_tags, warehouse
from dagmig.integrations.spelling import given, is_dict, joined, members
from dagmig.integrations.table import account

ARGUMENTS = {"databricks_conn_id", "http_path", "catalog", "schema", "table_name", "partitions",
             "partition_operator", "query_tags", "include_airflow_query_tags"}  # fmt: skip
HARMLESS = {"session_configuration": None, "handler": None, "do_xcom_push": True}
COLUMNS = f"{BODY}.result.data_array[0][7]"  # ``partitionColumns`` of DESCRIBE DETAIL, as JSON text
STATE = f"{BODY}.status.state"
ONCE = "the sensor looks once and fails where the partition is not there: it does not wait"


def _sense(task: Task, report: Report) -> Fragment:
    known = {*OWN, *ARGUMENTS, *harmless(task, HARMLESS)}
    account(task, known, DROPPED, ACTION, report, UNDECIDED)
    client = Api(task, report)
    try:
        table, partitions = _table(task), _partitions(task)
        where = _where(task, partitions)
    except ValueError as problem:
        client.open("partitions", f"the statement is not known: {problem}")
        return failing(f"Task {task.id} was not translated: its statement is not known.")
    client.note("sql", f"a statement takes {LONGEST} at most: a longer one is cancelled and fails the state")
    client.note("poke_interval", ONCE)
    say_tags(client)
    described = _statement(client, joined("DESCRIBE DETAIL ", table))
    asked = _statement(client, joined("SELECT 1 FROM ", table, " WHERE ", where, " LIMIT 1"))
    columns = Expression.of(f"$exists({COLUMNS}) ? $string({COLUMNS}) : ''")
    rows = f"{BODY}.result.data_array"
    answer = {":state": Expression.of(STATE), ":rows": Expression.of(f"$exists({rows}) ? $count({rows}) : 0")}
    asking = {
        MAIN: {**described, "Assign": {":columns": columns}, "Output": {}, "Next": Ref("partition")},
        "partition": {**asked, "Assign": answer, "Output": {}, "Next": Ref("found?")},
    }
    parts = [f"$contains($:columns, '\"{name}\"')" for name, _ in partitions]
    found = Expression.of(" and ".join(["$:state = 'SUCCEEDED'", "$:rows > 0", *parts]))
    for name in ("silent_fail", "never_fail"):
        if task.argument(name) not in (None, Literal(False)):
            client.open(name, "the state fails; the sensor would skip what follows, or look again")
    choice = {"Condition": found, "Next": AFTER}
    states = {
        **asking,
        "found?": {"Type": "Choice", "Choices": [choice], "Default": Ref("failed")},
        "failed": {"Type": "Fail", "Error": FAILED, "Cause": "the partition was not found"},
    }
    return Fragment(states)


def _statement(client: Api, text: Value) -> dict[str, Any]:
    wait = {"wait_timeout": LONGEST, "on_wait_timeout": "CANCEL"}
    body = {"statement": text, "warehouse_id": warehouse(client), **common(client), **wait}
    return client.call("POST", STATEMENTS, RequestBody=body)


def _table(task: Task) -> Value:
    """The table's whole name."""
    name = given(task, "table_name")
    if not isinstance(name, Literal):
        raise ValueError("the table is known only when the DAG runs")
    if str(name.value).partition(".")[0] == "delta":
        return name
    catalog = given(task, "catalog") or Literal("")
    return joined(catalog, ".", given(task, "schema") or Literal("default"), ".", name)


def _partitions(task: Task) -> list[tuple[str, Value]]:
    value = given(task, "partitions")
    if value is None or not is_dict(value):
        raise ValueError("the partitions are known only when the DAG runs")
    found = members(value)
    if not found or any("'" in name or '"' in name for name, _ in found):
        raise ValueError("no partition is named")
    return found


def _where(task: Task, partitions: list[tuple[str, Value]]) -> Value:
    """What the rows have to be like (``_generate_partition_query``)."""
    operator = given(task, "partition_operator") or Literal("=")
    parts: list[str | Value] = []
    for name, value in partitions:
        parts += [" AND "] if parts else []
        match value:
            case Literal(list() as several):
                parts.append(f"{name} in {tuple(several)}")
            case Literal(str() as text) if "{{" in text:
                parts += [name, operator, f"'{text}'"]
            case Literal(constant):
                parts += [name, operator, escaped(constant)]
            case _:
                parts += [name, operator, "'", value, "'"]
    return joined(*parts)


partition_sensor = Integration(
    PROVIDER + "sensors.databricks_partition.DatabricksPartitionSensor",
    (),
    _sense,
    form="two `http:invoke`, then a Choice",
)
