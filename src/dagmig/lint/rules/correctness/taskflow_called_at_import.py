"""The rule ``taskflow-called-at-import``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.rules.correctness.task_without_dag import IN_SOMETHING
from dagmig.lint.source import Source


@source_rule(Severity.ERROR)
def taskflow_called_at_import(source: Source) -> Iterator[Finding]:
    """A `@task` function is called outside of any DAG: no task of a DAG comes of it.

    The call makes a task that belongs to nothing; the function does not run, neither now nor later. Flagged:
    a statement at the top level of a file that is such a call alone.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/taskflow.html

    ```python bad
    from airflow.decorators import dag, task

    @task(retries=2)
    def load(): ...

    @dag(schedule=None)
    def nightly():
        load()

    nightly()
    load()
    ```

    ```python good
    from airflow.decorators import dag, task

    @task(retries=2)
    def load(): ...

    @dag(schedule=None)
    def nightly():
        load()

    nightly()
    ```

    Instead: Call it inside a DAG; `load.function()` runs the plain function, in a test for example.
    """
    syntax = source.syntax
    for statement in syntax.all(ast.Expr):
        if not isinstance(statement.value, ast.Call) or not isinstance(statement.value.func, ast.Name):
            continue
        functions = syntax.functions.get(statement.value.func.id, [])
        if len(functions) != 1 or not syntax.is_task(functions[0]) or functions[0] not in syntax.tree.body:
            continue
        if any(isinstance(outer, IN_SOMETHING) for outer in syntax.outer(statement)):
            continue
        if not syntax.is_guarded(statement):
            message = f"`{functions[0].name}` is called outside of any DAG, and never runs"
            yield Finding(message, syntax.span(statement.value))
