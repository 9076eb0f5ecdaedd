"""The rule ``missing-doc-md``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, Need.SETTINGS, is_default=False)
def missing_doc_md(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A DAG says nowhere what it does.

    `doc_md` is shown above the DAG's graph; the docstring of a function under `@dag` counts, and a
    `description` does not. A file that sets `doc_md` later is left alone.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#dag-task-documentation

    ```python bad
    from airflow import DAG

    dag = DAG("nightly", schedule=None)
    ```

    ```python good
    from airflow import DAG

    dag = DAG("nightly", schedule=None, doc_md="Loads the sales of a day.")
    ```

    Instead: Say it in `doc_md`.
    """
    if not workflow.doc and not {"doc_md", "**"} & workflow.arguments.keys() and ".doc_md" not in source.text:
        yield Finding(f"the DAG `{workflow.id}` has no `doc_md`", workflow.span)
