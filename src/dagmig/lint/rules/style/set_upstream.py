"""The rule ``set-upstream``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.edit import replaced
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

ARROWS = {"set_upstream": "<<", "set_downstream": ">>"}
PLAIN = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List)


@source_rule(Severity.INFO, fix=FixKind.SAFE, is_default=False)
def set_upstream(source: Source) -> Iterator[Finding]:
    """A dependency is declared by a method where an arrow would do.

    `>>` and `<<` show the order in which the tasks run. The fix is for a method that is called with tasks
    alone.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html#relationships

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        report = BashOperator(task_id="report", bash_command="report")
        report.set_upstream(load)
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        report = BashOperator(task_id="report", bash_command="report")
        report << load
    ```

    Instead: Write `load >> report`.
    """
    if not source.workflows:
        return
    syntax = source.syntax
    for statement in syntax.all(ast.Expr):
        match statement.value:
            case ast.Call(func=ast.Attribute(value=left, attr=name), args=[right], keywords=[]) if (
                name in ARROWS
            ):
                texts = [_text(source, one) for one in (left, right)]
                is_plain = isinstance(left, PLAIN) and isinstance(right, PLAIN)
                span = syntax.span(statement.value)
                fix = replaced(source, span, f" {ARROWS[name]} ".join(texts), safe=True) if is_plain else None
                yield Finding(f"`{ARROWS[name]}` says the same as `{name}`", span, fix)


def _text(source: Source, node: ast.expr) -> str:
    return source.text[source.syntax.offset(node) : source.syntax.offset(node, end=True)]
