"""The rule ``var-name-task-id-mismatch``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, is_default=False)
def var_name_task_id_mismatch(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task's variable has another name than the task.

    A reader of the graph looks for the task by its id and does not find it in the code. Dashes and dots count
    as underscores, and only ids that are written at the call are compared. There is no fix, as another id
    loses the task's history, and the variable may be used elsewhere.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        first = BashOperator(task_id="load", bash_command="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Give both one name.
    """
    syntax = source.syntax
    for task in workflow.tasks.values():
        call = syntax.call_at(task.span)
        match syntax.parents.get(call) if call is not None else None:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is call:
                given = next((one.value for one in call.keywords if one.arg == "task_id"), None)
                match given:
                    case ast.Constant(value=str() as written) if _plain(written) != _plain(name):
                        yield Finding(
                            f"the task `{written}` is called `{name}` in the code", syntax.span(given)
                        )


def _plain(name: str) -> str:
    return re.sub(r"[-.]", "_", name).strip("_").lower()
