"""The rule ``duplicate-dag-id``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from dagmig.diagnostics import Severity
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
        known = first.setdefault((_installation(one.span.file), one.dag_id), one)
        if known.span != one.span:
            yield Finding(f"the DAG id `{one.dag_id}` is also declared at {known.span}", one.span)


def _installation(file: str) -> str:
    """The outermost folder called ``dags`` that a file is in; empty where there is none."""
    folders = PurePath(file).parts[:-1]
    return "/".join(folders[: folders.index("dags")]) if "dags" in folders else ""
