"""The rule ``catch-all-trigger-all-done-cleanup``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import TriggerRule, Workflow
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, Need, workflow_rule

CLEANS = re.compile(r"clean|tear_?down|delete|terminate|destroy|shut_?down|drop_|remove", re.IGNORECASE)
RULES = (TriggerRule.ALL_DONE, TriggerRule.ALWAYS)


@workflow_rule(Severity.INFO, Need.GRAPH, is_default=False)
def catch_all_trigger_all_done_cleanup(workflow: Workflow) -> Iterator[Finding]:
    """A task that cleans up runs by `all_done`, and is no teardown.

    A teardown (Airflow 2.7) runs whatever failed, as this task does, but does not hide the failure of the
    run, and does not run where its setup was skipped.
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/setup-and-teardown.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        report = BashOperator(task_id="report", bash_command="report")
        load >> [report, BashOperator(task_id="clean_up", bash_command="rm", trigger_rule="all_done")]
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        report = BashOperator(task_id="report", bash_command="report")
        load >> [report, BashOperator(task_id="clean_up", bash_command="rm").as_teardown()]
    ```

    Instead: Use `.as_teardown(setups=...)`, or `@teardown`.
    """
    for task in workflow.tasks.values():
        if task.is_teardown or task.trigger not in RULES:
            continue
        if CLEANS.search(task.id) or class_name(task).startswith(("Delete", "Terminate")):
            yield Finding(f"`{task.id}` cleans up by `{task.trigger}`, and is no teardown", task.span)
