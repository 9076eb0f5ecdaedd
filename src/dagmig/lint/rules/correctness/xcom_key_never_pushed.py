"""The rule ``xcom-key-never-pushed``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.pulls import in_code, in_templates, is_known_in_full
from dagmig.lint.rule import Finding, Need, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("dag",), Need.GRAPH)
def xcom_key_never_pushed(source: Source) -> Iterator[Finding]:
    """An XCom is pulled from a task that the DAG does not have.

    The pull gives None, and the task goes on with it. Inside of a task group a task's id carries the group's
    prefix, `group.task`. Looked at: templates, and `xcom_pull` in the tasks' functions, where all DAGs of the
    file are known in full. A task that is there and does not come before is the matter of
    `xcom-pull-not-upstream`.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/xcoms.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='counts') }}")
        count >> report
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='count') }}")
        count >> report
    ```

    Instead: Name a task of the DAG, with the prefix of its group.
    """
    if not is_known_in_full(source):
        return
    for workflow in source.workflows:
        for task in workflow.tasks.values():
            for pulled in in_templates(task, source):
                if pulled.name not in workflow.tasks:
                    message = f"`{task.id}` pulls from `{pulled.name}`, and the DAG has no such task"
                    yield Finding(message, pulled.span)
    tasks = {task for workflow in source.workflows for task in workflow.tasks}
    for pulled in in_code(source) if source.workflows else ():
        if pulled.name not in tasks:
            message = f"a pull from `{pulled.name}`, and no DAG of the file has such a task"
            yield Finding(message, pulled.span)
