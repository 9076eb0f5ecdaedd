"""The rule ``hardcoded-secret``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dagmig.asl.model import escape
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.secrets import is_secret, looks_like_a_token, may_hold_a_secret
from dagmig.lint.source import Source


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
    if not may_hold_a_secret(source.text):
        return
    if source.kind == "dag":
        yield from _in_python(source)
        return
    for subject in source.subjects:
        for pointer, name, text in _texts(subject.machine.document):
            if is_secret(name, text):
                yield Finding(f"`{name}` holds a secret", subject.machine.locate(pointer))


def _in_python(source: Source) -> Iterator[Finding]:
    for node in source.tree.find_all(kind="string"):
        if any(child.kind() == "interpolation" for child in node.children()):
            continue
        text = "".join(child.text() for child in node.children() if child.kind() == "string_content")
        parent = node.parent()
        name = _name(parent) if parent is not None else ""
        if is_secret(name, text, aws=False):
            what = "the text is a token" if looks_like_a_token(text) else f"`{name}` holds a secret"
            yield Finding(what, source.span(node))


def _name(parent: Any) -> str:
    """What a literal is given for: the argument, dict key or variable, empty where it has no name."""
    fields = {"keyword_argument": "name", "pair": "key", "assignment": "left"}
    if parent.kind() not in fields:
        return ""
    found = parent.field(fields[parent.kind()])
    return "" if found is None else str(found.text()).strip("\"'")


def _texts(document: Any) -> Iterator[tuple[str, str, str]]:
    """Each text of a document: its pointer, the key it stands under, the text."""
    waiting: list[tuple[str, str, Any]] = [("", "", document)]
    while waiting:
        pointer, name, value = waiting.pop()
        if isinstance(value, str):
            yield pointer, name, value
        elif isinstance(value, dict):
            waiting += [(f"{pointer}/{escape(str(key))}", str(key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{index}", name, inner) for index, inner in enumerate(value)]
