"""The rule ``fail-fast-trigger-rule``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import TriggerRule, Workflow
from dagmig.graph.query import fail_fast
from dagmig.lint.rule import Finding, workflow_rule


@workflow_rule(Severity.ERROR)
def fail_fast_trigger_rule(workflow: Workflow) -> Iterator[Finding]:
    """A DAG that stops at the first failure has a task that would run after one.

    Airflow refuses the file when it loads it: with `fail_fast` (`fail_stop` in Airflow 2) every task but a
    teardown has the trigger rule `all_success`.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, fail_fast=True):
        load = BashOperator(task_id="load", bash_command="load")
        load >> BashOperator(task_id="report", bash_command="report", trigger_rule="one_failed")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        load >> BashOperator(task_id="report", bash_command="report", trigger_rule="one_failed")
    ```

    Instead: Leave out `fail_fast`, or the trigger rule.
    """
    name = fail_fast(workflow)
    for task in workflow.tasks.values() if name is not None else ():
        if task.is_setup or task.is_teardown or task.argument("trigger_rule") is None:
            continue
        if isinstance(task.trigger, TriggerRule) and task.trigger is not TriggerRule.ALL_SUCCESS:
            message = (
                f"`{task.id}` has the trigger rule `{task.trigger}`, which a DAG with `{name}` cannot have"
            )
            yield Finding(message, task.span)
