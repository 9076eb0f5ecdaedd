"""The rule ``duplicate-dependency``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise, product

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

Pair = tuple[str, str]
METHODS = ("set_upstream", "set_downstream")
MARKS = (">>", "<<", "chain(", *METHODS)
CHAIN = re.compile(r"airflow\.(.+\.)?chain")


@source_rule(Severity.WARNING, fix=FixKind.SAFE)
def duplicate_dependency(source: Source) -> Iterator[Finding]:
    """A dependency between two tasks is declared twice.

    Airflow warns of it in the log at each parse, and who removes one of the two believes the dependency
    gone. Looked at: statements of `>>`, `<<`, `set_upstream`, `set_downstream` and `chain` between names, in
    one block. The fix takes the later statement away where it says nothing new.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#task-dependencies

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        report = BashOperator(task_id="report", bash_command="report")
        load >> report
        report << load
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        report = BashOperator(task_id="report", bash_command="report")
        load >> report
    ```

    Instead: Declare each dependency once.
    """
    if not any(mark in source.text for mark in MARKS):
        return
    syntax = source.syntax
    for node in (syntax.tree, *syntax.all(ast.With, ast.FunctionDef)):
        shifts = sum(isinstance(one, ast.Expr) and _may_join(one.value) for one in node.body)
        if shifts > 1:
            yield from _in_block(node.body, syntax)


def _may_join(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) or getattr(value.func, "attr", "") in METHODS
    return isinstance(value, ast.BinOp)


def _in_block(block: list[ast.stmt], syntax: Syntax) -> Iterator[Finding]:
    seen: set[Pair] = set()
    for statement in block:
        if not isinstance(statement, ast.Expr):
            bound = _bound(statement) if seen else set()
            seen = {pair for pair in seen if bound.isdisjoint(pair)}
            continue
        pairs = list(_joined(statement.value, syntax))
        twice = [pair for pair in pairs if pair in seen]
        seen.update(pairs)
        if twice:
            a, b = twice[0]
            is_whole = len(twice) == len(pairs) and len(block) > 1
            fix = Fix((_without(statement, syntax),)) if is_whole else None
            yield Finding(f"`{a} >> {b}` is declared already", syntax.span(statement), fix)


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Assign) and all(isinstance(one, ast.Name) for one in statement.targets):
        return {one.id for one in statement.targets if isinstance(one, ast.Name)}
    return {
        one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }


def _ends(value: ast.expr) -> list[str] | None:
    """The names at the right end of an expression of names, lists of names and shifts; None for another."""
    match value:
        case ast.Name(id=name):
            return [name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            names = [item.id for item in items if isinstance(item, ast.Name)]
            return names if len(names) == len(items) else None
        case ast.BinOp(left=left, op=ast.RShift() | ast.LShift(), right=right):
            return None if _ends(left) is None else _ends(right)
    return None


def _joined(value: ast.expr, syntax: Syntax) -> Iterator[Pair]:
    """What a statement joins, where it speaks of names alone."""
    if not isinstance(value, ast.Call):
        yield from () if _ends(value) is None else _pairs(value)
        return
    given = [_ends(one) for one in value.args]
    if value.keywords or None in given:
        return
    ends = [names for names in given if names is not None]
    match value.func:
        case ast.Attribute(value=ast.Name(id=name), attr=method) if method in METHODS and len(ends) == 1:
            for other in ends[0]:
                yield (name, other) if method == "set_downstream" else (other, name)
        case ast.Name() if CHAIN.fullmatch(syntax.name(value.func)):
            for left, right in pairwise(ends):
                if len(left) > 1 and len(right) > 1:
                    yield from zip(left, right, strict=False)  # of another length: Airflow refuses it
                else:
                    yield from product(left, right)


def _pairs(value: ast.expr) -> Iterator[Pair]:
    if not isinstance(value, ast.BinOp):
        return
    yield from _pairs(value.left)
    for left in _ends(value.left) or ():
        for right in _ends(value.right) or ():
            yield (left, right) if isinstance(value.op, ast.RShift) else (right, left)


def _without(statement: ast.stmt, syntax: Syntax) -> Edit:
    """Take the lines of a statement away."""
    start = syntax.offset(statement) - statement.col_offset
    end = syntax.offset(statement, end=True)
    rest = syntax.text[end : syntax.line_start(syntax.span(statement).end_line + 1)]
    if rest.lstrip().startswith("#"):  # the comment stays, where the statement was
        return Edit(syntax.offset(statement), end + len(rest) - len(rest.lstrip()), "")
    return Edit(start, end + (1 if syntax.text[end : end + 1] == "\n" else 0), "")
