"""The fix of ``dynamic-start-date``."""

from __future__ import annotations

import ast

from dagmig.diagnostics import Fix, Span
from dagmig.lint.edit import replaced
from dagmig.lint.imports import Written, with_edits, written
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

DATE = "2024, 1, 1"
PENDULUM = ("pendulum.now", "pendulum.today", "pendulum.yesterday")
LEADS_ON = ast.BinOp | ast.Call | ast.Attribute | ast.keyword | ast.Starred


def mend(source: Source, span: Span) -> Fix | None:
    """A fixed date for the whole value that the clock at ``span`` is part of; unsafe, as nobody knows which
    one is meant.
    """
    syntax = source.syntax
    clock = syntax.node_at(span, ast.Call)
    value = None if clock is None else _value(clock, syntax)
    if clock is None or value is None or (date := _date(clock, source)) is None:
        return None
    return with_edits(replaced(source, syntax.span(value), date.name), date)


def _value(clock: ast.Call, syntax: Syntax) -> ast.expr | None:
    """What is given for a start date with the clock in it, by way of a variable that is for nothing else."""
    node: ast.AST = clock
    for outer in syntax.outer(clock):
        if _is_start(node, outer):
            return node if isinstance(node, ast.expr) else None
        if isinstance(outer, ast.Assign) and isinstance(node, ast.expr):
            return node if _is_for_starts(outer, syntax) else None
        if not isinstance(outer, LEADS_ON):
            return None
        node = outer
    return None


def _is_start(node: ast.AST, outer: ast.AST) -> bool:
    """Whether a node is what ``start_date=`` or a dict's ``"start_date"`` is given."""
    match outer:
        case ast.keyword(arg="start_date"):
            return True
        case ast.Dict(keys=keys, values=values):
            return any(
                value is node and isinstance(key, ast.Constant) and key.value == "start_date"
                for key, value in zip(keys, values, strict=True)
            )
    return False


def _is_for_starts(assigned: ast.Assign, syntax: Syntax) -> bool:
    match assigned.targets:
        case [ast.Name(id=name)]:
            uses = [one for one in syntax.all(ast.Name) if one.id == name and one is not assigned.targets[0]]
            return bool(uses) and all(_is_start(one, syntax.parents[one]) for one in uses)
    return False


def _date(clock: ast.Call, source: Source) -> Written | None:
    """A fixed date of the clock's own kind, in its zone."""
    syntax = source.syntax
    qualified = syntax.name(clock.func)
    written_as = source.text[syntax.offset(clock.func) : syntax.offset(clock.func, end=True)]
    home = written_as.rpartition(".")[0]
    zone = _zone(clock, source)
    if qualified in ("datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow"):
        return Written(f"{home}({DATE}{zone and f', tzinfo={zone}'})")
    if qualified == "airflow.utils.timezone.utcnow" and home:
        return Written(f"{home}.datetime({DATE})")
    if qualified not in (*PENDULUM, "airflow.utils.dates.days_ago"):
        return None
    pendulum = written(source, "pendulum")
    tz = zone if qualified in PENDULUM else '"UTC"'
    if pendulum is None:
        return None
    return Written(f"{pendulum.name}.datetime({DATE}{tz and f', tz={tz}'})", pendulum.edits)


def _zone(clock: ast.Call, source: Source) -> str:
    """The one argument of a clock, word for word; empty where it has none."""
    given = [*clock.args, *(one.value for one in clock.keywords)]
    if len(given) != 1:
        return ""
    return source.text[source.syntax.offset(given[0]) : source.syntax.offset(given[0], end=True)]
