"""The rule ``no-dagrun-timeout``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import Literal
from dagmig.lint.edit import with_argument
from dagmig.lint.imports import with_edits, written
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, Need.SETTINGS, Need.SCHEDULE, fix=FixKind.UNSAFE, is_default=False)
def no_dagrun_timeout(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A scheduled DAG's runs may go on without end.

    A run that hangs keeps its place among `max_active_runs`: once all are taken the DAG does not start any
    more. The fix gives a run a day; it is unsafe, as a run may need longer.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG(
        "nightly",
        schedule="@daily",
        start_date=datetime(2024, 1, 1),
        catchup=False,
    )
    ```

    ```python good
    from datetime import datetime, timedelta

    from airflow import DAG

    dag = DAG(
        "nightly",
        schedule="@daily",
        start_date=datetime(2024, 1, 1),
        catchup=False,
        dagrun_timeout=timedelta(days=1),
    )
    ```

    Instead: Set `dagrun_timeout`.
    """
    value = schedule(workflow)
    is_scheduled = (
        isinstance(value, Literal) and isinstance(value.value, str | timedelta) and bool(value.value)
    )
    if is_scheduled and not {"dagrun_timeout", "**"} & workflow.arguments.keys():
        fix = None
        if name := written(source, "datetime.timedelta"):
            added = with_argument(source, workflow.span, f"dagrun_timeout={name.name}(days=1)")
            fix = with_edits(added, name)
        yield Finding(f"the DAG `{workflow.id}` has no `dagrun_timeout`", workflow.span, fix)
