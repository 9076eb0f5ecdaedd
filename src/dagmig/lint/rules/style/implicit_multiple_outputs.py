"""The rule ``implicit-multiple-outputs``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

DICTS = ("dict", "typing.Dict", "typing.Mapping", "collections.abc.Mapping")


@source_rule(Severity.INFO, is_default=False)
def implicit_multiple_outputs(source: Source) -> Iterator[Finding]:
    """A `@task` pushes each key of its result, because its annotation says `dict`.

    Airflow takes `multiple_outputs` from the annotation: a change of it changes which XComs there are.
    There is no fix, as only its author knows whether that is meant.
    See https://airflow.apache.org/docs/apache-airflow/stable/tutorial/taskflow.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def count() -> dict[str, int]:
            return {"rows": 3}

        count()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2, multiple_outputs=True)
        def count() -> dict[str, int]:
            return {"rows": 3}

        count()

    nightly()
    ```

    Instead: Say `multiple_outputs=True`, or `False`.
    """
    syntax = source.syntax
    for function in syntax.all(ast.FunctionDef):
        mark = syntax.decorator(function)
        given = mark.keywords if isinstance(mark, ast.Call) else []
        if mark is None or any(one.arg in ("multiple_outputs", None) for one in given):
            continue
        returned = function.returns.value if isinstance(function.returns, ast.Subscript) else function.returns
        if syntax.name(returned) in DICTS:
            message = f"`{function.name}` pushes each key, as its annotation says"
            yield Finding(message, syntax.span(function.returns))
