"""The rule ``duplicate-dependency``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

Pair = tuple[str, str]


@source_rule(Severity.WARNING, fix=FixKind.SAFE)
def duplicate_dependency(source: Source) -> Iterator[Finding]:
    """A dependency between two tasks is declared twice.

    Airflow warns of it in the log at each parse, and who removes one of the two believes the dependency
    gone. Looked at: statements of `>>` and `<<` between names, in one block. The fix takes the later
    statement away where it says nothing new.
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
    if ">>" not in source.text and "<<" not in source.text:
        return
    syntax = source.syntax
    for node in (syntax.tree, *syntax.all(ast.With, ast.FunctionDef)):
        if sum(isinstance(one, ast.Expr) and isinstance(one.value, ast.BinOp) for one in node.body) > 1:
            yield from _in_block(node.body, syntax)


def _in_block(block: list[ast.stmt], syntax: Syntax) -> Iterator[Finding]:
    seen: set[Pair] = set()
    for statement in block:
        if not isinstance(statement, ast.Expr):
            bound = _bound(statement) if seen else set()
            seen = {pair for pair in seen if bound.isdisjoint(pair)}
            continue
        pairs = [] if _ends(statement.value) is None else list(_pairs(statement.value))
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
    return Edit(start, end + (1 if syntax.text[end : end + 1] == "\n" else 0), "")
