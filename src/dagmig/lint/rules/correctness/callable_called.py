"""The rule ``callable-called``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity, Span
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal, Output, Value
from dagmig.lint.edit import offset
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source

BARE_CALL = re.compile(r"[\w.]+\(\)", re.ASCII)


@dag_rule(Severity.ERROR, fix=FixKind.SAFE, words={"python_callable"})
def callable_called(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """`python_callable` is given what a function returned, not the function.

    The function runs each time the file is parsed, and then Airflow refuses the file: what it returned
    cannot be called.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/python.html

    ```python bad
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    def load():
        print("loading")

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", python_callable=load())
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    def load():
        print("loading")

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", python_callable=load)
    ```

    Instead: Name the function without calling it; its arguments go to `op_args` and `op_kwargs`.
    """
    for task in workflow.tasks.values():
        given = task.call.arguments.get("python_callable")
        if not task.call.operator.startswith("airflow.") or (what := _what(given)) is None:
            continue
        span = source.syntax.argument_span(task.span, "python_callable")
        yield Finding(
            f"`python_callable` of `{task.id}` is {what}, not a function", span, _bare(source, span)
        )


def _what(given: Value | None) -> str | None:
    """What cannot be called, in words; None where it is a function, or nobody knows."""
    match given:
        case Literal(None):
            return "None"
        case Literal(value, is_assumed=False):
            return f"a {type(value).__name__}"
        case Output(task=name):
            return f"what the task `{name}` returns"
    return None


def _bare(source: Source, value: Span) -> Fix | None:
    """Take the brackets off a call without arguments."""
    end = offset(source, value.end_line, value.end_column)
    written = source.text[offset(source, value.line, value.column) : end]
    return Fix((Edit(end - 2, end, ""),)) if BARE_CALL.fullmatch(written) else None
