"""The rule ``no-failure-notification``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Literal
from dagmig.lint.operators import says_everything
from dagmig.lint.rule import Finding, Need, workflow_rule

TELLS = ("on_failure_callback", "on_retry_callback", "sla_miss_callback", "deadline")
NOTHING = (None, Literal(None), Literal([]), Literal(""))


@workflow_rule(Severity.WARNING, Need.ARGUMENTS, Need.SETTINGS, is_default=False)
def no_failure_notification(workflow: Workflow) -> Iterator[Finding]:
    """Nobody is told when a task of the DAG fails.

    Neither the DAG nor all of its tasks have an `on_failure_callback` or an `email`. An installation may
    watch its runs in another way, which a file does not show.
    See https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/callbacks.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None, on_failure_callback=print):
        BashOperator(task_id="load", bash_command="load")
    ```

    Instead: Give an `on_failure_callback` with a notifier, to the DAG or in its `default_args`.
    """
    if {*TELLS, "**"} & workflow.arguments.keys():
        return
    tasks = workflow.tasks.values()
    if not tasks or not all(says_everything(workflow, task) for task in tasks):
        return
    if not any(_tells(task) for task in tasks):
        yield Finding(f"nobody is told when `{workflow.id}` fails", workflow.span)


def _tells(task: Task) -> bool:
    return any(task.argument(name) not in NOTHING for name in (*TELLS, "email"))
