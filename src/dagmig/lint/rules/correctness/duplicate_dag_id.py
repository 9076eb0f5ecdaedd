"""The rule ``duplicate-dag-id``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.declared import installation
from dagmig.lint.rule import Finding, Need, run_rule
from dagmig.lint.source import Declared


@run_rule(Severity.ERROR, Need.GRAPH)
def duplicate_dag_id(declared: Iterable[Declared]) -> Iterator[Finding]:
    """Two DAGs have the same id.

    Airflow keeps one of them, whichever file it parsed last, and they take turns in the list. All files of
    the run are looked at together; two folders called `dags` are taken for those of two installations.
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
    first: dict[tuple[str, str], Declared] = {}
    for one in declared:
        if one.kind != "dag":
            continue
        known = first.setdefault((installation(one.span.file), one.name), one)
        if known.span != one.span:
            yield Finding(f"the DAG id `{one.name}` is also declared at {known.span}", one.span)
