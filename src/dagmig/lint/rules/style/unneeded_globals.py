"""The rule ``unneeded-globals``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

DAGS = ("airflow.DAG", "airflow.models.DAG", "airflow.models.dag.DAG", "airflow.sdk.DAG")


@source_rule(Severity.INFO, is_default=False, airflow=">=2.4")
def unneeded_globals(source: Source) -> Iterator[Finding]:
    """A DAG is put into `globals()`, where it need not be.

    Since 2.4 Airflow finds a DAG that was made in a `with` block, or by a function under `@dag`, wherever
    that was. For one that is only assigned, `globals()` is still needed.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    for name in ("sales", "stock"):
        with DAG(name, schedule=None) as dag:
            BashOperator(task_id="load", bash_command="load")
        globals()[name] = dag
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    for name in ("sales", "stock"):
        with DAG(name, schedule=None) as dag:
            BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Leave it out.
    """
    syntax = source.syntax
    made = {
        item.optional_vars.id
        for block in syntax.all(ast.With)
        for item in block.items
        if isinstance(item.optional_vars, ast.Name) and _is_dag(item.context_expr, syntax)
    }
    for statement in syntax.all(ast.Assign):
        match statement:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Call(func=ast.Name(id="globals")))], value=value
            ):
                if (isinstance(value, ast.Name) and value.id in made) or _is_under_dag(value, syntax):
                    yield Finding("Airflow finds this DAG without `globals()`", syntax.span(statement))


def _is_dag(value: ast.expr, syntax: Syntax) -> bool:
    return isinstance(value, ast.Call) and syntax.name(value.func) in DAGS


def _is_under_dag(value: ast.expr, syntax: Syntax) -> bool:
    """Whether a function is called of which all of that name stand under ``@dag``."""
    name = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    found = syntax.functions.get(name, [])
    return bool(found) and all("airflow.decorators.dag" in syntax.decorators(one) for one in found)
