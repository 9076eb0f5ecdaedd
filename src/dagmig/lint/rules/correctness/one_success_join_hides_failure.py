"""The rule ``one-success-join-hides-failure``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, upstream
from dagmig.graph.values import Function
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source

HIDING = frozenset(
    {TriggerRule.ALL_DONE, TriggerRule.ALWAYS, TriggerRule.ONE_SUCCESS, TriggerRule.ONE_DONE}
    | {TriggerRule.ALL_DONE_MIN_ONE_SUCCESS}
)


@dag_rule(Severity.WARNING, Need.GRAPH)
def one_success_join_hides_failure(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """The last task of a DAG runs whatever failed, and the run counts as a success.

    The state of a run is that of its last tasks. Where all that comes after a task has a trigger rule like
    `all_done`, the run is green although the task failed, and nobody is told. Left alone: teardowns, and a
    last task whose own code may raise.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#example-of-watcher-pattern-with-trigger-rules

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        clean = BashOperator(task_id="clean", bash_command="clean", trigger_rule="all_done")
        load >> clean
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        clean = BashOperator(task_id="clean", bash_command="clean", trigger_rule="all_done")
        load >> clean.as_teardown()
    ```

    Instead: Make it a teardown, or add a last task with `one_failed` that fails (the watcher pattern).
    """
    hiding = [task for task in workflow.tasks.values() if task.trigger in HIDING and not task.is_teardown]
    if not hiding:
        return
    before, after = upstream(workflow), downstream(workflow)
    for task in hiding:
        if after[task.id]:
            continue
        if "raise" in source.text and _may_raise(task, source):
            continue
        hidden = [
            one
            for one in before[task.id]
            if _is_hidden(one, after, workflow) and _may_fail(one, before, workflow)
        ]
        if hidden and task.expand is None:
            message = (
                f"`{task.id}` is the last task and runs by `{task.trigger}`: the run succeeds where "
                f"`{hidden[0]}` failed"
            )
            yield Finding(message, task.span)


def _is_hidden(task: str, after: dict[str, list[str]], workflow: Workflow) -> bool:
    """Whether every last task that comes after this one runs whatever becomes of it."""
    if workflow.tasks[task].is_setup or workflow.tasks[task].is_teardown:
        return False
    seen, waiting, last = {task}, [task], []
    while waiting:
        here = waiting.pop()
        if not after[here]:
            last.append(workflow.tasks[here])
        for one in after[here]:
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return all(one.trigger in HIDING and not one.is_teardown for one in last)


def _may_fail(task: str, before: dict[str, list[str]], workflow: Workflow) -> bool:
    """Whether the task, or one before it, does anything."""
    seen, waiting = {task}, [task]
    while waiting:
        here = waiting.pop()
        if not class_name(workflow.tasks[here]).startswith(("Empty", "Dummy")):
            return True
        waiting += [one for one in before[here] if one not in seen]
        seen.update(before[here])
    return False


def _may_raise(task: Task, source: Source) -> bool:
    """Whether the task's function raises somewhere, or is not in the file."""
    given = task.argument("python_callable")
    if given is None:
        return False
    found = source.syntax.functions.get(given.name) if isinstance(given, Function) else None
    return not found or any(isinstance(node, ast.Raise) for one in found for node in ast.walk(one))
