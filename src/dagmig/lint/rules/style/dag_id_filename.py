"""The rule ``dag-id-filename``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.INFO, is_default=False)
def dag_id_filename(source: Source) -> Iterator[Finding]:
    """A DAG's id differs from the name of its file.

    Whoever sees it fail has to search for the file. Looked at: files of one DAG. Dashes and dots count as
    underscores. The example stands in `dag.py`.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html

    ```python bad
    from airflow import DAG

    dag = DAG("nightly", schedule=None)
    ```

    ```python good
    from airflow import DAG

    dag = DAG("dag", schedule=None)
    ```

    Instead: Give both one name.
    """
    if len(source.workflows) != 1:
        return
    (workflow,) = source.workflows
    stem = PurePath(source.file).stem
    if workflow.id is not None and _plain(workflow.id) != _plain(stem):
        yield Finding(f"the DAG `{workflow.id}` stands in a file of another name, `{stem}`", workflow.span)


def _plain(name: str) -> str:
    return re.sub(r"[-.]", "_", name).lower()
