"""The rule ``orphan-task``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.rule import Finding, Need, workflow_rule

FEWEST = 4  # tasks: fewer make no pattern


@workflow_rule(Severity.WARNING, Need.GRAPH)
def orphan_task(workflow: Workflow) -> Iterator[Finding]:
    """One task of a DAG is joined to no other, while all the rest are.

    It starts with the run, waits for nothing, and nothing waits for it: most often a dependency was
    forgotten. Left alone: DAGs with two or more such tasks, which stand side by side on purpose, and small
    ones.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#task-dependencies

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        report = BashOperator(task_id="report", bash_command="report")
        send = BashOperator(task_id="send", bash_command="send")
        load >> check >> report
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        report = BashOperator(task_id="report", bash_command="report")
        send = BashOperator(task_id="send", bash_command="send")
        load >> check >> report >> send
    ```

    Instead: Say what the task waits for, or what waits for it.
    """
    joined = {end for edge in workflow.edges for end in (edge.upstream, edge.downstream)}
    alone = [task for task in workflow.tasks.values() if task.id not in joined]
    if len(workflow.tasks) >= FEWEST and len(alone) == 1 and not alone[0].is_teardown:
        yield Finding(f"the task `{alone[0].id}` is joined to no other task", alone[0].span)
