"""The rule ``email-flag-without-email``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Literal
from dagmig.lint.operators import says_everything
from dagmig.lint.rule import Finding, Need, workflow_rule

FLAGS = ("email_on_failure", "email_on_retry")


@workflow_rule(Severity.WARNING, Need.ARGUMENTS, words={*FLAGS})
def email_flag_without_email(workflow: Workflow) -> Iterator[Finding]:
    """Mail is asked for, and there is nobody to send it to.

    Without `email` Airflow sends nothing, whatever `email_on_failure` and `email_on_retry` say: a failure
    that somebody counts on hearing of goes unnoticed.
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/email-config.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, default_args={"email_on_failure": True}):
        BashOperator(task_id="load", bash_command="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, default_args={"email_on_failure": True, "email": ["me@example.com"]}):
        BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Give `email`, or an `on_failure_callback` with a notifier.
    """
    tasks = [task for task in workflow.tasks.values() if says_everything(workflow, task) and _flag(task)]
    for task in tasks:
        message = f"`{_flag(task)}` of `{task.id}` is set, and there is no `email`"
        yield Finding(message, task.span)


def _flag(task: Task) -> str | None:
    """The flag that sends nothing, if any."""
    if task.argument("email") not in (None, Literal(None)):
        return None
    return next((name for name in FLAGS if task.argument(name) == Literal(True)), None)
