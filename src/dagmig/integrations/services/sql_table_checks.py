"""Checks of the columns and the rows of a table by SQL, as of ``sql_checks``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part
from dagmig.integrations.rds_data import RECORDS, Database
from dagmig.integrations.rows import noted
from dagmig.integrations.spelling import given, joined
from dagmig.integrations.sql_check import (
    NUMBERS,
    YES,
    Unknown,
    integration,
    judged,
    known_dicts,
    rendered,
    written,
)

COLUMN_CHECKS = {
    "null_check": "SUM(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END)",
    "distinct_check": "COUNT(DISTINCT({column}))",
    "unique_check": "COUNT({column}) - COUNT(DISTINCT({column}))",
    "min": "MIN({column})",
    "max": "MAX({column})",
}
BOUNDS = {"geq_to": (">=", -1), "greater_than": (">", -1), "leq_to": ("<=", 1), "less_than": ("<", 1)}
ALL = f"$exists({RECORDS}) ? $append([], $parse({RECORDS})) : []"


def _columns(task: Task, database: Database, report: Report) -> Fragment:
    checks = known_dicts(task, "column_mapping")
    accepts = task.argument("accept_none") != Literal(False)
    queries: list[Value] = []
    conditions: list[Part] = []
    for column, of_column in checks.items():
        for check, wanted in of_column.items():
            if check not in COLUMN_CHECKS or not isinstance(wanted, dict):
                raise Unknown("column_mapping", f"`{check}` is no check")
            measured = COLUMN_CHECKS[check].format(column=column)
            named = f"{column}_{check}"
            select = f"SELECT '{column}' AS col_name, '{check}' AS check_type, {named} AS check_result"
            queries.append(_measure(task, select, measured, named, wanted))
            conditions += [" and ", _found(column, check, wanted, accepts=accepts)]
    union = joined(*(part for one in queries for part in (" UNION ALL ", one)))
    text = joined("SELECT col_name, check_type, check_result FROM (", _tail(union), ") AS check_columns")
    state = {**database.execute(rendered(text), []), "Assign": {":rows": Expression.of(ALL)}, "Output": {}}
    noted(task, "column_mapping", NUMBERS, report)
    return judged({MAIN: state}, Expression(tuple(conditions[1:])), "a check of a column has failed")


def _found(column: str, check: str, wanted: Mapping[str, Any], *, accepts: bool) -> str:
    """JSONata for a check of a column (``_get_match``)."""
    tolerance = wanted.get("tolerance")
    compared: list[str] = []
    for name, (operator, sign) in BOUNDS.items():
        if name in wanted:
            compared.append(f"$r {operator} {_bound(wanted[name], tolerance, sign)}")
    if "equal_to" in wanted:
        value = wanted["equal_to"]
        if tolerance is None:
            compared.append(f"$r = {_bound(value, None, 0)}")
        else:
            low, high = (_bound(value, tolerance, sign) for sign in (-1, 1))
            compared.append(f"$r >= {low} and $r <= {high}")
    if not compared:
        raise Unknown("column_mapping", f"`{check}` compares with nothing")
    is_text = any(isinstance(wanted.get(name), str) for name in (*BOUNDS, "equal_to"))
    absent = "0" if accepts else "null"
    row = f"$:rows[col_name = '{column}' and check_type = '{check}'].check_result"
    number = "$found" if is_text else "$number($found)"
    condition = " and ".join(compared)
    return f"($found := {row}; $r := $found = null ? {absent} : {number}; $r != null and {condition})"


def _bound(value: Any, tolerance: Any, sign: int) -> str:
    if isinstance(value, str) and "'" not in value and "\\" not in value and tolerance is None:
        return f"'{value}'"
    if isinstance(value, (int, float)):
        return written(value + sign * abs(value) * float(tolerance or 0))
    raise Unknown("column_mapping", "a bound is neither a number nor text")


def _table(task: Task, database: Database, report: Report) -> Fragment:
    checks = known_dicts(task, "checks")
    if not all(isinstance(wanted.get("check_statement"), str) for wanted in checks.values()):
        raise Unknown("checks", "a check has no `check_statement`")
    queries: list[Value] = []
    for name, wanted in checks.items():
        case = f"CASE WHEN {wanted['check_statement']} THEN 1 ELSE 0 END"
        select = f"SELECT '{name}' AS check_name, MIN({name}) AS check_result"
        queries.append(_measure(task, select, case, name, wanted))
    union = joined(*(part for one in queries for part in (" UNION ALL ", one)))
    text = joined("SELECT check_name, check_result FROM (", _tail(union), ") AS check_table")
    state = {**database.execute(rendered(text), []), "Assign": {":rows": Expression.of(ALL)}, "Output": {}}
    right = f"$lowercase($string(check_result)) in {YES}"
    is_right = f"$count($:rows) = {len(checks)} and $count($:rows[$not({right})]) = 0"
    return judged({MAIN: state}, Expression.of(is_right), "a check of the table has failed")


def _measure(task: Task, select: str, measured: str, named: str, wanted: Mapping[str, Any]) -> Value:
    """The query of one check: what it measures, of the rows of its partition."""
    table, whole = given(task, "table") or Literal(""), given(task, "partition_clause")
    own = wanted.get("partition_clause")
    where: list[str | Value] = [" WHERE ", whole] if whole is not None else []
    if own:
        where += [" AND " if where else " WHERE ", str(own)]
    return joined(f"{select} FROM (SELECT {measured} AS {named} FROM ", table, *where, ") AS sq")


def _tail(union: Value) -> Value:
    """Without the first `UNION ALL`."""
    if isinstance(union, Literal):
        return Literal(str(union.value).removeprefix(" UNION ALL "))
    first, *others = union.parts if hasattr(union, "parts") else (union,)
    return joined(str(first).removeprefix(" UNION ALL "), *others)


column_check = integration(
    "SQLColumnCheckOperator", {"table", "column_mapping", "partition_clause", "accept_none"}, _columns
)
table_check = integration(
    "SQLTableCheckOperator", {"table", "checks", "partition_clause", "accept_none"}, _table
)
