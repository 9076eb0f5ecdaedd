"""The rule ``no-execution-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.edit import with_task_argument
from dagmig.lint.imports import with_edits, written
from dagmig.lint.operators import calls_a_service, class_name, says_everything
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

CODE = ("@task", "@task.bash", "@task.virtualenv", "@task.docker", "@task.kubernetes")
RUNS = ("PythonOperator", "BashOperator", "SSHOperator", "PythonVirtualenvOperator", "DockerOperator")


@dag_rule(Severity.WARNING, Need.ARGUMENTS, fix=FixKind.UNSAFE, is_default=False)
def no_execution_timeout(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task that may hang has no timeout.

    Airflow sets none: a call that never returns holds the task's slot until somebody notices. Looked at:
    tasks that run code or call a service; sensors have a rule of their own. The fix gives it an hour; it is
    unsafe, as a task may need longer.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html#timeouts

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load")
    ```

    ```python good
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", execution_timeout=timedelta(hours=1))
    ```

    Instead: Set `execution_timeout`, on the task or in the DAG's `default_args`.
    """
    for task in workflow.tasks.values():
        is_airflows = task.call.operator.startswith("airflow.")
        may_hang = task.call.operator in CODE or (is_airflows and class_name(task) in RUNS)
        if not (may_hang or calls_a_service(task)) or not says_everything(workflow, task):
            continue
        if task.policy.timeout is None:
            fix = None
            if timedelta := written(source, "datetime.timedelta"):
                added = f"execution_timeout={timedelta.name}(hours=1)"
                fix = with_edits(with_task_argument(source, task, added), timedelta)
            yield Finding(f"the task `{task.id}` has no `execution_timeout`", task.span, fix)
