"""The rule ``missing-tags``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Items, Literal
from dagmig.lint.rule import Finding, Need, workflow_rule

NOTHING = (None, Literal(None), Literal([]), Items(()))


@workflow_rule(Severity.INFO, Need.SETTINGS, is_default=False)
def missing_tags(workflow: Workflow) -> Iterator[Finding]:
    """A DAG has no tags.

    Tags are what the list of DAGs is filtered by. Which tags a project wants is a rule of its own
    (`rule-dirs`).
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/add-dag-tags.html

    ```python bad
    from airflow import DAG

    dag = DAG("nightly", schedule=None)
    ```

    ```python good
    from airflow import DAG

    dag = DAG("nightly", schedule=None, tags=["sales"])
    ```

    Instead: Give the DAG the tags that its team looks for.
    """
    if "**" not in workflow.arguments and workflow.arguments.get("tags") in NOTHING:
        yield Finding(f"the DAG `{workflow.id}` has no tags", workflow.span)
