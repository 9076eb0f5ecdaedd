"""The rule ``dag-never-called``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.airflow.read.objects import parameters
from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Def, Syntax


@source_rule(Severity.ERROR, fix=FixKind.SAFE)
def dag_never_called(source: Source) -> Iterator[Finding]:
    """A function under `@dag` is never called, so there is no DAG.

    The decorator makes a factory: the DAG exists once it is called at the top level of the file. Airflow
    shows nothing, and no error either. Left alone: a function whose name stands anywhere else in the file,
    but for a line with nothing else on it, and one that has to be given arguments, which another file may do.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#the-dag-decorator

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(): ...

        load()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(): ...

        load()

    nightly()
    ```

    Instead: Call the function at the end of the file.
    """
    if "@" not in source.text:
        return
    syntax = source.syntax
    for function in syntax.tree.body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and _is_a_dag(function, syntax):
            name = function.name
            if len(re.findall(rf"\b{name}\b", source.text)) == 1 + _mentions(name, syntax):
                end = syntax.offset(function, end=True)
                fix = Fix((Edit(end, end, f"\n\n{name}()"),))
                message = f"the DAG function `{name}` is never called: there is no DAG"
                yield Finding(message, syntax.head(function), fix)


def _mentions(name: str, syntax: Syntax) -> int:
    """How many statements are the name and nothing else, as if the call's brackets were forgotten."""
    found = (one.value for one in syntax.tree.body if isinstance(one, ast.Expr))
    return sum(isinstance(one, ast.Name) and one.id == name for one in found)


def _is_a_dag(function: Def, syntax: Syntax) -> bool:
    """Whether Airflow's ``@dag`` stands over a function that can be called without arguments."""
    marks = syntax.decorators(function)
    is_dag = any(name.startswith("airflow.") and name.endswith(".dag") for name in marks)
    return is_dag and all(parameter.default is not None for parameter in parameters(function.args))
