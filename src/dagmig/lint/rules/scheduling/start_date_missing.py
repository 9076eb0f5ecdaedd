"""The rule ``start-date-missing``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import Literal
from dagmig.lint.operators import is_for_airflow_2
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.ERROR, Need.SETTINGS, Need.SCHEDULE, Need.ARGUMENTS)
def start_date_missing(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A scheduled DAG of Airflow 2 has no start date.

    Airflow 2 refuses it: it counts its runs from the start date. Airflow 3 begins now where there is none, so
    that only files are looked at that cannot be loaded by it, as they import what it does not have.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html#what-s-the-deal-with-start-date

    ```python bad
    from airflow import DAG
    from airflow.operators.dummy import DummyOperator

    with DAG("nightly", schedule="@daily", catchup=False):
        DummyOperator(task_id="load")
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG
    from airflow.operators.dummy import DummyOperator

    with DAG("nightly", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False):
        DummyOperator(task_id="load")
    ```

    Instead: Give the DAG a `start_date`, a fixed day in the past.
    """
    when = schedule(workflow)
    if not isinstance(when, Literal) or not isinstance(when.value, str | timedelta) or not when.value:
        return
    if {"start_date", "**"} & (workflow.arguments.keys() | workflow.defaults.keys()):
        return
    tasks = workflow.tasks.values()
    if not tasks or any({"start_date", "**"} & ({*t.call.arguments} | {*t.defaults}) for t in tasks):
        return
    if not workflow.is_airflow_3 and is_for_airflow_2(source.syntax.imports.values()):
        yield Finding(f"the DAG `{workflow.id}` has a schedule and no `start_date`", workflow.span)
