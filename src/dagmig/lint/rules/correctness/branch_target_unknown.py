"""The rule ``branch-target-unknown``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Function
from dagmig.lint.operators import BRANCH, is_branch
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source

if TYPE_CHECKING:
    from ast_grep_py import SgNode

PLAIN = ('"', "'")


@dag_rule(Severity.ERROR, Need.GRAPH, words={BRANCH})
def branch_target_unknown(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A branch names a task that the DAG does not have.

    The task fails when the branch goes that way. Inside of a task group the name carries the group's
    prefix, `group.task`. Only texts that the function returns as they stand are looked at.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#branching

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import BranchPythonOperator

    def pick(ds):
        return "full_load" if ds.endswith("01") else "delta"

    with DAG("nightly", schedule=None):
        choose = BranchPythonOperator(task_id="choose", python_callable=pick)
        full = BashOperator(task_id="full", bash_command="full")
        delta = BashOperator(task_id="delta", bash_command="delta")
        choose >> [full, delta]
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import BranchPythonOperator

    def pick(ds):
        return "full" if ds.endswith("01") else "delta"

    with DAG("nightly", schedule=None):
        choose = BranchPythonOperator(task_id="choose", python_callable=pick)
        full = BashOperator(task_id="full", bash_command="full")
        delta = BashOperator(task_id="delta", bash_command="delta")
        choose >> [full, delta]
    ```

    Instead: Return the id of a task downstream, with the prefix of its group.
    """
    for task in workflow.tasks.values():
        for node, name in _returned(task, source) if is_branch(task) else ():
            if name not in workflow.tasks and name not in workflow.groups:
                message = f"`{task.id}` may return `{name}`, and the DAG `{workflow.id}` has no such task"
                yield Finding(message, source.span(node))


def _returned(task: Task, source: Source) -> Iterator[tuple[SgNode, str]]:
    """The texts that the function of a branch returns as they stand, where the file has one of its name."""
    callable_ = task.argument("python_callable")
    if not isinstance(callable_, Function) or callable_.name == "<lambda>":
        return
    bodies = source.functions(callable_.name)
    if len(bodies) != 1:
        return
    for statement in bodies[0].find_all(kind="return_statement"):
        owner = next(one for one in statement.ancestors() if one.kind() in ("function_definition", "lambda"))
        if owner.range().start.index == bodies[0].range().start.index:
            yield from _texts(statement)


def _texts(node: SgNode) -> Iterator[tuple[SgNode, str]]:
    """The plain texts a value may be: a string, those of a list, either way of a condition."""
    match node.kind():
        case "string":
            parts = node.children()
            is_plain = [one.kind() for one in parts] == ["string_start", "string_content", "string_end"]
            if is_plain and parts[0].text() in PLAIN and "\\" not in parts[1].text():
                yield node, parts[1].text()
        case "conditional_expression":
            yield from _texts(node.children()[0])
            yield from _texts(node.children()[-1])
        case "return_statement" | "list" | "tuple" | "expression_list" | "parenthesized_expression":
            for child in node.children():
                yield from _texts(child)
