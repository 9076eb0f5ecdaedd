"""The rule ``jinja-in-non-templated-arg``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from dagmig.airflow.read.operator_facts import facts
from dagmig.diagnostics import Severity
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal, Value
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source
from dagmig.lint.templated import CONTEXT, names

PLAIN = frozenset({"owner", "pool", "queue", "run_as_user", "trigger_rule"})  # of every operator


@dag_rule(Severity.ERROR)
def jinja_in_non_templated_arg(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A template is given for an argument that the operator does not render.

    Only the arguments that the class lists in `template_fields` are rendered. In all others the braces reach
    the service as they stand. Only operators of Airflow and its providers are looked at, and texts that name
    something of Airflow's template context.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/operators.html#jinja-templating

    ```python bad
    from airflow import DAG
    from airflow.providers.http.operators.http import HttpOperator

    with DAG("nightly", schedule=None):
        HttpOperator(task_id="load", endpoint="run", method="{{ params.method }}", retries=2)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.http.operators.http import HttpOperator

    with DAG("nightly", schedule=None):
        HttpOperator(task_id="load", endpoint="run/{{ params.method }}", method="POST", retries=2)
    ```

    Instead: Give it for an argument in `template_fields`, or add the argument in a subclass.
    """
    for argument in PLAIN & workflow.defaults.keys():
        if _is_template(workflow.defaults[argument]):
            span = source.syntax.key_span(argument) or workflow.span
            message = f"`{argument}` of the `default_args` is not rendered: it is no template field"
            yield Finding(message, span)
    for task in workflow.tasks.values():
        for argument in _plain(task.call.operator) & task.call.arguments.keys():
            if _is_template(task.call.arguments[argument]):
                span = source.syntax.argument_span(task.span, argument)
                yield Finding(f"`{argument}` of `{task.id}` is not rendered: it is no template field", span)


def _is_template(given: Value) -> bool:
    text = given.value if isinstance(given, Literal) else None
    return isinstance(text, str) and has_jinja(text) and bool(names(text) & CONTEXT)


@lru_cache(maxsize=1024)
def _plain(operator: str) -> frozenset[str]:
    """The arguments that no version of an operator renders."""
    known = facts(operator)
    if known is None:
        return frozenset()
    return (known.plain | PLAIN) - known.fields - known.newer_fields
