"""The rule ``email-operator-and-params``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, workflow_rule

OLD_HOMES = ("airflow.operators.email", "airflow.operators.email_operator")
NOTHING = (None, Literal(None), Literal([]), Literal(""))


@workflow_rule(Severity.WARNING, is_default=False, airflow=">=3")
def email_operator_and_params(workflow: Workflow) -> Iterator[Finding]:
    """Mail is sent by Airflow itself, which leaves it to the SMTP provider.

    `EmailOperator` of the core is gone in Airflow 3, and `email`, `email_on_failure` and `email_on_retry` are
    deprecated there. Not on by default, as it works in Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow-providers-smtp/stable/index.html

    ```python bad
    from airflow import DAG
    from airflow.operators.email import EmailOperator

    with DAG("nightly", schedule=None):
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
            yield Finding(f"`{task.id}` is an `EmailOperator` of the core", task.span)
        elif task.argument("email") not in NOTHING:
            yield Finding(f"`{task.id}` has mail sent by `email`", task.span)
