"""The rule ``logical-date-none``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import ASSETS, schedule
from dagmig.graph.values import Items, New, Value
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source
from dagmig.lint.templated import names

BY_DATE = frozenset(
    {"ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "logical_date"}
    | {"data_interval_start", "data_interval_end"}
)


@dag_rule(Severity.WARNING, Need.SCHEDULE)
def logical_date_none(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A template asks for the date of a run that has none: assets start the DAG.

    In Airflow 3 a run that assets start has no logical date, and `ds`, `ts` and `logical_date` are not in the
    context: the template does not render, and the task fails. Looked at: files that import `airflow.sdk`, and
    templates without a test for it.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/asset-scheduling.html

    ```python bad
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG, Asset

    with DAG("report", schedule=[Asset("s3://sales/rows")]):
        BashOperator(task_id="report", bash_command="report {{ ds }}")
    ```

    ```python good
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG, Asset

    with DAG("report", schedule=[Asset("s3://sales/rows")]):
        BashOperator(task_id="report", bash_command="report {{ dag_run.run_after }}")
    ```

    Instead: Use `dag_run.run_after`, or the event's own data (`triggering_asset_events`).
    """
    if not workflow.is_airflow_3 or not _is_by_assets(schedule(workflow)):
        return
    for task in workflow.tasks.values():
        for argument, text in source.templates(task):
            asked = sorted(names(text) & BY_DATE)
            if asked and "defined" not in text and "default" not in text and "if " not in text:
                span = source.template_span(task, argument, text)
                yield Finding(f"`{asked[0]}` is not there in a run that assets start", span)


def _is_by_assets(value: Value | None) -> bool:
    """Whether a schedule is assets and nothing else."""
    match value:
        case Items(items):
            return all(map(_is_by_assets, items))
        case New(type=kind):
            return kind.endswith(ASSETS)
    return False
