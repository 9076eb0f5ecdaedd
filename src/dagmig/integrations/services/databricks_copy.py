"""Files copied into a Databricks table, and the sensor that waits for rows: statements of the SQL API.

https://docs.databricks.com/sql/language-manual/delta-copy-into; ``operators/databricks_sql.py`` and
``sensors/databricks_sql.py`` of the databricks provider, whose text and order of clauses this is.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.databricks import PROVIDER, Api, harmless
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.http_work import BODY
from dagmig.integrations.poller import FAILED, Ending
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.services.databricks_sql import (
    ACTION,
    CLIENT_SIDE,
    STATEMENTS,
    awaited_statement,
    common,
    one_statement,
    say_tags,
    warehouse,
)
from dagmig.integrations.table import account

CLAUSES = {"table_name", "file_location", "file_format", "files", "pattern", "expression_list", "credential",
           "storage_credential", "encryption", "format_options", "force_copy", "copy_options",
           "validate"}  # fmt: skip
SHARED = {"databricks_conn_id", "http_path", "catalog", "schema", "query_tags", "include_airflow_query_tags"}
UNDECIDED = {
    "session_configuration": "say it in the statement",
    "handler": "that there is a row decides",
    "do_xcom_push": "that there is a row decides",
}
HARMLESS = {"session_configuration": None, "handler": None, "do_xcom_push": True}
DROPPED = {
    **CLIENT_SIDE,
    "sql_warehouse_name": "the state names the warehouse by its id",
    "sql_endpoint_name": "the state names the warehouse by its id",
}
LONGEST = "50s"  # https://docs.databricks.com/api/workspace/statementexecution/executestatement: wait_timeout


def _copy(task: Task, report: Report) -> Fragment:
    known = {*CLAUSES, *SHARED, *harmless(task, HARMLESS)}
    account(task, known, DROPPED, ACTION, report, UNDECIDED)
    client = Api(task, report)
    try:
        statement = _statement(task)
    except ValueError as problem:
        client.open("table_name", f"the statement is not known: {problem}")
        return failing(f"Task {task.id} was not translated: its statement is not known.")
    body = {"statement": Literal(statement), "warehouse_id": warehouse(client), **common(client)}
    say_tags(client)
    start = client.call("POST", STATEMENTS, RequestBody=body)
    return Fragment(awaited_statement(client, start, every=("polling_period_seconds", 5)), is_bounded=True)


def _statement(task: Task) -> str:
    """The text of the statement. Raises ``ValueError`` where an argument is not known, or not right."""
    known = {name: _known(task, name) for name in CLAUSES}
    if not known["table_name"] or not known["file_location"] or not known["file_format"]:
        raise ValueError("the table, the location or the format is not given")
    if known["files"] is not None and known["pattern"] is not None:
        raise ValueError("only one of `pattern` and `files` may be given")
    for word in ("credential", "encryption"):
        if known[word] is not None:
            raise ValueError(f"`{word}` holds secrets, which no machine may: name a `storage_credential`")
    location = escaped(known["file_location"])
    if known["expression_list"] is not None:
        location = f"(SELECT {known['expression_list']} FROM {location})"
    storage = known["storage_credential"]
    options = dict(known["copy_options"] or {})
    if known["force_copy"] is not None:
        options["force"] = "true" if known["force_copy"] else "false"
    lines = [
        f"COPY INTO {known['table_name']}" + (f" WITH (CREDENTIAL {storage})" if storage else ""),
        f"FROM {location}",
        f"FILEFORMAT = {known['file_format']}",
        _validation(known["validate"]),
        f"PATTERN = {escaped(known['pattern'])}" if known["pattern"] is not None else "",
        f"FILES = {escaped(known['files'])}" if known["files"] is not None else "",
        _options("FORMAT_OPTIONS", known["format_options"]),
        _options("COPY_OPTIONS", options),
    ]
    return "\n".join(line for line in lines if line)


def _known(task: Task, name: str) -> Any:
    value = task.argument(name)
    if value is None:
        return None
    if not isinstance(value, Literal) or "{{" in str(value.value) or "{%" in str(value.value):
        raise ValueError(f"`{name}` is known only when the DAG runs")
    return value.value


def _validation(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "VALIDATE ALL" if value is True else f"VALIDATE {value} ROWS"


def _options(word: str, options: Any) -> str:
    if not options:
        return ""
    if not isinstance(options, dict):
        raise ValueError(f"{word} are no dict")
    pairs = (f"{escaped(key)} = {escaped(value)}" for key, value in options.items())
    return f"{word} ({', '.join(pairs)})"


def escaped(value: Any) -> str:
    """A value as ``ParamEscaper`` of Databricks' driver writes it."""
    if isinstance(value, str):
        inner = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{inner}'"
    if isinstance(value, (list, tuple)):
        return f"({','.join(escaped(one) for one in value)})"
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError(f"{value} is neither text nor a number")


def _sense(task: Task, report: Report) -> Fragment:
    known = {*OWN, *SHARED, "sql", *harmless(task, HARMLESS)}
    account(task, known, DROPPED, ACTION, report, UNDECIDED)
    client = Api(task, report)
    statement = one_statement(client)
    if isinstance(statement, Fragment):
        return statement
    client.note("sql", f"a statement takes {LONGEST} at most: a longer one is cancelled and fails the state")
    say_tags(client)
    wait = {"wait_timeout": LONGEST, "on_wait_timeout": "CANCEL"}
    body = {"statement": statement, "warehouse_id": warehouse(client), **common(client), **wait}
    reason = f"{BODY}.status.error.message"
    assign = {
        ":state": Expression.of(f"{BODY}.status.state"),
        ":reason": Expression.of(f"$exists({reason}) ? {reason} : ''"),
        ":rows": Expression.of(f"$exists({BODY}.result.data_array) ? $count({BODY}.result.data_array) : 0"),
    }
    call = client.call("POST", STATEMENTS, RequestBody=body)
    asking = {MAIN: {**call, "Assign": assign, "Output": {}, "Next": Ref("found?")}}
    found = Expression.of("$:state = 'SUCCEEDED' and $:rows > 0")
    cause = Expression.of("'the statement ended ' & $:state & ': ' & $:reason")
    failed = Ending(Expression.of("$:state != 'SUCCEEDED'"), FAILED, cause)
    return sensed(task, asking, found, report, failed=failed)


copy_into = Integration(
    PROVIDER + "operators.databricks_sql.DatabricksCopyIntoOperator",
    (),
    _copy,
    form="`http:invoke`, then a bounded loop that asks for the statement's state",
)
sql_sensor = Integration(
    PROVIDER + "sensors.databricks_sql.DatabricksSqlSensor",
    (),
    _sense,
    form="`http:invoke` in a bounded loop",
)
