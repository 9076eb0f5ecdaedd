"""The rule ``asset-schedule-no-producer``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.declared import installation, misspelt
from dagmig.lint.rule import Finding, Need, run_rule
from dagmig.lint.source import Declared


@run_rule(Severity.WARNING, Need.SCHEDULE)
def asset_schedule_no_producer(declared: Iterable[Declared]) -> Iterator[Finding]:
    """A DAG waits for an asset whose name is misspelt: it never runs.

    An asset that no task of these files produces may come from elsewhere, or from outside of Airflow:
    flagged is one that differs from a produced one in case, a separator or one letter, where whole folders
    are looked at.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/asset-scheduling.html

    ```python bad
    from airflow import DAG
    from airflow.datasets import Dataset
    from airflow.operators.bash import BashOperator

    with DAG("load", schedule=None):
        BashOperator(task_id="load", bash_command="load", outlets=[Dataset("s3://sales/rows.csv")])

    report = DAG("report", schedule=[Dataset("s3://sales/row.csv")])
    ```

    ```python good
    from airflow import DAG
    from airflow.datasets import Dataset
    from airflow.operators.bash import BashOperator

    with DAG("load", schedule=None):
        BashOperator(task_id="load", bash_command="load", outlets=[Dataset("s3://sales/rows.csv")])

    report = DAG("report", schedule=[Dataset("s3://sales/rows.csv")])
    ```

    Instead: Write the asset in one place, and import it in both files.
    """
    found = list(declared)
    if any(one.kind == "partial" for one in found):
        return
    produced: dict[str, set[str]] = {}
    for one in found:
        if one.kind == "produces":
            produced.setdefault(installation(one.span.file), set()).add(one.name)
    consumed = {one.name for one in found if one.kind == "consumes"}
    for one in found:
        if one.kind == "consumes":
            others = produced.get(installation(one.span.file), set())
            meant = misspelt(one.name, others)
            if meant is not None and meant not in consumed:
                message = f"no task produces the asset `{one.name}`: is `{meant}` meant?"
                yield Finding(message, one.span)
