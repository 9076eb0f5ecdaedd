"""The rule ``no-dagrun-timeout``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, Need, workflow_rule


@workflow_rule(Severity.INFO, Need.SETTINGS, Need.SCHEDULE, is_default=False)
def no_dagrun_timeout(workflow: Workflow) -> Iterator[Finding]:
    """A scheduled DAG's runs may go on without end.

    A run that hangs keeps its place among `max_active_runs`: once all are taken the DAG does not start any
    more.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("nightly", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False)
    ```

    ```python good
    from datetime import datetime, timedelta

    from airflow import DAG

    dag = DAG(
        "nightly",
        schedule="@daily",
        start_date=datetime(2024, 1, 1),
        catchup=False,
        dagrun_timeout=timedelta(hours=6),
    )
    ```

    Instead: Set `dagrun_timeout`.
    """
    value = schedule(workflow)
    is_scheduled = (
        isinstance(value, Literal) and isinstance(value.value, str | timedelta) and bool(value.value)
    )
    if is_scheduled and not {"dagrun_timeout", "**"} & workflow.arguments.keys():
        yield Finding(f"the DAG `{workflow.id}` has no `dagrun_timeout`", workflow.span)
