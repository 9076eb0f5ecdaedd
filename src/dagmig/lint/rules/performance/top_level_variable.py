"""The rule ``top-level-variable``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.mends.top_level_variable import mend
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

GETS = re.compile(r"^airflow\.(models\.(variable\.)?|sdk\.(definitions\.variable\.)?)Variable\.get$")


@source_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def top_level_variable(source: Source) -> Iterator[Finding]:
    """An Airflow Variable is read from the database each time the file is parsed.

    The scheduler parses a DAG file every few seconds, so a Variable read outside of a task is a query every
    few seconds, and the file cannot be parsed while the database or secrets backend is away. A function that
    is called when the file is parsed is looked into, one that only tasks call is not; the defaults of
    arguments are the matter of `default-arg-call`. The fix writes a template where an operator renders the
    argument; it is unsafe, as the value is then that of the run.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#airflow-variables

    ```python bad
    from airflow import DAG
    from airflow.models import Variable
    from airflow.operators.bash import BashOperator

    with DAG("copy", schedule=None):
        BashOperator(task_id="copy", bash_command=f"copy {Variable.get('bucket')}", retries=2)
    ```

    ```python good
    from airflow import DAG
    from airflow.models import Variable
    from airflow.operators.bash import BashOperator

    with DAG("copy", schedule=None):
        BashOperator(task_id="copy", bash_command="copy {{ var.value.bucket }}", retries=2)
    ```

    Instead: Read the variable inside a task, or let Jinja read it: `{{ var.value.name }}`.
    """
    if "Variable" not in source.text:
        return
    syntax = source.syntax
    for node, name in syntax.calls:
        if not GETS.match(name) or any(isinstance(outer, ast.arguments) for outer in syntax.outer(node)):
            continue
        if syntax.runs_at_parse(node):
            message = "an Airflow Variable is read from the database each time the file is parsed"
            yield Finding(message, syntax.span(node), mend(source, node))
