"""The rule ``branch-join-trigger-rule``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, upstream
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, workflow_rule

BRANCHES = ("@task.branch", "@task.branch_external_python", "@task.branch_virtualenv")


@workflow_rule(Severity.WARNING)
def branch_join_trigger_rule(workflow: Workflow) -> Iterator[Finding]:
    """A task after a branch joins both ways and asks that all of them succeeded.

    The way that was not chosen is skipped, and with `all_success`, the default, a skipped upstream task
    skips the join too, and everything after it: the run is green and half of it never ran.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import BranchPythonOperator

    with DAG("nightly", schedule=None):
        choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "full")
        full = BashOperator(task_id="full", bash_command="full")
        delta = BashOperator(task_id="delta", bash_command="delta")
        report = BashOperator(task_id="report", bash_command="report")
        choose >> [full, delta] >> report
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import BranchPythonOperator

    with DAG("nightly", schedule=None):
        choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "full")
        full = BashOperator(task_id="full", bash_command="full")
        delta = BashOperator(task_id="delta", bash_command="delta")
        report = BashOperator(
            task_id="report", bash_command="report", trigger_rule="none_failed_min_one_success"
        )
        choose >> [full, delta] >> report
    ```

    Instead: Give the join `trigger_rule="none_failed_min_one_success"`.
    """
    if not workflow.is_complete:
        return
    before, after = upstream(workflow), downstream(workflow)
    for branch in (task for task in workflow.tasks.values() if _is_branch(task)):
        ways = {first: _skipped_with(first, after, workflow) for first in after[branch.id]}
        for join in sorted(set().union(*ways.values())):
            task = workflow.tasks[join]
            if task.trigger is TriggerRule.ALL_SUCCESS and _is_join(join, before, ways, branch.id):
                yield Finding(
                    f"`{join}` joins the ways of `{branch.id}` and is skipped with the way not chosen",
                    task.span,
                )


def _is_branch(task: Task) -> bool:
    name = class_name(task)
    return task.call.operator in BRANCHES or (name.startswith("Branch") and name.endswith("Operator"))


def _skipped_with(first: str, after: dict[str, list[str]], workflow: Workflow) -> set[str]:
    """The tasks that are skipped when ``first`` is: it, and what hangs on it by all_success."""
    found, waiting = {first}, [first]
    while waiting:
        for task in after[waiting.pop()]:
            if task not in found and workflow.tasks[task].trigger is TriggerRule.ALL_SUCCESS:
                found.add(task)
                waiting.append(task)
    return found


def _is_join(join: str, before: dict[str, list[str]], ways: dict[str, set[str]], branch: str) -> bool:
    """Whether two of the task's direct upstream tasks stand on different ways, neither on both."""
    sides = [
        frozenset(first for first, skipped in ways.items() if task in skipped)
        for task in before[join]
        if task != branch
    ]
    own = [frozenset({join})] if branch in before[join] else []
    lone = [side for side in [*sides, *own] if side]
    return any(a.isdisjoint(b) for i, a in enumerate(lone) for b in lone[i + 1 :])
