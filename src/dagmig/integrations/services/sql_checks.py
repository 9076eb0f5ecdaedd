"""Checks of data by SQL, and the branch that SQL decides: a call of the RDS Data API, then a Choice.

``operators/sql.py`` of the common.sql provider says what each asks and when it fails. Which database it is,
only the connection says, as for ``sql``.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations.branching import IF_FALSE, IF_TRUE, chosen
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Projection
from dagmig.integrations.rds_data import FIRST, Database, bound
from dagmig.integrations.rows import noted
from dagmig.integrations.spelling import given, joined
from dagmig.integrations.sql import FILES, only, statements
from dagmig.integrations.sql_check import (
    NUMBERS,
    YES,
    Unknown,
    integration,
    judged,
    known_dict,
    number_of,
    rendered,
    written,
)

TEXTS = "values are compared as JSON writes them: `true`, where Python writes `True`"
SAME_NAME = "of columns with the same name the last one counts"
NO = "['n', 'no', 'f', 'false', 'off', '0']"


def _asked(task: Task, database: Database, report: Report) -> dict[str, Any]:
    """The state that runs the task's statement and keeps its first row."""
    statement = only(statements(task))
    columns = str(getattr(statement, "value", ",")).lower().partition(" from ")[0]
    if "," in columns:
        noted(task, "sql", SAME_NAME, report)
    state = database.execute(*bound(task, statement, report))
    return {**state, "Assign": {":row": Expression.of(FIRST)}, "Output": {}}


def _truth(task: Task, database: Database, report: Report) -> Fragment:
    is_right = Expression.of("$count($:row) > 0 and $count($:row[$not($boolean($))]) = 0")
    cause = "the query gives no row, or one with a value that is false"
    return judged({MAIN: _asked(task, database, report)}, is_right, cause)


def _value(task: Task, database: Database, report: Report) -> Fragment:
    wanted, tolerance = given(task, "pass_value"), given(task, "tolerance")
    if not isinstance(wanted, Literal) or "{{" in str(wanted.value):
        raise Unknown("pass_value", "it decides whether numbers or texts are compared")
    number, part = number_of(wanted), 0.0 if tolerance is None else number_of(tolerance)
    if part is None:
        raise Unknown("tolerance", "it is no number")
    noted(task, "pass_value", TEXTS if number is None else NUMBERS, report)
    if number is None:
        one: tuple[Part, ...] = ("$string($) = ", Literal(str(wanted.value)))
    elif tolerance is None:
        one = (f"$number($) = {written(number)}",)
    else:
        low, high = number - abs(number) * part, number + abs(number) * part
        one = (f"$number($) >= {written(low)} and $number($) <= {written(high)}",)
    is_right = Expression.of("$count($:row) > 0 and $count($:row[$not(", *one, ")]) = 0")
    cause = f"the query gives no row, or one with a value that is not {wanted.value}"
    return judged({MAIN: _asked(task, database, report)}, is_right, cause)


def _threshold(task: Task, database: Database, report: Report) -> Fragment:
    asking = {MAIN: _asked(task, database, report)}
    bounds: dict[str, str] = {}
    for name, place in (("min_threshold", "minimum"), ("max_threshold", "maximum")):
        value = given(task, name)
        if not isinstance(value, Literal) or str(value.value).strip().startswith("{{"):
            raise Unknown(name, "it is neither a number nor a statement")
        number = number_of(value)
        if number is not None:
            bounds[place] = written(number)
            continue
        if str(value.value).strip().endswith(FILES):
            raise Unknown(name, "it is in a file")
        state = database.execute(jinja.parse(str(value.value)), [])
        asking[place] = {**state, "Assign": {f":{place}": Expression.of(FIRST)}, "Output": {}}
        bounds[place] = f"$number($:{place}[0])"
    noted(task, "min_threshold", NUMBERS, report)
    low, high = bounds["minimum"], bounds["maximum"]
    value_ = "$number($:row[0])"
    is_right = Expression.of(f"$count($:row) > 0 and {value_} >= {low} and {value_} <= {high}")
    return judged(asking, is_right, "the query gives no row, or a value that is not within the thresholds")


