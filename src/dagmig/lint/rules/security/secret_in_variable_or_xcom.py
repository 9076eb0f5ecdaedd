"""The rule ``secret-in-variable-or-xcom``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.rules.security.secret_logged import OF_SECRETS, is_read_secret
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax


@source_rule(Severity.WARNING, words=OF_SECRETS)
def secret_in_variable_or_xcom(source: Source) -> Iterator[Finding]:
    """A task returns or stores a password.

    XComs and most Variables are kept as they are in the metadata database and shown in the web server.
    Flagged: a connection's password, or a Variable named like a secret, that a task returns, pushes, or
    writes to a Variable.
    See https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/index.html

    ```python bad
    from airflow.decorators import dag, task
    from airflow.hooks.base import BaseHook

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def credentials():
            conn = BaseHook.get_connection("sales")
            return {"user": conn.login, "password": conn.password}

        credentials()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task
    from airflow.hooks.base import BaseHook

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def credentials():
            conn = BaseHook.get_connection("sales")
            return {"user": conn.login, "connection": "sales"}

        credentials()

    nightly()
    ```

    Instead: Hand on the name of the connection, and look the secret up where it is used.
    """
    syntax = source.syntax
    for function in syntax.task_functions:
        for value in syntax.returned(function):
            yield from _held(value, syntax, "returns")
    for node, name in syntax.calls:
        if name.endswith(".xcom_push"):
            yield from _held(argument(node, "value", 1), syntax, "pushes")
        elif name.startswith("airflow.") and name.endswith("Variable.set"):
            yield from _held(argument(node, "value", 1), syntax, "stores")


def _held(value: ast.expr | None, syntax: Syntax, does: str) -> Iterator[Finding]:
    """The secrets that a value is, or holds as a member."""
    match value:
        case None:
            return
        case ast.Dict(values=members) | ast.List(elts=members) | ast.Tuple(elts=members):
            for one in members:
                yield from _held(one, syntax, does)
        case ast.JoinedStr(values=members):
            for one in members:
                if isinstance(one, ast.FormattedValue):
                    yield from _held(one.value, syntax, does)
        case _ if is_read_secret(value, syntax):
            yield Finding(f"the task {does} a secret", syntax.span(value))
