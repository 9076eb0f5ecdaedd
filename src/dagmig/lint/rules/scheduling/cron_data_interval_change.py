"""The rule ``cron-data-interval-change``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.declared import cron
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source
from dagmig.lint.templated import names

ENDS = {"data_interval_start", "data_interval_end"}


@dag_rule(Severity.WARNING, Need.SCHEDULE)
def cron_data_interval_change(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task works on the time from the start to the end of its interval, which is empty in Airflow 3.

    Airflow 3 makes a `CronTriggerTimetable` of a cron expression, whose interval starts and ends at the
    moment of the run; in Airflow 2 it was the time since the run before. Looked at: files that import
    `airflow.sdk`, and templates with both ends in one text.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/timetable.html

    ```python bad
    from datetime import datetime

    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG

    with DAG("nightly", schedule="0 3 * * *", start_date=datetime(2024, 1, 1)):
        BashOperator(task_id="load", bash_command="load {{ data_interval_start }} {{ data_interval_end }}")
    ```

    ```python good
    from datetime import datetime

    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG, CronDataIntervalTimetable

    EVERY_NIGHT = CronDataIntervalTimetable("0 3 * * *", timezone="UTC")
    with DAG("nightly", schedule=EVERY_NIGHT, start_date=datetime(2024, 1, 1)):
        BashOperator(task_id="load", bash_command="load {{ data_interval_start }} {{ data_interval_end }}")
    ```

    Instead: Give a `CronDataIntervalTimetable`, or work out the start from `logical_date`.
    """
    if not workflow.is_airflow_3 or not cron(workflow) or cron(workflow) == "@once":
        return
    for task in workflow.tasks.values():
        for argument, text in source.templates(task):
            if names(text) >= ENDS:
                span = source.template_span(task, argument, text)
                yield Finding(f"the interval that `{task.id}` works on is empty in Airflow 3", span)
