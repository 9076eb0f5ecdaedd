"""The rule ``latest-partition-read``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.operators import known
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source

SQL = ("sql", "query", "hql")
DDL = re.compile(r"\s*(create|replace|alter|drop)\b", re.IGNORECASE)
CLOCK = re.compile(
    r"(?<!\bdefault )\b(current_date|current_timestamp|getdate\s*\(|sysdate|now\s*\(\s*\)|curdate\s*\("
    r"|today\s*\(\s*\))"
    r"|\bmax\s*\(\s*(\w+\.)?(ds|dt|day|date|\w+_date|partition\w*)\s*\)",
    re.IGNORECASE,
)


@dag_rule(Severity.INFO, is_default=False)
def latest_partition_read(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A query works on the newest data, or on today's, and not on the run's.

    A run that is repeated or late reads something else than it did: `CURRENT_DATE`, `now()`, `max(day)`.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#creating-a-task

    ```python bad
    from airflow import DAG
    from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        SQLExecuteQueryOperator(task_id="load", sql="SELECT * FROM a WHERE day = CURRENT_DATE")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        SQLExecuteQueryOperator(task_id="load", sql="SELECT * FROM a WHERE day = '{{ ds }}'")
    ```

    Instead: Ask for the run's day: `'{{ ds }}'`.
    """
    for task in workflow.tasks.values():
        for name in SQL:
            text = known(task, name)
            is_ddl = isinstance(text, str) and DDL.match(text) is not None
            if isinstance(text, str) and not is_ddl and (found := CLOCK.search(text)):
                span = source.syntax.argument_span(task.span, name)
                yield Finding(f"the query of `{task.id}` asks for `{found[0]}`, not for the run's day", span)
