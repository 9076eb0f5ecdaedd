"""The rule ``xcom-key-never-pushed``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import outputs
from dagmig.graph.model import Workflow
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.rule import Finding, Need, source_rule
from dagmig.lint.source import Source

ELSEWHERE = ("dag_id", "include_prior_dates", "run_id")


@source_rule(Severity.ERROR, ("dag",), Need.GRAPH)
def xcom_key_never_pushed(source: Source) -> Iterator[Finding]:
    """An XCom is pulled from a task that the DAG does not have.

    The pull gives None, and the task goes on with it. Inside of a task group a task's id carries the group's
    prefix, `group.task`. Looked at: templates, and `xcom_pull` in the tasks' functions, where all DAGs of the
    file are known in full.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/xcoms.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='counts') }}")
        count >> report
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        count = BashOperator(task_id="count", bash_command="count")
        report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='count') }}")
        count >> report
    ```

    Instead: Name a task of the DAG, with the prefix of its group.
    """
    if "xcom_pull" not in source.text or not source.workflows:
        return
    if not all(one.is_complete for one in source.workflows):
        return
    for workflow in source.workflows:
        yield from _in_templates(workflow, source)
    yield from _in_code(source)


def _in_templates(workflow: Workflow, source: Source) -> Iterator[Finding]:
    for task in workflow.tasks.values():
        for name, text in source.templates(task):
            for pulled in outputs(text):
                if pulled.task not in workflow.tasks:
                    message = f"`{task.id}` pulls from `{pulled.task}`, and the DAG has no such task"
                    yield Finding(message, source.syntax.argument_span(task.span, name))


def _in_code(source: Source) -> Iterator[Finding]:
    syntax = source.syntax
    tasks = {task for workflow in source.workflows for task in workflow.tasks}
    for node, name in syntax.calls:
        if not name.endswith(".xcom_pull") or takes_more(node) or any(argument(node, e) for e in ELSEWHERE):
            continue
        owners = [one for one in syntax.outer(node) if isinstance(one, ast.ClassDef)]
        if owners or not syntax.runs_in_task(node):
            continue
        for one in _named(argument(node, "task_ids", 0)):
            text = syntax.text_of(one)
            if text is not None and text not in tasks:
                yield Finding(
                    f"a pull from `{text}`, and no DAG of the file has such a task", syntax.span(one)
                )


def _named(given: ast.expr | None) -> list[ast.expr]:
    if given is None:
        return []
    return list(given.elts) if isinstance(given, ast.List | ast.Tuple) else [given]
