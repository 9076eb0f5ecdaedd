"""The rule ``bare-except-swallow``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

BROAD = ("Exception", "BaseException")
WORDS = ("print", "debug", "info", "warning", "error", "exception", "log", "critical", "print_exc")


@source_rule(Severity.WARNING)
def bare_except_swallow(source: Source) -> Iterator[Finding]:
    """A task's whole work stands in a `try` that swallows every exception: it never fails.

    The task is green whatever happened: no retry, no alert, and the tasks after it start. Flagged: a function
    of a task that is one such `try`, and whose handler at most writes a line to the log.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html

    ```python bad
    from airflow.decorators import dag, task
    from sales import load_rows

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            try:
                load_rows()
            except Exception as error:
                print("failed", error)

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task
    from sales import load_rows

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            try:
                load_rows()
            except Exception as error:
                print("failed", error)
                raise

        load()

    nightly()
    ```

    Instead: Let the exception go, or name the ones that are no failure.
    """
    syntax = source.syntax
    for node in syntax.all(ast.Try):
        function = syntax.parents[node]
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not _is_all(node, function):
            continue
        if function not in syntax.in_tasks or not _is_the_task(function, syntax):
            continue
        for handler in node.handlers:
            if _is_broad(handler, syntax) and all(_says_only(one, syntax) for one in handler.body):
                yield Finding(f"`{function.name}` does not fail, whatever happens", syntax.span(handler))


def _is_the_task(function: ast.FunctionDef | ast.AsyncFunctionDef, syntax: Syntax) -> bool:
    """Whether the task is the function itself, and not one that it calls."""
    if syntax.is_task(function):
        return True
    return any(
        isinstance(one.value, ast.Name) and one.value.id == function.name
        for one in syntax.all(ast.keyword)
        if one.arg == "python_callable"
    )


def _is_all(node: ast.Try, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the function does nothing to speak of outside of the ``try``."""
    others = [one for one in function.body if one is not node and not _is_small(one)]
    return not others and not node.finalbody and not node.orelse


def _is_small(statement: ast.stmt) -> bool:
    """A docstring, an import, a plain assignment."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    return value is not None and not any(isinstance(one, ast.Call) for one in ast.walk(value))


def _is_broad(handler: ast.ExceptHandler, syntax: Syntax) -> bool:
    return handler.type is None or syntax.name(handler.type) in BROAD


def _says_only(statement: ast.stmt, syntax: Syntax) -> bool:
    """Whether a statement does nothing, or writes to the log."""
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None | ast.Constant(value=None)):
            return True
        case ast.Expr(value=ast.Call(func=func)):
            return syntax.name(func).rpartition(".")[2] in WORDS
    return False
