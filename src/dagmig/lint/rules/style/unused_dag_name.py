"""The rule ``unused-dag-name``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity, Span
from dagmig.lint.edit import replaced
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.INFO, fix=FixKind.UNSAFE, is_default=False, airflow=">=2.4")
def unused_dag_name(source: Source) -> Iterator[Finding]:
    """The DAG of a block has a name that nothing uses.

    Since 2.4 Airflow finds the DAG without it. The fix is unsafe, as another file may import the name.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None) as dag:
        BashOperator(task_id="load", bash_command="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Leave ` as dag` out.
    """
    if not source.workflows:
        return
    syntax = source.syntax
    used = {one.id for one in syntax.all(ast.Name) if not isinstance(one.ctx, ast.Store)}
    exported = {one.value for one in syntax.all(ast.Constant) if isinstance(one.value, str)}
    for block in syntax.all(ast.With):
        for item in block.items:
            made, name = item.context_expr, item.optional_vars
            if not isinstance(made, ast.Call) or not syntax.name(made.func).endswith("DAG"):
                continue
            if isinstance(name, ast.Name) and name.id not in used | exported:
                start, end = syntax.span(made), syntax.span(name)
                place = Span(source.file, start.end_line, start.end_column, end.end_line, end.end_column)
                between = source.text[syntax.offset(made, end=True) : syntax.offset(name)]
                fix = replaced(source, place, "") if between.split() == ["as"] else None
                yield Finding(f"nothing uses `{name.id}`", end, fix)
