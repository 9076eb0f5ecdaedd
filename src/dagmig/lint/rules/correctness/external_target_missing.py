"""The rule ``external-target-missing``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.declared import installation, misspelt
from dagmig.lint.rule import Finding, Need, run_rule
from dagmig.lint.source import Declared

SAYS = {"triggers": "triggers", "waits": "waits for"}


@run_rule(Severity.WARNING, Need.GRAPH)
def external_target_missing(declared: Iterable[Declared]) -> Iterator[Finding]:
    """A task triggers or waits for a DAG whose name is misspelt.

    Triggering fails when the task runs; waiting goes on until its timeout. A DAG that no file declares may
    live in another repository: flagged is a name that differs from a declared one in case, a separator or
    one letter, where whole folders are looked at.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/trigger_dag_run.html

    ```python bad
    from airflow import DAG
    from airflow.operators.trigger_dagrun import TriggerDagRunOperator

    load = DAG("load_sales", schedule=None)
    with DAG("nightly", schedule=None):
        TriggerDagRunOperator(task_id="load", trigger_dag_id="load-sales")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.trigger_dagrun import TriggerDagRunOperator

    load = DAG("load_sales", schedule=None)
    with DAG("nightly", schedule=None):
        TriggerDagRunOperator(task_id="load", trigger_dag_id="load_sales")
    ```

    Instead: Write the id of the DAG as it is declared.
    """
    found = list(declared)
    if any(one.kind == "partial" for one in found):
        return
    known: dict[str, set[str]] = {}
    for one in found:
        if one.kind in ("dag", "twin"):
            known.setdefault(installation(one.span.file), set()).add(one.name)
    everywhere = set().union(*known.values()) if known else set()
    for one in found:
        if one.kind in SAYS and one.name not in everywhere:
            meant = misspelt(one.name, known.get(installation(one.span.file), ()))
            if meant is not None:
                message = f"the task {SAYS[one.kind]} the DAG `{one.name}`: is `{meant}` meant?"
                yield Finding(message, one.span)
