"""SQL on a database: ``SQLExecuteQueryOperator`` and its forerunners, ``SqlSensor``.

Which database it is, only the connection says: they become calls of the RDS Data API, and a row says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Reference
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.rds_data import FIRST, ROWS, Database, bound
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given, is_dict
from dagmig.integrations.sql import only, statements
from dagmig.integrations.table import account

SQL = "airflow.providers.common.sql."
CALL = "rdsdata:executeStatement"
FORM = "`aws-sdk:rdsdata:executeStatement`"
QUERY = {"sql", "parameters", "autocommit", "database", "schema", "split_statements", "return_last"}
DROPPED = {
    "show_return_value_in_logs": "a state prints nothing",
    "requires_result_fetch": "the API gives the rows at once",
    "retry_on_failure": "a statement that fails is tried again as the task's retries say",
}
UNDECIDED = {
    "handler": "the rows are what the state returns",
    "output_processor": "the rows are what the state returns",
    "hook_params": "what it says of the connection is not in the state",
    "runtime_parameters": "say it in the statement",
}
SENSOR = {
    **UNDECIDED,
    "success": "the first value decides",
    "failure": "no row fails the state",
    "selector": "the first value decides",
    "fail_on_empty": "the state goes on asking",
}
ALL = "airflow.providers.common.sql.hooks.handlers.fetch_all_handler"
OLD_ALL = "airflow.providers.common.sql.hooks.sql.fetch_all_handler"
SHAPE = "the rows of the last statement, of each column the last of its name, dates as text"


def _nothing(task: Task, names: Mapping[str, str]) -> set[str]:
    harmless = (Literal(None), Literal({}), Literal(False), Reference(ALL), Reference(OLD_ALL))
    return {name for name in names if task.argument(name) in harmless}


def _translated(task: Task, report: Report, problem: ValueError) -> Fragment:
    opened(task, "sql", f"`sql` is not known: {problem}", report)
    return failing(f"Task {task.id} was not translated: `sql` is not known.")


def _query(connection: str, default: str) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, {*QUERY, connection, *_nothing(task, UNDECIDED)}, DROPPED, CALL, report, UNDECIDED)
        database = Database.of(task, connection, default, report)
        try:
            found = statements(task)
        except ValueError as problem:
            return _translated(task, report, problem)
        if len(found) > 1 and not is_dict(given(task, "parameters") or Literal({})):
            said = "`%s` is counted in each statement anew, as where the operator splits them"
            noted(task, "parameters", said, report)
        bodies = [database.execute(*bound(task, one, report)) for one in found]
        states = {"" if number == 1 else f"{number}": body for number, body in enumerate(bodies, 1)}
        last = next(reversed(states))
        outputs = {"return_value": Projection(last, Expression.of(ROWS), SHAPE)}
        if task.argument("handler") == Literal(None):
            outputs = {}
        if len(states) == 1:
            return Fragment(states, outputs)
        if task.argument("autocommit") in (None, Literal(False)):
            return Fragment(_in_transaction(database, states), outputs, entry="begin")
        return Fragment(_in_a_row(states), outputs)

    return to_asl


def _in_a_row(states: Mapping[str, dict[str, Any]], then: Ref | None = None) -> dict[str, Mapping[str, Any]]:
    following = [*(Ref(name) for name in [*states][1:]), then]
    pairs = zip(states.items(), following, strict=True)
    return {name: {**body, **({"Next": after} if after else {})} for (name, body), after in pairs}


def _in_transaction(database: Database, states: Mapping[str, dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The statements as one: where one fails, what the others did is undone."""
    caught = {
        "ErrorEquals": ["States.ALL"],
        "Assign": {":error": Expression.of("$states.errorOutput.Error"),
                   ":cause": Expression.of("$states.errorOutput.Cause")},
        "Output": {},
        "Next": Ref("roll back"),
    }  # fmt: skip
    inside = {
        name: {**body, "Arguments": {**body["Arguments"], "TransactionId": Expression.of("$:transaction")},
               "Catch": [caught]}
        for name, body in states.items()
    }  # fmt: skip
    transaction = {":transaction": Expression.of("$states.result.TransactionId")}
    return {
        "begin": {**database.begin(), "Assign": transaction, "Next": Ref(MAIN)},
        **_in_a_row(inside, Ref("commit")),
        "commit": database.end("commit"),
        "roll back": {**database.end("rollback"), "Next": Ref("failed")},
        "failed": {"Type": "Fail", "Error": Expression.of("$:error"), "Cause": Expression.of("$:cause")},
    }


def _sense(task: Task, report: Report) -> Fragment:
    account(task, {"sql", "parameters", "conn_id", *OWN, *_nothing(task, SENSOR)}, DROPPED, CALL, report,
            SENSOR)  # fmt: skip
    database = Database.of(task, "conn_id", "sql_default", report)
    try:
        state = database.execute(*bound(task, only(statements(task)), report))
    except ValueError as problem:
        return _translated(task, report, problem)
    row = {":row": Expression.of(FIRST)}
    asking = {MAIN: {**state, "Assign": row, "Output": {}, "Next": Ref("found?")}}
    return sensed(task, asking, Expression.of("$count($:row) > 0 and $boolean($:row[0])"), report)


def _old(name: str, *modules: str) -> tuple[str, ...]:
    return tuple(f"{module}.{name}" for module in modules)


execute_query = Integration(
    SQL + "operators.sql.SQLExecuteQueryOperator", (), _query("conn_id", "sql_default"), form=FORM
)
postgres = Integration(
    "airflow.providers.postgres.operators.postgres.PostgresOperator",
    (),
    _query("postgres_conn_id", "postgres_default"),
    None,
    _old("PostgresOperator", "airflow.operators.postgres_operator", "airflow.operators"),
    FORM,
)
mysql = Integration(
    "airflow.providers.mysql.operators.mysql.MySqlOperator",
    (),
    _query("mysql_conn_id", "mysql_default"),
    None,
    _old("MySqlOperator", "airflow.operators.mysql_operator", "airflow.operators"),
    FORM,
)
sql_sensor = Integration(
    SQL + "sensors.sql.SqlSensor",
    (),
    _sense,
    None,
    _old("SqlSensor", "airflow.sensors.sql", "airflow.sensors.sql_sensor", "airflow.operators.sensors"),
    f"{FORM} in a bounded loop",
)
