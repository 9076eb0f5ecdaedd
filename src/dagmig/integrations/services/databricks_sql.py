"""SQL on a Databricks warehouse: statements, and the sensor that waits for one.

https://docs.databricks.com/api/workspace/statementexecution; ``DatabricksSQLStatementsMixin``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations import databricks as api
from dagmig.integrations.databricks import CLIENT, PROVIDER, WAITING, Api, harmless
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.http_work import BODY, Words, awaited, goes_on, waits
from dagmig.integrations.poller import FAILED, WEEK
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given, mapping, members, sequence
from dagmig.integrations.sql import only, statements
from dagmig.integrations.table import account

STATEMENTS = "/api/2.0/sql/statements"
PLACE = ("catalog", "schema")
REQUEST = ("statement", "warehouse_id", "parameters")
QUERY = {"sql", "http_path", "sql_endpoint_name", *PLACE}
STATEMENT = {*REQUEST, *PLACE, *CLIENT, "query_tags", "include_airflow_query_tags", "statement_id"}
CLIENT_SIDE = {
    "conn_id": "the operator signs in by `databricks_conn_id`",
    "database": "the operator's catalog and schema say it",
    **dict.fromkeys(
        ("http_headers", "client_parameters", "hook_params", "csv_params", "gcp_conn_id", "output_format",
         "gcs_impersonation_chain", "show_return_value_in_logs", "requires_result_fetch"),
        "the state calls Databricks' API, without a driver",
    ),
    "autocommit": "a statement is committed by itself",
    "return_last": "there is one statement",
    "split_statements": "there is one statement",
}  # fmt: skip
UNDECIDED = {
    "output_processor": "what it makes of the rows is not done",
    "retry_on_failure": "a statement that failed is tried again as the task's retries say",
    "session_configuration": "say it in the statement",
    "output_path": "nothing writes the rows to a file",
    "parameters": "the statement's own are named, `:name`: write them so",
    "handler": "the rows are what the state returns",
}
HARMLESS = {"session_configuration": None, "output_path": None, "parameters": None, "handler": None}
ROWS = Expression.of(f"$exists({BODY}.result.data_array) ? {BODY}.result.data_array : []")
SHAPE = "the rows as lists of texts, the first 16 MiB of them, without what describes their columns"
ACTION = "sql/statements"
TAGS = {"query_tags", "include_airflow_query_tags"}
WORDS = Words("status.state", ("SUCCEEDED",), ("FAILED", "CANCELED", "CLOSED"), "status.error.message")
STATEMENT_ID = Expression.of(f"{BODY}.statement_id")
HOUR = 3600


def _request(client: Api) -> dict[str, Any]:
    task = client.task
    body: dict[str, Any] = {name: value for name in REQUEST if (value := given(task, name)) is not None}
    return {**body, **common(client)}


def common(client: Api) -> dict[str, Any]:
    """What every statement sends: where it looks names up, its tags, and not to wait."""
    task = client.task
    body: dict[str, Any] = {name: value for name in PLACE if (value := given(task, name)) is not None}
    if (tags := given(task, "query_tags")) is not None:
        try:
            body["query_tags"] = sequence(
                mapping([("key", Literal(name)), *([] if value == Literal(None) else [("value", value)])])
                for name, value in members(tags)
            )
        except ValueError as problem:
            client.open("query_tags", f"`query_tags` are not sent: {problem}")
    return {**body, "wait_timeout": "0s"}


def say_tags(client: Api) -> None:
    """The row for the tags that the operator adds by itself."""
    if client.task.argument("include_airflow_query_tags") != Literal(False):
        said = "the statement is not tagged with the names of the DAG, the task and the run"
        client.note("include_airflow_query_tags", said)


def _run(task: Task, report: Report) -> Fragment:
    account(
        task, {*STATEMENT - {"statement_id"}, *WAITING, "timeout"}, api.DROPPED, ACTION, report, api.UNDECIDED
    )
    client = Api(task, report)
    start = client.call("POST", STATEMENTS, RequestBody=_request(client))
    say_tags(client)
    outputs = {"statement_id": Projection(MAIN, STATEMENT_ID)}
    if not waits(task, report):
        return Fragment({MAIN: start}, outputs)
    return Fragment(awaited_statement(client, start, HOUR), outputs, is_bounded=True)


def awaited_statement(
    client: Api,
    start: dict[str, Any],
    longest: int = WEEK,
    every: tuple[str, int] = ("polling_period_seconds", 30),
) -> dict[str, Mapping[str, Any]]:
    """The states of a statement that is waited for."""
    task, report = client.task, client.report
    states = awaited(
        task,
        {**start, "Assign": {":statement_id": STATEMENT_ID}},
        client.call("GET", f"{STATEMENTS}/", Expression.of("$:statement_id")),
        WORDS,
        Expression.of("'statement ' & $:statement_id"),
        report,
        every=every,
        timeout="timeout",
        longest=longest,
    )
    goes_on(task, "statement", report)
    return states


def _sense(task: Task, report: Report) -> Fragment:
    own = STATEMENT if given(task, "statement") is None else STATEMENT - {"statement_id"}
    account(task, {*own, *WAITING, *OWN}, api.DROPPED, ACTION, report, api.UNDECIDED)
    client = Api(task, report)
    if given(task, "statement") is not None:
        return _started(client)
    if not waits(task, report):
        client.open("wait_for_termination", "the state waits")
    statement_id = given(task, "statement_id") or Literal("")
    call = client.call("GET", f"{STATEMENTS}/", statement_id)
    failed = WORDS.ending(Expression.of("'statement ' & ", statement_id), FAILED)
    ask = {**WORDS.asked(call), "Next": Ref("found?")}
    outputs = {"statement_id": Projection(MAIN, STATEMENT_ID)}
    return sensed(task, {MAIN: ask}, WORDS.is_done, report, failed=failed, outputs=outputs, longest=HOUR)


def _started(client: Api) -> Fragment:
    """The sensor starts a statement of its own."""
    for name in ("soft_fail", "never_fail", "silent_fail"):
        if client.task.argument(name) not in (None, Literal(False)):
            client.open(name, "the state fails; the sensor may skip what follows, or ask again")
    start = client.call("POST", STATEMENTS, RequestBody=_request(client))
    outputs = {"statement_id": Projection(MAIN, STATEMENT_ID)}
    if not waits(client.task, client.report):
        return Fragment({MAIN: start}, outputs)
    return Fragment(awaited_statement(client, start, HOUR, ("poke_interval", 60)), outputs, is_bounded=True)


def _query(task: Task, report: Report) -> Fragment:
    """``DatabricksSqlOperator`` speaks to a warehouse by its driver; here it is a statement of the API."""
    nothing = harmless(task, HARMLESS)
    account(task, {*QUERY, *TAGS, "databricks_conn_id", *nothing}, CLIENT_SIDE, ACTION, report, UNDECIDED)
    client = Api(task, report)
    statement = one_statement(client)
    if isinstance(statement, Fragment):
        return statement
    body = {"statement": statement, "warehouse_id": warehouse(client), **common(client)}
    say_tags(client)
    start = client.call("POST", STATEMENTS, RequestBody=body)
    states = awaited_statement(client, start, every=("polling_period_seconds", 5))
    return Fragment(states, {"return_value": Projection("poll", ROWS, SHAPE)}, is_bounded=True)


def one_statement(client: Api) -> Value | Fragment:
    """The task's one statement, or states that fail where it is not known."""
    try:
        return only(statements(client.task))
    except ValueError as problem:
        client.open("sql", f"`sql` is not one statement that is known: {problem}")
        return failing(f"Task {client.task.id} was not translated: `sql` is not one statement that is known.")


def warehouse(client: Api) -> Value | str:
    """Which warehouse runs the statement: its id is the end of its HTTP path."""
    path = given(client.task, "http_path")
    found = re.fullmatch(r"/?sql/1\.0/(?:warehouses|endpoints)/(\w+)", str(getattr(path, "value", "")))
    if found:
        return Literal(found[1])
    placeholder = client.through.part("warehouse_id")
    said = f"fill in {placeholder}, the SQL warehouse that runs the statement, when deploying"
    client.note("http_path", said)
    return placeholder


run_statement = Integration(
    PROVIDER + "operators.databricks.DatabricksSQLStatementsOperator",
    (),
    _run,
    form="`http:invoke`, then a bounded loop that asks for the statement's state",
)
query = Integration(
    PROVIDER + "operators.databricks_sql.DatabricksSqlOperator",
    (),
    _query,
    form="`http:invoke`, then a bounded loop that asks for the statement's state",
)
statements_sensor = Integration(
    PROVIDER + "sensors.databricks.DatabricksSQLStatementsSensor",
    (),
    _sense,
    form="`http:invoke` in a bounded loop",
)
