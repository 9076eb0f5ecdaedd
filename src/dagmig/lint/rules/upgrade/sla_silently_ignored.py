"""The rule ``sla-silently-ignored``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.ERROR, is_default=False, airflow=">=3")
def sla_silently_ignored(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """An SLA is set, which Airflow 3 takes and ignores.

    `sla` and `sla_miss_callback` are still accepted, so that the file loads, and nobody is told any more
    when a run is late. Not on by default, as it is right in Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", sla=timedelta(hours=1))
    ```

    ```python good
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, dagrun_timeout=timedelta(hours=1)):
        BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Use a deadline (`deadline=DeadlineAlert(...)`, from Airflow 3.1), or a timeout.
    """
    for task in workflow.tasks.values():
        if task.argument("sla") not in (None, Literal(None)):
            span = source.syntax.argument_span(task.span, "sla")
            yield Finding(f"the SLA of `{task.id}` is ignored in Airflow 3", span)
    if workflow.arguments.get("sla_miss_callback") not in (None, Literal(None)):
        span = source.syntax.argument_span(workflow.span, "sla_miss_callback")
        yield Finding(f"`sla_miss_callback` of `{workflow.id}` is never called in Airflow 3", span)
