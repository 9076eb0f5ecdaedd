"""The rule ``retries-on-non-idempotent``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, Workflow
from dagmig.lint.operators import class_name, known
from dagmig.lint.rule import Finding, workflow_rule

APPENDS = re.compile(r"^\s*(insert\s+into|copy\s)\b", re.IGNORECASE)
HARMLESS = re.compile(
    r"\bon\s+conflict\b|\bwhere\s+not\s+exists\b|\bdelete\s+from\b|\btruncate\b|\bmerge\b", re.I
)
HTTP = ("HttpOperator", "SimpleHttpOperator")


@workflow_rule(Severity.WARNING, is_default=False)
def retries_on_non_idempotent(workflow: Workflow) -> Iterator[Finding]:
    """A task that appends or posts is retried.

    The first attempt may have done its work before it failed: the retry does it twice, with double rows or
    two orders. Flagged: an `INSERT` or `COPY` without anything that makes it safe, and an HTTP `POST`, with
    retries.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#creating-a-task

    ```python bad
    from airflow import DAG
    from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

    with DAG("nightly", schedule=None):
        SQLExecuteQueryOperator(task_id="load", sql="INSERT INTO a SELECT * FROM b", retries=3)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

    with DAG("nightly", schedule=None):
        SQLExecuteQueryOperator(
            task_id="load", sql="DELETE FROM a WHERE d = '{{ ds }}'; INSERT INTO a SELECT * FROM b", retries=3
        )
    ```

    Instead: Delete first, use `MERGE` or `ON CONFLICT`, or set `retries=0`.
    """
    for task in workflow.tasks.values():
        if isinstance(task.policy.retries, int) and task.policy.retries > 0 and (what := _repeats(task)):
            yield Finding(f"`{task.id}` is retried, and {what} twice then", task.span)


def _repeats(task: Task) -> str | None:
    sql = known(task, "sql")
    if isinstance(sql, str) and APPENDS.search(sql) and not HARMLESS.search(sql):
        return "adds its rows"
    if class_name(task) in HTTP and task.call.operator.startswith("airflow."):
        method = task.argument("method")
        if method is None or known(task, "method") == "POST":
            return "posts"
    return None
