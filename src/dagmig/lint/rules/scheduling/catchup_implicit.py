"""The rule ``catchup-implicit``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import Literal
from dagmig.lint.edit import with_argument
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

WITHOUT_PAST = ("@once", "@continuous")


@dag_rule(Severity.WARNING, Need.SETTINGS, Need.SCHEDULE, fix=FixKind.UNSAFE)
def catchup_implicit(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A scheduled DAG does not say whether it catches up.

    The default changed: Airflow 2 starts a run for each interval since the start date, Airflow 3 does
    not. The upgrade changes what the DAG does without a word. A file that imports `airflow.sdk` is
    written for Airflow 3 and is left alone. The fix writes `catchup=False`; it is unsafe, as it ends the
    catching up of a DAG that runs on Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html#catchup

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime(2024, 1, 1))
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False)
    ```

    Instead: Say `catchup=False`, or `catchup=True` where the past is wanted.
    """
    if "airflow.sdk" in source.text:
        return
    value = schedule(workflow)
    if not isinstance(value, Literal) or not isinstance(value.value, str | timedelta):
        return
    if value.value not in WITHOUT_PAST and not {"catchup", "**"} & workflow.arguments.keys():
        message = f"the DAG `{workflow.id}` has a schedule and no `catchup`"
        yield Finding(message, workflow.span, with_argument(source, workflow.span, "catchup=False"))