def _interval(task: Task, database: Database, report: Report) -> Fragment:
    thresholds = known_dict(task, "metrics_thresholds")
    metrics = sorted(thresholds)
    formula = getattr(given(task, "ratio_formula") or Literal("max_over_min"), "value", None)
    ratio = {
        "max_over_min": "$max([$cur, $ref]) / $min([$cur, $ref])",
        "relative_diff": "$abs($cur - $ref) / $ref",
    }.get(str(formula))
    days = getattr(task.argument("days_back") or Literal(-7), "value", None)
    if ratio is None or not isinstance(days, int) or not metrics:
        raise Unknown("metrics_thresholds", "metrics, days or formula are not")
    column = given(task, "date_filter_column") or Literal("ds")
    table = given(task, "table") or Literal("")
    select = joined(f"SELECT {', '.join(metrics)} FROM ", table, " WHERE ", column, "='")
    before = rendered(joined(select, "{{ macros.ds_add(ds, ", str(-abs(days)), ") }}'"))
    now = rendered(joined(select, "{{ ds }}'"))
    asking = {
        "before": {**database.execute(before, []), "Assign": {":before": Expression.of(FIRST)}, "Output": {}},
        MAIN: {**database.execute(now, []), "Assign": {":row": Expression.of(FIRST)}, "Output": {}},
    }
    zero = "false" if task.argument("ignore_zero") == Literal(False) else "true"
    noted(task, "metrics_thresholds", NUMBERS, report)
    count = len(metrics)  # fewer are there where two columns have the same name, which fails the state
    parts: list[Part] = [f"$count($:row) = {count} and $count($:before) = {count}"]
    for place, metric in enumerate(metrics):
        parts += [
            f" and ($cur := $number($:row[{place}]); $ref := $number($:before[{place}]); "
            f"$cur = 0 or $ref = 0 ? {zero} : {ratio} < ",
            Literal(thresholds[metric]),
            ")",
        ]
    return judged(asking, Expression(tuple(parts)), "a metric has changed by more than its threshold")


def _branch(task: Task, database: Database, report: Report) -> Fragment:
    state = database.execute(*bound(task, only(statements(task)), report))
    is_true = Expression.of(
        f"($row := {FIRST}; $value := $row[0]; $word := $lowercase($string($value)); ",
        "$count($row) = 0 ? $error('the query gives no row') : ",
        "$type($value) = 'boolean' ? $value : $type($value) = 'number' ? $value != 0 : ",
        f"$word in {YES} ? true : $word in {NO} ? false : $error('the query gives neither true nor false'))",
    )
    return Fragment({MAIN: state}, {"return_value": Projection(MAIN, chosen(task, is_true))})


check = integration("SQLCheckOperator", {"sql", "parameters"}, _truth, "check_operator.CheckOperator")
value_check = integration(
    "SQLValueCheckOperator",
    {"sql", "parameters", "pass_value", "tolerance"},
    _value,
    "check_operator.ValueCheckOperator",
)
threshold_check = integration(
    "SQLThresholdCheckOperator",
    {"sql", "min_threshold", "max_threshold"},
    _threshold,
    "check_operator.ThresholdCheckOperator",
)
interval_check = integration(
    "SQLIntervalCheckOperator",
    {"table", "metrics_thresholds", "date_filter_column", "days_back", "ratio_formula", "ignore_zero"},
    _interval,
    "check_operator.IntervalCheckOperator",
)
branch = integration(
    "BranchSQLOperator",
    {"sql", "parameters", IF_TRUE, IF_FALSE},
    _branch,
    "sql_branch_operator.BranchSQLOperator",
    "sql_branch_operator.BranchSqlOperator",
)
