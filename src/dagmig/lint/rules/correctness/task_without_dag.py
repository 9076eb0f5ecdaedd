"""The rule ``task-without-dag``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.rule import Finding, Need, source_rule
from dagmig.lint.source import Source

IN_SOMETHING = (ast.With, ast.AsyncWith, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
BRINGS_A_DAG = ("dag", "task_group")


@source_rule(Severity.ERROR, ("dag",), Need.CALL)
def task_without_dag(source: Source) -> Iterator[Finding]:
    """A task is made outside of any DAG and joined to nothing: it never runs.

    Airflow says nothing. Flagged: an operator of Airflow at the top level of a file with DAGs, not in a
    `with` block, given no `dag`, and whose name stands nowhere else in the file.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#dag-assignment

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load")

    BashOperator(task_id="report", bash_command="report")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load")

        BashOperator(task_id="report", bash_command="report")
    ```

    Instead: Make the task inside the `with` block of its DAG, or give it `dag=`.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if not name.startswith("airflow.") or not name.endswith(("Operator", "Sensor")):
            continue
        if not _is_alone(node, source) or argument(node, "task_id") is None or takes_more(node):
            continue
        if not any(argument(node, one) for one in BRINGS_A_DAG) and source.workflows:
            yield Finding("the task belongs to no DAG and never runs", syntax.span(node))


def _is_alone(node: ast.Call, source: Source) -> bool:
    """Whether a call is a statement of its own, or what it makes is given a name that is used nowhere."""
    syntax = source.syntax
    statement = syntax.parents[node]
    if not isinstance(statement, (ast.Expr, ast.Assign)):
        return False
    if any(isinstance(outer, IN_SOMETHING) for outer in syntax.outer(node)) or syntax.is_guarded(node):
        return False
    match statement:
        case ast.Expr():
            return True
        case ast.Assign(targets=[ast.Name(id=given)]):
            return [one.id for one in syntax.all(ast.Name)].count(given) == 1
    return False
