"""The rule ``python-operator``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Function
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, is_default=False)
def python_operator(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task is a `PythonOperator` whose function stands in the file.

    Under `@task` the function is called with what it needs, and what it returns is handed on.
    There is no fix: the function, its calls and the dependencies have to be written anew.
    See https://airflow.apache.org/docs/apache-airflow/stable/tutorial/taskflow.html

    ```python bad
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    def load():
        print("load")

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", python_callable=load)
    ```

    ```python good
    from airflow import DAG
    from airflow.decorators import task

    @task
    def load():
        print("load")

    with DAG("nightly", schedule=None):
        load()
    ```

    Instead: Put the function under `@task`.
    """
    for task in workflow.tasks.values():
        function = task.call.arguments.get("python_callable")
        is_here = isinstance(function, Function) and function.name in source.syntax.functions
        if is_here and task.call.operator.endswith(".PythonOperator"):
            yield Finding(f"`{task.id}` could be a function under `@task`", task.span)
