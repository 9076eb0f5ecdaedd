"""The rule ``success-callback-on-skip``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Function, Literal
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING, is_default=False, airflow=">=3")
def success_callback_on_skip(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task that may skip itself has an `on_success_callback`, which Airflow 3 does not call then.

    Airflow 2 called it for a skipped task too. Looked at: tasks whose function raises `AirflowSkipException`.
    Not on by default, as it is right in Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow import DAG
    from airflow.exceptions import AirflowSkipException
    from airflow.operators.python import PythonOperator

    def load(ds):
        if ds.endswith("01"):
            raise AirflowSkipException("first of the month")

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", python_callable=load, on_success_callback=print)
    ```

    ```python good
    from airflow import DAG
    from airflow.exceptions import AirflowSkipException
    from airflow.operators.python import PythonOperator

    def load(ds):
        if ds.endswith("01"):
            raise AirflowSkipException("first of the month")

    with DAG("nightly", schedule=None):
        PythonOperator(
            task_id="load", python_callable=load, on_success_callback=print, on_skipped_callback=print
        )
    ```

    Instead: Give `on_skipped_callback` as well.
    """
    syntax = source.syntax
    for task in workflow.tasks.values():
        function = task.argument("python_callable")
        if not isinstance(function, Function) or task.argument("on_skipped_callback") is not None:
            continue
        if task.argument("on_success_callback") in (None, Literal(None)):
            continue
        bodies = syntax.functions.get(function.name, [])
        raised = {syntax.name(one) for body in bodies for one in ast.walk(body) if isinstance(one, ast.Name)}
        if any(name.endswith("AirflowSkipException") for name in raised):
            yield Finding(f"`{task.id}` may skip itself, and calls nobody back then", task.span)
