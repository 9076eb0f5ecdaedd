"""The rule ``retry-delay-zero-or-missing-backoff``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dagmig.diagnostics import Fix, Severity
from dagmig.graph.model import Task, Workflow
from dagmig.lint.edit import replaced
from dagmig.lint.imports import with_edits, written
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source

MANY = 4
SHORT = timedelta(minutes=1)


@dag_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def retry_delay_zero_or_missing_backoff(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task retries at once, or many times in quick succession.

    A service that is away for a minute is still away a second later: the retries are used up before it is
    back, and they press on it when it is weakest. Flagged: a delay of zero, and four or more retries
    with a constant delay under a minute.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html

    ```python bad
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", retries=3, retry_delay=timedelta(0))
    ```

    ```python good
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", retries=3, retry_delay=timedelta(minutes=2))
    ```

    Instead: Wait a minute or more, or set `retry_exponential_backoff`.
    """
    for task in workflow.tasks.values():
        policy = task.policy
        if not isinstance(policy.retries, int) or not isinstance(policy.retry_delay, timedelta):
            continue
        if policy.retries > 0 and not policy.retry_delay:
            yield Finding(f"the task `{task.id}` retries without a delay", task.span, _delayed(task, source))
        elif policy.retries >= MANY and policy.retry_delay < SHORT and policy.backoff == 0:
            message = f"the task `{task.id}` retries {policy.retries} times without a growing delay"
            yield Finding(message, task.span, _delayed(task, source))


def _delayed(task: Task, source: Source) -> Fix | None:
    """Two minutes, where the delay is written in the task's call; unsafe, as failing then takes longer."""
    name = written(source, "datetime.timedelta")
    span = source.syntax.argument_span(task.span, "retry_delay")
    if name is None or span == task.span:
        return None
    return with_edits(replaced(source, span, f"{name.name}(minutes=2)"), name)
