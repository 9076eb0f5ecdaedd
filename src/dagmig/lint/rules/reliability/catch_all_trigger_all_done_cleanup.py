"""The rule ``catch-all-trigger-all-done-cleanup``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.lint.edit import argument_removed
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

CLEANS = re.compile(r"clean|tear_?down|delete|terminate|destroy|shut_?down|drop_|remove", re.IGNORECASE)
RULES = (TriggerRule.ALL_DONE, TriggerRule.ALWAYS)


@dag_rule(Severity.INFO, Need.GRAPH, fix=FixKind.UNSAFE, is_default=False)
def catch_all_trigger_all_done_cleanup(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task that cleans up runs by `all_done`, and is no teardown.

    A teardown (Airflow 2.7) runs whatever failed, as this task does, but does not hide the failure of the
    run, and does not run where its setup was skipped. The fix is unsafe, as the run then succeeds although
    the cleaning failed; it leaves a `@task` function alone, whose other calls may be no teardowns.
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
            yield Finding(
                f"`{task.id}` cleans up by `{task.trigger}`, and is no teardown",
                task.span,
                _fix(task, source),
            )


def _fix(task: Task, source: Source) -> Fix | None:
    """``.as_teardown()`` after the operator's call, which sets the trigger rule itself."""
    syntax = source.syntax
    call = syntax.call_at(task.span)
    if call is None or task.expand is not None or not any(one.arg == "task_id" for one in call.keywords):
        return None
    if isinstance(syntax.parents[call], ast.Attribute):
        return None
    without = argument_removed(syntax, call, "trigger_rule")
    end = syntax.offset(call, end=True)
    return None if without is None else Fix((without, Edit(end, end, ".as_teardown()")), safe=False)
