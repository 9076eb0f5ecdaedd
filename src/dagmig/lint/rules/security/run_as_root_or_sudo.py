"""The rule ``run-as-root-or-sudo``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.commands import commands
from dagmig.lint.operators import known
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source

SUDO = re.compile(r"(^|[;&|\n(]\s*|\s)sudo\s")


@dag_rule(Severity.INFO, is_default=False)
def run_as_root_or_sudo(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task runs as root.

    A worker that may become root may do anything on its machine, and so may each DAG that runs there.
    See https://airflow.apache.org/docs/apache-airflow/stable/security/workload.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="sudo load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", run_as_user="loader")
    ```

    Instead: Give a user of its own the rights that the task needs.
    """
    for task in workflow.tasks.values():
        if known(task, "run_as_user") == "root":
            span = source.syntax.argument_span(task.span, "run_as_user")
            yield Finding(f"`{task.id}` runs as root", span)
            continue
        for command in commands(task, source):
            if SUDO.search(command.text):
                yield Finding(f"`{task.id}` uses sudo", command.span)
