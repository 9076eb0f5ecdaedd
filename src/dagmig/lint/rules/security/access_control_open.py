"""The rule ``access-control-open``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source

OPEN = frozenset({"Public", "Viewer"})


@dag_rule(Severity.INFO, is_default=False)
def access_control_open(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A DAG gives everybody, or everybody who may look, more than looking.

    `Public` is who is not logged in, `Viewer` a role for reading: with `can_edit` or `can_delete` on the DAG
    they start and stop its runs.
    See https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/access-control.html

    ```python bad
    from airflow import DAG

    dag = DAG("nightly", schedule=None, access_control={"Public": {"can_read", "can_edit"}})
    ```

    ```python good
    from airflow import DAG

    dag = DAG("nightly", schedule=None, access_control={"sales": {"can_read", "can_edit"}})
    ```

    Instead: Name the role of the team.
    """
    given = workflow.arguments.get("access_control")
    roles = given.value if isinstance(given, Literal) and isinstance(given.value, dict) else {}
    for role in sorted(OPEN & roles.keys()):
        if any(f"can_{verb}" in str(roles[role]) for verb in ("edit", "delete", "create")):
            span = source.syntax.argument_span(workflow.span, "access_control")
            yield Finding(f"the DAG `{workflow.id}` lets `{role}` change it", span)
