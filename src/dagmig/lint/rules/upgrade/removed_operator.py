"""The rule ``removed-operator``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.rule import Finding, workflow_rule

REMOVED = {
    "airflow.operators.subdag.SubDagOperator": "a `TaskGroup`",
    "airflow.operators.subdag_operator.SubDagOperator": "a `TaskGroup`",
    "airflow.providers.http.operators.http.SimpleHttpOperator": "`HttpOperator`",
}


@workflow_rule(Severity.ERROR, is_default=False, airflow=">=3")
def removed_operator(workflow: Workflow) -> Iterator[Finding]:
    """A task's operator is gone, and not only moved.

    Airflow 3 has no `SubDagOperator`; `SimpleHttpOperator` was removed in the HTTP provider 5.0. Classes that
    moved (`DummyOperator`, `DagParam`, the old modules) are the matter of ruff's AIR301 to AIR312
    (`--with-ruff`). Not on by default, as it is right in Airflow 2; without a fix, as the import has to
    change with it.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow import DAG
    from airflow.providers.http.operators.http import SimpleHttpOperator

    with DAG("nightly", schedule=None):
        SimpleHttpOperator(task_id="ask", endpoint="rows", retries=2)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.http.operators.http import HttpOperator

    with DAG("nightly", schedule=None):
        HttpOperator(task_id="ask", endpoint="rows", retries=2)
    ```

    Instead: Use a `TaskGroup`, or `HttpOperator`.
    """
    for task in workflow.tasks.values():
        instead = REMOVED.get(task.call.operator)
        if instead:
            name = task.call.operator.rpartition(".")[2]
            yield Finding(f"Airflow 3 has no `{name}`: use {instead}", task.span)
