"""The rule ``xcom-pull-not-upstream``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import before
from dagmig.lint.pulls import in_code, in_templates, is_known_in_full, users
from dagmig.lint.rule import Finding, Need, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, ("dag",), Need.GRAPH)
def xcom_pull_not_upstream(source: Source) -> Iterator[Finding]:
    """A task pulls an XCom from a task that does not come before it.

    A pull waits for nothing: where the other task has not ended by then, it gives None. Looked at: templates,
    and `xcom_pull` in the tasks' functions, where all DAGs of the file are known in full. A task that pulls
    what it pushed itself is left alone.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/xcoms.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        start = BashOperator(task_id="start", bash_command="start")
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='count') }}")
        start >> [count, report]
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        start = BashOperator(task_id="start", bash_command="start")
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='count') }}")
        start >> count >> report
    ```

    Instead: Let the task come after the one it pulls from.
    """
    if not is_known_in_full(source):
        return
    for workflow in source.workflows:
        for task in workflow.tasks.values():
            for pulled in in_templates(task, source):
                if _is_beside(pulled.name, task, workflow):
                    message = f"`{task.id}` pulls from `{pulled.name}`, which does not come before it"
                    yield Finding(message, pulled.span)
    for pulled in in_code(source):
        found = [(w, task) for w in source.workflows for task in users(w, pulled.function, source)]
        if found and all(_is_beside(pulled.name, task, workflow) for workflow, task in found):
            message = f"a pull from `{pulled.name}`, which does not come before `{found[0][1].id}`"
            yield Finding(message, pulled.span)


def _is_beside(name: str, task: Task, workflow: Workflow) -> bool:
    return name in workflow.tasks and name != task.id and name not in before(workflow, task.id)
