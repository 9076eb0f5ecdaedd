"""The rule ``duplicate-task-id``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR)
def duplicate_task_id(source: Source) -> Iterator[Finding]:
    """Two tasks of a DAG have the same id.

    Airflow refuses the file with DuplicateTaskIdFound. Ids carry the prefix of their task group.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load sales")
        BashOperator(task_id="load", bash_command="load stock")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load_sales", bash_command="load sales")
        BashOperator(task_id="load_stock", bash_command="load stock")
    ```

    Instead: Give each task its own id.
    """
    read = source.workflows
    for diagnostic in source.report.of("duplicate-task-id") if read is not None else ():
        yield Finding(diagnostic.message, diagnostic.span)
