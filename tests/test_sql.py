"""SQL as integrations read it, and the rows of the RDS Data API as lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Output
from dagmig.integrations.rds_data import FIRST, ROWS, bound
from dagmig.integrations.sql import only, split, statements
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution, Failed


def task(**arguments: Any) -> Task:
    return Task("t", Call("x.Y", {name: Literal(value) for name, value in arguments.items()}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;\nSELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';', \"a;b\", 'it''s; so' -- c; d\n; /* e; */ SELECT 2",
         ["SELECT ';', \"a;b\", 'it''s; so' -- c; d", "/* e; */ SELECT 2"]),
        ("DO $$ BEGIN; END $$; DO $a$ x;$$; $a$", ["DO $$ BEGIN; END $$", "DO $a$ x;$$; $a$"]),
        ("SELECT {{ f(';') }}; -- no more", ["SELECT {{ f(';') }}"]),
        (" ; -- nothing\n", []),
        ("SELECT 'open; quote", ["SELECT 'open", "quote"]),
    ],
)  # fmt: skip
def test_a_text_is_split_at_its_own_semicolons(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize("value", [None, "", [], "load.sql", " q/load.hql\n", 5, [1]])
def test_what_is_no_statement_that_is_known(value: Any) -> None:
    with pytest.raises(ValueError, match=r"there is none|file|no text"):
        statements(task(sql=value))


def test_one_statement_is_wanted() -> None:
    assert only(statements(task(sql=["SELECT 1;"]))) == Literal("SELECT 1")
    with pytest.raises(ValueError, match="several"):
        only(statements(task(sql="SELECT 1; SELECT 2")))


@pytest.mark.parametrize(
    ("sql", "parameters", "expected", "sent"),
    [
        ("a = %s AND b = %s", [1, "x"], "a = :p1 AND b = :p2",
         [("p1", "LongValue", 1), ("p2", "StringValue", "x")]),
        ("a = %(a)s OR c = %(a)s", {"a": True, "b": 2.5}, "a = :a OR c = :a", [("a", "BooleanValue", True)]),
        ("a LIKE '%%x' AND b = %(b)s {{ '%s' }}", {"b": 2.5}, "a LIKE '%x' AND b = :b {{ '%s' }}",
         [("b", "DoubleValue", 2.5)]),
        ("a LIKE '%s%%'", None, "a LIKE '%s%%'", []),
    ],
)  # fmt: skip
def test_parameters_have_names(sql: str, parameters: Any, expected: str, sent: list) -> None:
    text, found = bound(task(parameters=parameters), Literal(sql), Report())
    assert text == Literal(expected)
    assert found == [{"Name": name, "Value": {kind: Literal(value)}} for name, kind, value in sent]


@pytest.mark.parametrize("parameters", [{"a": [1]}, 5])
def test_parameters_that_cannot_be_bound_are_an_open_row(parameters: Any) -> None:
    report = Report()
    assert bound(task(parameters=parameters), Literal("%(a)s"), report) == (Literal("%(a)s"), [])
    assert len(report.rows) == 1


def test_parameters_of_a_statement_that_is_not_known_are_an_open_row() -> None:
    report = Report()
    assert bound(task(parameters=[1]), Output("a"), report) == (Output("a"), [])
    assert len(report.rows) == 1


@pytest.mark.parametrize(
    ("records", "rows", "first"),
    [
        ([{"a": 1, "b": None}, {"a": 2, "b": "x"}], [[1, None], [2, "x"]], [1, None]),
        ([{"a": 1}], [[1]], [1]),
        ([], [], []),
        (None, None, []),
    ],
)
def test_rows_are_lists(records: Any, rows: Any, first: Any) -> None:
    answer = {} if records is None else {"FormattedRecords": json.dumps(records)}
    output = {"rows": f"{{% {ROWS} %}}", "first": f"{{% {FIRST} %}}"}
    state = {"Type": "Task", "Resource": "r", "Output": output, "End": True}
    found = Execution(lambda resource, arguments: answer).run({"StartAt": "t", "States": {"t": state}})
    assert found == {"rows": rows, "first": first}


def ended(operator: str, arguments: str, *answers: list[dict[str, Any]]) -> str:
    """How a check ends whose queries are answered so, one after the other."""
    (converted,) = airflow_to_asl(CHECK.format(operator=operator, arguments=arguments), "dag.py", Report())
    machine = converted.machine
    rows = iter(answers)

    def call(_: str, given: Any) -> Any:
        return {"FormattedRecords": json.dumps(next(rows))}

    try:
        Execution(call).run(machine)
    except Failed as failure:
        return str(failure.args[0])
    return "right"


COLUMNS = "table='t', column_mapping={'c': {'min': %s}}"
FOUND = [{"col_name": "c", "check_type": "min", "check_result": 5}]
NULL = [{"col_name": "c", "check_type": "min", "check_result": None}]
TABLE = "table='t', checks={'a': {'check_statement': 'x'}, 'b': {'check_statement': 'y'}}"


@pytest.mark.parametrize(
    ("operator", "arguments", "answers", "expected"),
    [
        ("SQLCheckOperator", "sql='s'", [[{"a": 1, "b": "x"}]], "right"),
        ("SQLCheckOperator", "sql='s'", [[{"a": 1, "b": 0}]], "AirflowException"),
        ("SQLCheckOperator", "sql='s'", [[]], "AirflowException"),
        ("SQLValueCheckOperator", "sql='s', pass_value=5", [[{"a": 5, "b": "5.0"}]], "right"),
        ("SQLValueCheckOperator", "sql='s', pass_value='5'", [[{"a": 5, "b": 6}]], "AirflowException"),
        ("SQLValueCheckOperator", "sql='s', pass_value='yes'", [[{"a": "yes"}]], "right"),
        ("SQLValueCheckOperator", "sql='s', pass_value='yes'", [[{"a": "no"}]], "AirflowException"),
        ("SQLValueCheckOperator", "sql='s', pass_value=-10, tolerance=0.1", [[{"a": -11}]], "right"),
        ("SQLValueCheckOperator", "sql='s', pass_value=-10, tolerance=0.1", [[{"a": -11.1}]],
         "AirflowException"),
        ("SQLValueCheckOperator", "sql='s', pass_value=5", [[]], "AirflowException"),
        ("SQLThresholdCheckOperator", "sql='s', min_threshold=1, max_threshold='9.5'",
         [[{"a": "9.5"}]], "right"),
        ("SQLThresholdCheckOperator", "sql='s', min_threshold=1, max_threshold='m'", [[{"a": 4}], [{"m": 3}]],
         "AirflowException"),
        ("SQLThresholdCheckOperator", "sql='s', min_threshold='l', max_threshold='m'",
         [[{"a": 4}], [{"l": 4}], [{"m": 4}]], "right"),
        ("SQLThresholdCheckOperator", "sql='s', min_threshold=1, max_threshold=2", [[]], "AirflowException"),
        ("SQLIntervalCheckOperator", "table='t', metrics_thresholds={'b': 2, 'a': 3}",
         [[{"a": 1, "b": 4}], [{"a": 2, "b": 3}]], "right"),
        ("SQLIntervalCheckOperator", "table='t', metrics_thresholds={'b': 2, 'a': 3}",
         [[{"a": 1, "b": 4}], [{"a": 2, "b": 8}]], "AirflowException"),
        ("SQLIntervalCheckOperator", "table='t', metrics_thresholds={'a': 2}",
         [[{"a": 0}], [{"a": 9}]], "right"),
        ("SQLIntervalCheckOperator", "table='t', metrics_thresholds={'a': 2}, ignore_zero=False",
         [[{"a": 0}], [{"a": 9}]], "AirflowException"),
        ("SQLIntervalCheckOperator",
         "table='t', metrics_thresholds={'a': 0.5}, ratio_formula='relative_diff'",
         [[{"a": 10}], [{"a": 14}]], "right"),
        ("SQLColumnCheckOperator", COLUMNS % "{'equal_to': 5}", [FOUND], "right"),
        ("SQLColumnCheckOperator", COLUMNS % "{'equal_to': 4}", [FOUND], "AirflowException"),
        ("SQLColumnCheckOperator", COLUMNS % "{'equal_to': 4, 'tolerance': 0.25}", [FOUND], "right"),
        ("SQLColumnCheckOperator", COLUMNS % "{'greater_than': 5, 'tolerance': 0.1}", [FOUND], "right"),
        ("SQLColumnCheckOperator", COLUMNS % "{'geq_to': 5, 'less_than': 6}", [FOUND], "right"),
        ("SQLColumnCheckOperator", COLUMNS % "{'leq_to': 4}", [FOUND], "AirflowException"),
        ("SQLColumnCheckOperator", COLUMNS % "{'equal_to': 0}", [NULL], "right"),
        ("SQLColumnCheckOperator", COLUMNS % "{'equal_to': 0}" + ", accept_none=False", [NULL],
         "AirflowException"),
        ("SQLColumnCheckOperator", COLUMNS % "{'equal_to': 0}", [[]], "AirflowException"),
        ("SQLTableCheckOperator", TABLE, [[{"n": "a", "check_result": 1}, {"n": "b", "check_result": 1}]],
         "right"),
        ("SQLTableCheckOperator", TABLE, [[{"n": "a", "check_result": 1}, {"n": "b", "check_result": 0}]],
         "AirflowException"),
        ("SQLTableCheckOperator", TABLE, [[{"n": "a", "check_result": 1}, {"n": "b", "check_result": None}]],
         "AirflowException"),
    ],
)  # fmt: skip
def test_a_check_ends_as_the_operator_does(
    operator: str, arguments: str, answers: list[list[dict[str, Any]]], expected: str
) -> None:
    assert ended(operator, arguments, *answers) == expected


@pytest.mark.parametrize(
    ("value", "chosen"),
    [(True, "yes"), (False, "no"), (3, "yes"), (0, "no"), ("On", "yes"), ("f", "no"), ("other", "")],
)
def test_a_branch_follows_what_the_database_says(value: Any, chosen: str) -> None:
    (converted,) = airflow_to_asl(BRANCH, "dag.py", Report())
    machine = converted.machine
    ran: list[str] = []

    def call(resource: str, given: Any) -> Any:
        if "rdsdata" in resource:
            return {"FormattedRecords": json.dumps([{"a": value}])}
        ran.append(given["Message"])
        return {}

    try:
        Execution(call).run(machine)
    except Exception:  # whatever the evaluator raises for $error
        assert chosen == ""
    assert ran == ([chosen] if chosen else [])


CHECK = """
from airflow.sdk import DAG
from airflow.providers.common.sql.operators.sql import {operator}
with DAG("d", schedule=None):
    {operator}(task_id="t", conn_id="c", {arguments})
"""
BRANCH = """
from airflow.sdk import DAG
from airflow.providers.common.sql.operators.sql import BranchSQLOperator
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
with DAG("d", schedule=None):
    ask = BranchSQLOperator(
        task_id="ask", conn_id="c", sql="s", follow_task_ids_if_true=["yes"], follow_task_ids_if_false="no"
    )
    ask >> [SnsPublishOperator(task_id=name, target_arn="arn", message=name) for name in ("yes", "no")]
"""
