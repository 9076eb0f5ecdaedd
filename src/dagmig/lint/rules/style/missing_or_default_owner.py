"""The rule ``missing-or-default-owner``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.operators import says_everything
from dagmig.lint.rule import Finding, Need, workflow_rule

NOBODY = (None, Literal("airflow"), Literal(""))


@workflow_rule(Severity.WARNING, Need.ARGUMENTS, is_default=False)
def missing_or_default_owner(workflow: Workflow) -> Iterator[Finding]:
    """A DAG has no owner, or `airflow`.

    Whoever finds it failing does not know whom to ask. The first task without an owner of its own is named.
    Opt-in: it is a question of how a team works, and most DAGs would be named.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, default_args={"owner": "sales"}):
        BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Give the team as `owner` in the DAG's `default_args`.
    """
    for task in workflow.tasks.values():
        if not says_everything(workflow, task):
            continue
        if task.argument("owner") in NOBODY:
            yield Finding(f"the DAG `{workflow.id}` has no owner: `{task.id}`", workflow.span)
            return
