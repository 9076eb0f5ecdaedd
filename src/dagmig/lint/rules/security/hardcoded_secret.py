"""The rule ``hardcoded-secret``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from dagmig.asl.model import escape
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.secrets import (
    is_secret,
    looks_like_a_token,
    may_hold_a_secret,
    may_hold_a_token,
    may_name_a_secret,
    speaks_of_secrets,
)
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax


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
        yield from _in_python(source.syntax)
        return
    if not may_hold_a_secret(source.text):
        return
    for subject in source.subjects:
        for pointer, name, text in _texts(subject.machine.document):
            if is_secret(name, text):
                yield Finding(f"`{name}` holds a secret", subject.machine.locate(pointer))


def _in_python(syntax: Syntax) -> Iterator[Finding]:
    tokens = set(_tokens(syntax)) if may_hold_a_token(syntax.texts) else set()
    for node in tokens:
        yield Finding("the text is a token", syntax.span(node))
    for name, node in _named(syntax) if speaks_of_secrets("\n".join(syntax.names)) else ():
        if may_name_a_secret(name) and node not in tokens:
            text = _text(node)
            if text is not None and is_secret(name, text, aws=False):
                yield Finding(f"`{name}` holds a secret", syntax.span(node))


def _tokens(syntax: Syntax) -> Iterator[ast.expr]:
    for node in syntax.all(ast.Constant, ast.JoinedStr):
        text = None if isinstance(syntax.parents[node], ast.JoinedStr) else _text(node)
        if text is not None and looks_like_a_token(text):
            yield node


def _named(syntax: Syntax) -> Iterator[tuple[str, ast.expr]]:
    """What is given for an argument, a dict's key or a variable, with the name of that."""
    for given in syntax.all(ast.keyword):
        yield given.arg or "", given.value
    for entries in syntax.all(ast.Dict):
        for key, value in zip(entries.keys, entries.values, strict=True):
            yield _called(key), value
    for assignment in syntax.all(ast.Assign):
        yield _called(assignment.targets[0]), assignment.value
    for assignment in syntax.all(ast.AnnAssign):
        if assignment.value is not None:
            yield _called(assignment.target), assignment.value


def _text(node: ast.AST) -> str | None:
    """A text as written; None for one that an f-string puts together, which nobody knows."""
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str() as text)]) | ast.Constant(value=str() as text):
            return text
        case ast.Constant(value=bytes() as data):
            return data.decode("latin-1")
    return None


def _called(node: ast.AST | None) -> str:
    """The last name of what is assigned to, or of a key: ``b`` of ``a.b`` and of ``a["b"]``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str() as name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
    return ""


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
