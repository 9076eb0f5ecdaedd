"""The rule ``duplicate-dag-id``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, run_rule
from dagmig.lint.source import Declared


@run_rule(Severity.ERROR)
def duplicate_dag_id(declared: Iterable[Declared]) -> Iterator[Finding]:
    """Two DAGs have the same id.

    Airflow keeps one of them, whichever file it parsed last, and they take turns in the list. All files of
    the run are looked at together.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html

    ```python bad
    from airflow import DAG

    sales = DAG("load", schedule=None)
    stock = DAG("load", schedule=None)
    ```

    ```python good
    from airflow import DAG

    sales = DAG("load_sales", schedule=None)
    stock = DAG("load_stock", schedule=None)
    ```

    Instead: Give each DAG its own id.
    """
    first: dict[str, Declared] = {}
    for one in declared:
        known = first.setdefault(one.dag_id, one)
        if known.span != one.span:
            yield Finding(f"the DAG id `{one.dag_id}` is also declared at {known.span}", one.span)
