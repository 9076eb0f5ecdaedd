"""The rule ``transitive-reduction``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import TriggerRule, Workflow
from dagmig.graph.query import downstream
from dagmig.lint.mends.transitive_reduction import mend
from dagmig.lint.operators import is_branch
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, Need.GRAPH, Need.TRIGGERS, fix=FixKind.UNSAFE, is_default=False)
def transitive_reduction(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A dependency says nothing new: a longer way joins the same tasks.

    Each dependency is looked at whenever the scheduler looks at the run, and makes the graph harder to read.
    Only where all tasks ask that those before them succeeded: with other trigger rules it has a meaning,
    and so it has after a branch. The fix takes a statement away that joins the two tasks and no others; it is
    unsafe, as the graph is another, though each task waits for the same ones.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#reducing-dag-complexity

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        report = BashOperator(task_id="report", bash_command="report")
        load >> check >> report
        load >> report
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        report = BashOperator(task_id="report", bash_command="report")
        load >> check >> report
    ```

    Instead: Leave the shorter way out.
    """
    after = downstream(workflow)
    for task in workflow.tasks.values():
        if is_branch(task) or len(after[task.id]) < 2:
            continue
        for target in after[task.id]:
            if workflow.tasks[target].trigger is not TriggerRule.ALL_SUCCESS:
                continue
            others = [one for one in after[task.id] if one != target]
            if _reaches(others, target, after, workflow):
                message = f"`{task.id} >> {target}` says nothing new: a longer way joins them"
                fix = mend(source, workflow, task.id, target)
                yield Finding(message, workflow.tasks[target].span, fix)


def _reaches(starts: list[str], target: str, after: dict[str, list[str]], workflow: Workflow) -> bool:
    """Whether a way of tasks that all ask for success leads to the target."""
    seen, waiting = set(starts), list(starts)
    while waiting:
        here = waiting.pop()
        task = workflow.tasks[here]
        if task.trigger is not TriggerRule.ALL_SUCCESS or task.is_setup or task.is_teardown:
            continue
        for one in after[here]:
            if one == target:
                return True
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return False
