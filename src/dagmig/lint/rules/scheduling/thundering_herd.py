"""The rule ``thundering-herd``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.cron import PRESETS
from dagmig.lint.rule import Finding, Need, run_rule
from dagmig.lint.source import Declared

MANY = 10  # DAGs at one moment


@run_rule(Severity.INFO, Need.GRAPH, Need.SCHEDULE, is_default=False)
def thundering_herd(declared: Iterable[Declared]) -> Iterator[Finding]:
    """Ten DAGs or more start at the same moment.

    All of them ask for slots and for the same databases at once, and stand idle for the rest of the day. The
    first DAG of each such moment is flagged.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html

    ```python bad
    from datetime import datetime

    from airflow import DAG

    for n in range(10):
        with DAG(f"load_{n}", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False):
            pass
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG

    for n in range(10):
        with DAG(f"load_{n}", schedule=f"{n * 5} 0 * * *", start_date=datetime(2024, 1, 1), catchup=False):
            pass
    ```

    Instead: Spread the minutes and hours.
    """
    at: dict[str, list[Declared]] = defaultdict(list)
    for one in declared:
        if one.kind in ("dag", "twin") and one.detail not in ("", "@once", "@continuous"):
            at[" ".join(PRESETS.get(one.detail, one.detail).split())].append(one)
    for expression, herd in at.items():
        if len(herd) >= MANY:
            yield Finding(f"{len(herd)} DAGs start together, at `{expression}`", herd[0].span)
