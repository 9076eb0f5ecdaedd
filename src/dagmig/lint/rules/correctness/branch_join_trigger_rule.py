"""The rule ``branch-join-trigger-rule``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, upstream
from dagmig.graph.values import Function, Literal
from dagmig.lint.edit import with_argument
from dagmig.lint.operators import BRANCH, is_branch
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

WAYS = ("follow_task_ids_if_true", "follow_task_ids_if_false")  # of the branches by time, weekday and SQL
MENDED = "none_failed_min_one_success"
ASKED = {"inside": {"any": [{"kind": "comparison_operator"}, {"kind": "argument_list"}]}}
SEVERAL = (  # a function that builds a list of two or more may choose several ways
    {"kind": "list", "has": {"nthChild": 2}, "not": ASKED},
    {"kind": "tuple", "has": {"nthChild": 2}, "not": ASKED},
    {"kind": "expression_list", "inside": {"kind": "return_statement"}},
    {"kind": "list_comprehension", "not": ASKED},
    {"pattern": "$LIST.append($$$)"},
    {"pattern": "list($$$)"},
)


@dag_rule(Severity.WARNING, Need.GRAPH, Need.TRIGGERS, fix=FixKind.UNSAFE, words={BRANCH})
def branch_join_trigger_rule(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task after a branch joins both ways and asks that all of them succeeded.

    The way that was not chosen is skipped, and with `all_success`, the default, a skipped upstream task
    skips the join too, and everything after it: the run is green and half of it never ran. Nothing is
    said of a branch that may choose several ways at once, or whose function stands in another file.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import BranchPythonOperator

    with DAG("nightly", schedule=None):
        choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "full")
        full = BashOperator(task_id="full", bash_command="full")
        delta = BashOperator(task_id="delta", bash_command="delta")
        report = BashOperator(task_id="report", bash_command="r")
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
        report = BashOperator(task_id="report", bash_command="r", trigger_rule="none_failed_min_one_success")
        choose >> [full, delta] >> report
    ```

    Instead: Give the join `trigger_rule="none_failed_min_one_success"`.
    """
    branches = [task for task in workflow.tasks.values() if is_branch(task)]
    if not branches:
        return
    before, after = upstream(workflow), downstream(workflow)
    for branch in branches:
        if not _chooses_one(branch, source):
            continue
        ways = {first: _skipped_with(first, after, workflow) for first in after[branch.id]}
        for join in sorted(set().union(*ways.values())):
            task = workflow.tasks[join]
            if task.trigger is TriggerRule.ALL_SUCCESS and _is_join(join, before, ways, branch.id):
                message = f"`{join}` joins the ways of `{branch.id}` and is skipped with the way not chosen"
                yield Finding(message, task.span, _mended(task, source))


def _mended(join: Task, source: Source) -> Fix | None:
    if "trigger_rule" in join.call.arguments:
        return None
    return with_argument(source, join.span, f'trigger_rule="{MENDED}"', among="task_id")


def _chooses_one(branch: Task, source: Source) -> bool:
    """Whether the branch goes one way at a time, for certain: its function builds no list of names."""
    if any(name in branch.call.arguments for name in WAYS):
        ways = [branch.call.arguments.get(name) for name in WAYS]
        return all(isinstance(way, Literal) and _is_one(way.value) for way in ways)
    match branch.argument("python_callable"):
        case Function(name="<lambda>"):
            bodies = source.tree.find_all(kind="lambda")
        case Function(name=name):
            bodies = source.functions(name)
        case _:
            return False
    return bool(bodies) and not any(body.find(any=list(SEVERAL)) for body in bodies)


def _is_one(names: object) -> bool:
    return isinstance(names, str) or (isinstance(names, list) and len(names) == 1)


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
