"""The rule ``mixed-dag-styles``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, run_rule
from dagmig.lint.source import Declared


@run_rule(Severity.INFO, is_default=False)
def mixed_dag_styles(declared: Iterable[Declared]) -> Iterator[Finding]:
    """Some DAGs of a project are functions under `@dag`, others are written with `DAG`.

    Whoever works on both has to know both. Named are the DAGs of the rarer way, among all files of the run.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#declaring-a-dag

    ```python bad
    from airflow import DAG
    from airflow.decorators import dag

    @dag(schedule=None)
    def daily():
        pass

    daily()
    weekly = DAG("weekly", schedule=None)
    monthly = DAG("monthly", schedule=None)
    ```

    ```python good
    from airflow import DAG

    daily = DAG("daily", schedule=None)
    weekly = DAG("weekly", schedule=None)
    monthly = DAG("monthly", schedule=None)
    ```

    Instead: Write all DAGs of a project in one way.
    """
    found = [one for one in declared if one.kind == "style"]
    counts = Counter(one.name for one in found)
    if len(counts) < 2:
        return
    usual = max(sorted(counts), key=lambda style: counts[style])
    for one in found:
        if one.name != usual:
            yield Finding(f"this DAG is written with `{one.name}`, most are with `{usual}`", one.span)
