"""The rule ``short-circuit-as-branch``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.mends.short_circuit_as_branch import mend
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

BRANCHES = ("BranchPythonOperator",)


@source_rule(Severity.INFO, fix=FixKind.UNSAFE, is_default=False)
def short_circuit_as_branch(source: Source) -> Iterator[Finding]:
    """A branch either goes one way or nowhere: that is a short circuit.

    `@task.short_circuit` and `ShortCircuitOperator` take a truth value, need no name of a task, and skip all
    that follows. A branch with two targets is left alone, whether it returns a text or a list. The fix is
    unsafe, as a short circuit skips the tasks after the target too, whatever their trigger rule.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/python.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task.branch
        def check(ds=None):
            if ds.endswith("01"):
                return "load"
            return None

        @task(retries=2)
        def load(): ...

        check() >> load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task.short_circuit
        def check(ds=None):
            if ds.endswith("01"):
                return True
            return False

        @task(retries=2)
        def load(): ...

        check() >> load()

    nightly()
    ```

    Instead: Use `@task.short_circuit` or `ShortCircuitOperator`.
    """
    syntax = source.syntax
    for function in (one for named in syntax.functions.values() for one in named):
        if not _is_a_branch(function, syntax):
            continue
        returned = list(syntax.returned(function))
        targets = {syntax.text_of(value) for value in returned if not _is_nothing(value)}
        if len(targets) == 1 and None not in targets and any(_is_nothing(value) for value in returned):
            target = targets.pop() or ""
            message = f"`{function.name}` goes to `{target}` or nowhere"
            yield Finding(message, syntax.head(function), mend(source, function, target))


def _is_nothing(value: ast.expr | None) -> bool:
    match value:
        case None | ast.Constant(value=None) | ast.List(elts=[]):
            return True
    return False


def _is_a_branch(function: ast.FunctionDef | ast.AsyncFunctionDef, syntax: Syntax) -> bool:
    if any(name.endswith("task.branch") for name in syntax.decorators(function)):
        return True
    for call, name in syntax.calls:
        if name.rpartition(".")[2] in BRANCHES:
            given = argument(call, "python_callable")
            if isinstance(given, ast.Name) and given.id == function.name:
                return True
    return False
