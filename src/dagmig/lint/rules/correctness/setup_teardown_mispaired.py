"""The rule ``setup-teardown-mispaired``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import TriggerRule, Workflow
from dagmig.graph.query import downstream
from dagmig.lint.rule import Finding, Need, workflow_rule


@workflow_rule(Severity.ERROR, Need.GRAPH)
def setup_teardown_mispaired(workflow: Workflow) -> Iterator[Finding]:
    """A task right after a setup would run without it.

    Airflow refuses the file when it loads it: what directly follows a setup and is no teardown has the
    trigger rule `all_success`.
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/setup-and-teardown.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        create = BashOperator(task_id="create", bash_command="create").as_setup()
        load = BashOperator(task_id="load", bash_command="load", trigger_rule="none_failed")
        delete = BashOperator(task_id="delete", bash_command="delete").as_teardown(setups=create)
        create >> load >> delete
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        create = BashOperator(task_id="create", bash_command="create").as_setup()
        load = BashOperator(task_id="load", bash_command="load")
        delete = BashOperator(task_id="delete", bash_command="delete").as_teardown(setups=create)
        create >> load >> delete
    ```

    Instead: Leave the trigger rule out, or make the task a teardown.
    """
    after = downstream(workflow)
    for setup in workflow.tasks.values():
        for name in after[setup.id] if setup.is_setup else ():
            task = workflow.tasks[name]
            if task.is_teardown or not isinstance(task.trigger, TriggerRule):
                continue
            if task.trigger is not TriggerRule.ALL_SUCCESS:
                message = f"`{name}` follows the setup `{setup.id}` and has the trigger rule `{task.trigger}`"
                yield Finding(message, task.span)
