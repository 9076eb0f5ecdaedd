"""The rule ``dag-argument-in-context``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.edit import without_argument
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax


@source_rule(Severity.INFO, fix=FixKind.SAFE, is_default=False)
def dag_argument_in_context(source: Source) -> Iterator[Finding]:
    """A task names the DAG in whose block it stands.

    In a `with` block of a DAG its tasks belong to it anyway. Looked at: the innermost block around the task.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None) as dag:
        BashOperator(task_id="load", bash_command="load", dag=dag)
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None) as dag:
        BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Leave `dag=dag` out.
    """
    syntax = source.syntax
    spans = {task.span for workflow in source.workflows for task in workflow.tasks.values()}
    calls = (call for span in sorted(spans) if (call := syntax.call_at(span)) is not None)
    for call in calls:
        for given in call.keywords:
            is_named = given.arg == "dag" and isinstance(given.value, ast.Name)
            if is_named and syntax.name(given.value) == _block(call, syntax):
                fix = without_argument(source, call, "dag")
                yield Finding("the task belongs to the DAG of its block anyway", syntax.span(given), fix)


def _block(call: ast.Call, syntax: Syntax) -> str | None:
    """The name of the DAG of the innermost block around a call, in the same function."""
    for outer in syntax.outer(call):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return None
        if isinstance(outer, ast.With):
            for item in reversed(outer.items):
                made, name = item.context_expr, item.optional_vars
                if isinstance(made, ast.Call) and syntax.name(made.func).endswith("DAG"):
                    return name.id if isinstance(name, ast.Name) else None
    return None
