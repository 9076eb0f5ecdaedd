"""The rule ``email-operator-and-params``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Literal
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source

OLD_HOMES = ("airflow.operators.email", "airflow.operators.email_operator")
NEW_HOME = "airflow.providers.smtp.operators.smtp"
NOTHING = (None, Literal(None), Literal([]), Literal(""))


@dag_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False, airflow=">=3")
def email_operator_and_params(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """Mail is sent by Airflow itself, which leaves it to the SMTP provider.

    `EmailOperator` of the core is gone in Airflow 3, and `email`, `email_on_failure` and `email_on_retry` are
    deprecated there. Not on by default, as it works in Airflow 2. The fix imports the provider's operator; it
    is unsafe, as that one sends by the connection `smtp_default`. It leaves `email` alone: what a notifier
    says is for a person to write.
    See https://airflow.apache.org/docs/apache-airflow-providers-smtp/stable/index.html

    ```python bad
    from airflow import DAG
    from airflow.operators.email import EmailOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        EmailOperator(task_id="send", to="me@example.com", subject="done", html_content="done")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.smtp.operators.smtp import EmailOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        EmailOperator(task_id="send", to="me@example.com", subject="done", html_content="done")
    ```

    Instead: Use `EmailOperator` and `send_smtp_notification` of the SMTP provider.
    """
    for task in workflow.tasks.values():
        if class_name(task) == "EmailOperator" and task.call.operator.startswith(OLD_HOMES):
            yield Finding(f"`{task.id}` is an `EmailOperator` of the core", task.span, _moved(task, source))
        elif task.argument("email") not in NOTHING:
            yield Finding(f"`{task.id}` has mail sent by `email`", task.span)


def _moved(task: Task, source: Source) -> Fix | None:
    """The import from the provider, where the class has an import statement of its own."""
    syntax = source.syntax
    for node in syntax.all(ast.ImportFrom):
        if f"{node.module}.EmailOperator" != task.call.operator or len(node.names) != 1 or node.level:
            continue
        start = syntax.offset(node)
        at = source.text.find(str(node.module), start, syntax.offset(node, end=True))
        return None if at < 0 else Fix((Edit(at, at + len(str(node.module)), NEW_HOME),), safe=False)
    return None
