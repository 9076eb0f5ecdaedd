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
from jsonata_run import Execution


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
