"""The rule ``max-active-runs-vs-depends-on-past``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import literal
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, Need.GRAPH, is_default=False)
def max_active_runs_vs_depends_on_past(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A DAG allows several runs at a time, and all its tasks wait for the run before.

    With `depends_on_past` on every task the runs go one after the other, whatever `max_active_runs` says; the
    others only hold their place and seem to hang.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, max_active_runs=4):
        BashOperator(task_id="load", bash_command="load", depends_on_past=True)
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, max_active_runs=1):
        BashOperator(task_id="load", bash_command="load", depends_on_past=True)
    ```

    Instead: Set `max_active_runs=1`.
    """
    runs = literal(workflow.arguments, "max_active_runs")
    if not isinstance(runs, int) or runs < 2 or not workflow.tasks:
        return
    if all(task.argument("depends_on_past") == Literal(True) for task in workflow.tasks.values()):
        span = source.syntax.argument_span(workflow.span, "max_active_runs")
        yield Finding(f"the runs of `{workflow.id}` wait for each other, and {runs} are allowed", span)
