"""The rule ``schedule-missing``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import SCHEDULE_ARGUMENTS
from dagmig.lint.edit import with_argument
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING, Need.SETTINGS, fix=FixKind.UNSAFE)
def schedule_missing(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A DAG does not say when it runs.

    The default changed: Airflow 2 runs such a DAG once a day, Airflow 3 never by itself. The upgrade stops
    it without a word. A file that imports `airflow.sdk` is written for Airflow 3 and is left alone. The fix
    writes Airflow 3's default, and is unsafe, as it stops the DAG in Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow import DAG

    dag = DAG("nightly")
    ```

    ```python good
    from airflow import DAG

    dag = DAG("nightly", schedule=None)
    ```

    Instead: Say `schedule`, or `schedule=None` where it is started by hand.
    """
    if workflow.is_airflow_3 or {*SCHEDULE_ARGUMENTS, "**"} & workflow.arguments.keys():
        return
    if workflow.id is not None:
        fix = with_argument(source, workflow.span, "schedule=None")
        yield Finding(f"the DAG `{workflow.id}` has no `schedule`", workflow.span, fix)
