"""SQL on Snowflake through its SQL API: https://docs.snowflake.com/en/developer-guide/sql-api/reference.

``SnowflakeSqlApiOperator`` and ``SnowflakeOperator``. An answer with 202 says that the statement goes on,
one with 422 that it failed, which fails the state that asks.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Reference, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import Expression, Fragment, Projection, failing
from dagmig.integrations.http import Connection, call, connection, retry
from dagmig.integrations.http_work import BODY, goes_on
from dagmig.integrations.poller import (
    FAILED,
    HTTP_TRANSIENT,
    WEEK,
    Poll,
    bound,
    known_number,
    looped,
    say_pace,
)
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.sql import statements
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.snowflake.operators.snowflake."
FORM = "`http:invoke`, then a bounded loop that asks for the statement's status"
PLACE = ("warehouse", "database", "schema", "role")
OWN = {"sql", "snowflake_conn_id", "poll_interval", "statement_count", "bindings", "timeout", *PLACE}
DROPPED = {
    "deferrable": "the state machine waits by itself",
    "durable": "an execution does not lose its place when a worker is lost",
    "conn_id": "the operator signs in by `snowflake_conn_id`",
    "requires_result_fetch": "the state's result is what the API answers",
    "token_life_time": "the EventBridge connection signs in",
    "token_renewal_delta": "the EventBridge connection signs in",
    "authenticator": "the EventBridge connection signs in",
    "cancel_on_kill": "stopping the execution does not cancel the statement",
    "autocommit": "each statement is committed by itself, unless it says otherwise",
    "split_statements": "the API takes several statements at once",
    "return_last": "the rows of the last statement are kept",
    "show_return_value_in_logs": "a state prints nothing",
    "snowflake_api_retry_args": "a state tries again as a client does by default",
}
UNDECIDED = {
    "session_parameters": "say them in the statement",
    "hook_params": "what it says of the connection is not in the request",
    "parameters": "write them as the API's `bindings`",
    "handler": "the rows are what the state returns",
    "output_processor": "what it makes of the rows is not done",
    "retry_on_failure": "a statement that failed is tried again as the task's retries say",
}
HARMLESS = (Literal(None), Literal({}), Reference("airflow.providers.common.sql.hooks.sql.fetch_all_handler"))
HANDLE = Expression.of(f"{BODY}.statementHandle")
HANDLES = f"$exists({BODY}.statementHandles) ? {BODY}.statementHandles : [{BODY}.statementHandle]"
ROWS = f"$exists({BODY}.data) ? {BODY}.data : []"
SHAPE = "the rows of the first partition as lists of texts"
SIGNS_IN = "the EventBridge connection signs in by OAuth or with a token: a key pair cannot be used"


def _to_asl(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) in HARMLESS}
    account(task, {*OWN, *nothing}, DROPPED, "statements", report, UNDECIDED)
    absent = [name for name in PLACE if given(task, name) is None]
    through = connection(task, "snowflake_conn_id", "snowflake_default", ("host", *absent), report)
    noted(task, "snowflake_conn_id", SIGNS_IN, report)
    try:
        text = _joined(statements(task))
    except ValueError as problem:
        opened(task, "sql", f"`sql` is not known: {problem}", report)
        return failing(f"Task {task.id} was not translated: `sql` is not known.")
    base = f"https://{through.part('host')}/api/v2/statements"
    query = {"async": "true", "requestId": Expression.of("$uuid()")}
    start = call("POST", base, through, QueryParameters=query, RequestBody=_body(task, text, through))
    start |= {"Assign": {":handle": HANDLE}}
    subject = Expression.of("'statement ' & $:handle")
    states = looped(start, _poll(task, base, through, report), subject)
    goes_on(task, "statement", report)
    outputs = {
        "query_ids": Projection("poll", Expression.of(HANDLES)),
        **({"return_value": Projection("poll", Expression.of(ROWS), SHAPE)} if _gives_rows(task) else {}),
    }
    return Fragment(states, outputs, is_bounded=True)


def _gives_rows(task: Task) -> bool:
    return not task.call.operator.endswith("SqlApiOperator")


def _joined(found: list[Value]) -> Value | Expression:
    """The statements as one text."""
    if all(isinstance(one, Literal) for one in found):
        return Literal(";\n".join(str(one.value) for one in found if isinstance(one, Literal)))
    first, *others = found
    return Expression.of(first, *(part for one in others for part in (" & ';\n' & ", one)))


def _body(task: Task, text: Value | Expression, through: Connection) -> dict[str, Any]:
    count = given(task, "statement_count") or Literal(0)
    counted = Literal(str(count.value)) if isinstance(count, Literal) else count
    body: dict[str, Any] = {
        "statement": text,
        **{name: given(task, name) or through.part(name) for name in PLACE},
        "parameters": {"MULTI_STATEMENT_COUNT": counted},
    }
    if (bindings := given(task, "bindings")) is not None:
        body["bindings"] = bindings
    if (timeout := given(task, "timeout")) is not None:
        body["timeout"] = timeout
    return body


def _poll(task: Task, base: str, through: Connection, report: Report) -> Poll:
    ask = call("GET", Expression.of(f"'{base}/' & $:handle"), through)
    assign = {":code": Expression.of("$states.result.StatusCode")}
    poll = Poll(
        {**ask, **retry(5, 1, HTTP_TRANSIENT), "Assign": assign, "Output": {}},
        Expression.of("$:code = 200"),
        None,
        known_number(task, "poll_interval", 5, report),
        *bound(task, WEEK, FAILED),
    )
    say_pace(task, poll, "poll_interval", report)
    return poll


sql_api = Integration(OPERATORS + "SnowflakeSqlApiOperator", (), _to_asl, form=FORM)
query = Integration(
    OPERATORS + "SnowflakeOperator",
    (),
    _to_asl,
    None,
    ("airflow.contrib.operators.snowflake_operator.SnowflakeOperator",),
    FORM,
)
