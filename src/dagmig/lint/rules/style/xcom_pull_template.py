"""The rule ``xcom-pull-template``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import parse
from dagmig.graph.model import Workflow
from dagmig.graph.values import Output, Template
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source
from dagmig.lint.templated import templates


@dag_rule(Severity.INFO, Need.GRAPH, is_default=False)
def xcom_pull_template(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A template does nothing but pull what another task returned.

    `count.output` says the same, keeps its type, and makes the dependency by itself. A template gives a text,
    so that there is no fix.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/xcoms.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command="{{ ti.xcom_pull(task_ids='count') }}")
        count >> report
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command=count.output)
    ```

    Instead: Give the argument `count.output`.
    """
    syntax = source.syntax
    for task in workflow.tasks.values():
        for name, text in templates(task):
            match parse(text) if "xcom_pull" in text else None:
                case Template(parts=[Output(task=other, key="return_value", path=())]) if (
                    other in workflow.tasks
                ):
                    message = f"`{name}` only pulls what `{other}` returned"
                    yield Finding(message, syntax.argument_span(task.span, name))
