"""The rule ``invalid-id``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity, Span
from dagmig.graph.model import Group, Workflow
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

KEY = re.compile(r"[\w.-]+")
GROUP_KEY = re.compile(r"[\w-]+")
MAX_KEY, MAX_GROUP_KEY = 250, 200  # characters; airflow.utils.helpers


@source_rule(Severity.ERROR)
def invalid_id(source: Source) -> Iterator[Finding]:
    """The id of a DAG, task or task group is none that Airflow takes.

    Airflow refuses the file when it loads it. An id holds letters, digits, dashes, underscores and, but
    for a group's, dots; with the prefix of its groups it has at most 250 characters, a group's own 200.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load sales", bash_command="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load_sales", bash_command="load")
    ```

    Instead: Write an underscore for other characters, and keep the text for `dag_display_name` and the like.
    """
    workflows = source.workflows
    if any(diagnostic.code == "assumed-default" for diagnostic in source.report.diagnostics):
        return  # an id may be made of what is only assumed
    for workflow in workflows:
        for kind, name, why, span in _wrong(workflow):
            yield Finding(f"the {kind} `{name[:60]}` {why}", span)


def _wrong(workflow: Workflow) -> Iterator[tuple[str, str, str, Span]]:
    """What, its id, why Airflow refuses it, where."""
    if workflow.id is not None and (why := _problem(workflow.id)):
        yield "dag_id", workflow.id, why, workflow.span
    for task in workflow.tasks.values():
        if "unknown" not in task.id and (why := _problem(task.id)):
            yield "task_id", task.id, why, task.span
    for group in workflow.groups.values():
        name = group.id.removeprefix(f"{group.parent}.")
        if why := _problem_of_group(name, group):
            yield "group_id", name, why, group.span


def _problem(name: str) -> str:
    if len(name) > MAX_KEY:
        return f"has {len(name)} characters: at most {MAX_KEY} are allowed"
    if KEY.fullmatch(name):
        return ""
    return "holds more than letters, digits, dashes, dots and underscores" if name else "is empty"


def _problem_of_group(name: str, group: Group) -> str:
    if len(name) > MAX_GROUP_KEY:
        return f"has {len(name)} characters: at most {MAX_GROUP_KEY} are allowed"
    pattern = GROUP_KEY if group.parent is None else KEY  # else the dot may be its parents'
    if not name or pattern.fullmatch(name):
        return ""
    return "holds more than letters, digits, dashes and underscores"
