"""The rule ``too-many-dags-per-file``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

MANY = 20


@source_rule(Severity.INFO, is_default=False)
def too_many_dags_per_file(source: Source) -> Iterator[Finding]:
    """A file makes more than twenty DAGs.

    A file is parsed as a whole, in one process: the last of its DAGs waits for all the others, and each
    worker makes them all to run one task.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#reducing-dag-complexity

    ```python bad
    from airflow import DAG

    for n in range(21):
        with DAG(f"load_{n}", schedule=None):
            pass
    ```

    ```python good
    from airflow import DAG

    for n in range(20):
        with DAG(f"load_{n}", schedule=None):
            pass
    ```

    Instead: Spread them over several files, or map one DAG's tasks.
    """
    if len(source.workflows) > MANY:
        yield Finding(f"the file makes {len(source.workflows)} DAGs", source.workflows[0].span)
