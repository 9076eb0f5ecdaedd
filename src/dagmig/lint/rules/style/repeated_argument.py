"""The rule ``repeated-argument``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.operators import says_everything
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source

FEWEST = 3  # tasks
SHARED = (
    "owner",
    "retries",
    "retry_delay",
    "execution_timeout",
    "email",
    "email_on_failure",
    "email_on_retry",
    "depends_on_past",
    "pool",
    "queue",
)


@dag_rule(Severity.INFO, Need.GRAPH, Need.ARGUMENTS, is_default=False)
def repeated_argument(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """All tasks of a DAG are given the same argument, one by one.

    In the DAG's `default_args` it is said once, and holds for the next task as well. Looked at: DAGs of three
    tasks and more.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#default-arguments

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load", retries=2)
        check = BashOperator(task_id="check", bash_command="check", retries=2)
        report = BashOperator(task_id="report", bash_command="report", retries=2)
        load >> check >> report
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        report = BashOperator(task_id="report", bash_command="report")
        load >> check >> report
    ```

    Instead: Put it into `default_args`.
    """
    tasks = list(workflow.tasks.values())
    if len(tasks) < FEWEST or not all(says_everything(workflow, task) for task in tasks):
        return
    for name in SHARED:
        values = [task.call.arguments.get(name) for task in tasks]
        first = values[0]
        if isinstance(first, Literal) and all(value == first for value in values):
            place = source.syntax.argument_span(tasks[0].span, name)
            yield Finding(f"all tasks of `{workflow.id}` are given the same `{name}`", place)
