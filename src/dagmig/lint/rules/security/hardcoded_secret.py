"""The rule ``hardcoded-secret``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.secrets import may_hold_a_secret
from dagmig.lint.source import Source
from dagmig.lint.written_secrets import in_code, in_document


@source_rule(Severity.ERROR, ("dag", "machine"))
def hardcoded_secret(source: Source) -> Iterator[Finding]:
    """A password, token or key is written in the file.

    Whoever reads the repository, the web server's code page, the machine's definition or an execution's
    history can use it, and it cannot be changed without a deployment. Flagged: texts in the form of a known
    token (GitHub, GitLab, Slack, Stripe, Databricks, Google, a private key), and a literal given for
    something called password, secret, token or API key that looks like one.
    See https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/index.html

    ```python bad
    from airflow import DAG
    from airflow.providers.http.operators.http import HttpOperator

    with DAG("report", schedule=None):
        HttpOperator(task_id="call", endpoint="run", retries=2, data={"password": "tr0ub4dor&3xK9"})
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.http.operators.http import HttpOperator

    with DAG("report", schedule=None):
        HttpOperator(task_id="call", endpoint="run", retries=2, data={"password": "{{ conn.a.password }}"})
    ```

    ```json bad
    {"StartAt": "Call", "TimeoutSeconds": 60, "States": {
      "Call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "load:live", "Payload": {"api_key": "q9W3-xZ81-mmP4-77aa"}},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}],
        "End": true}}}
    ```

    ```json good
    {"StartAt": "Call", "TimeoutSeconds": 60, "States": {
      "Call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "load:live", "Payload": {"secret_id": "report"}},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}],
        "End": true}}}
    ```

    Instead: Read it when the task runs: an Airflow connection, a secrets backend, AWS Secrets Manager.
    """
    if source.kind == "dag":
        for name, _, node in in_code(source.syntax):
            said = f"`{name}` holds a secret" if name else "the text is a token"
            yield Finding(said, source.syntax.span(node))
        return
    if not may_hold_a_secret(source.text):
        return
    for subject in source.subjects:
        for pointer, name, _ in in_document(subject.machine.document):
            yield Finding(f"`{name}` holds a secret", subject.machine.locate(pointer))
