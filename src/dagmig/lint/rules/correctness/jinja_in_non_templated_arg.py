"""The rule ``jinja-in-non-templated-arg``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Workflow
from dagmig.graph.values import Entries, Items, Literal, Value
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING)
def jinja_in_non_templated_arg(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """Jinja in an argument that the operator does not render.

    Only the arguments among an operator's `template_fields` are rendered. In any other the operator gets the
    text with its braces.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/operators.html#jinja-templating

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="bin/load", output_encoding="{{ params.encoding }}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="bin/load", output_encoding="latin-1")
    ```

    Instead: Write what is meant, or subclass the operator, with `template_fields` that name the argument.
    """
    for task in workflow.tasks.values():
        for name in sorted(task.plain & task.call.arguments.keys()):
            if _holds_jinja(task.call.arguments[name]):
                message = f"`{name}` of `{task.id}` is no template: its Jinja is not rendered"
                yield Finding(message, source.argument_span(task.span, name))


def _holds_jinja(value: Value) -> bool:
    match value:
        case Literal(constant):
            return any(map(_opens, _texts(constant)))
        case Items(items):
            return any(map(_holds_jinja, items))
        case Entries(entries):
            return any(_holds_jinja(item) for _, item in entries)
    return False


def _opens(text: str) -> bool:
    """Whether it holds what Jinja prints, and not a brace of another language alone."""
    return has_jinja(text) and "}}" in text


def _texts(constant: Any) -> Iterator[str]:
    match constant:
        case str():
            yield constant
        case list() | tuple() | set() | frozenset():
            for item in constant:
                yield from _texts(item)
        case dict():
            for item in constant.values():
                yield from _texts(item)
