"""The rule ``secret-logged``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.secrets import SECRET_NAME
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

LOGS = frozenset({"print", "debug", "info", "warning", "error", "exception", "critical", "log", "pprint"})
OF_A_LOGGER = ("log", "logger", "logging", "LOG", "LOGGER")
OF_SECRETS = frozenset({"password", "get_password", "get"})  # words of what ``is_read_secret`` says
GETS_CONNECTION = ("get_connection", "Connection.get")
SAFE = frozenset({"len", "bool", "type", "isinstance", "hash"})


@source_rule(Severity.WARNING, words=OF_SECRETS)
def secret_logged(source: Source) -> Iterator[Finding]:
    """A password of a connection, or a Variable with a secret, is written to the log.

    Logs go to files and services that more people may read than the secret. Airflow masks what it knows to be
    secret, but not the parts and encodings of it, nor what another program prints.
    See https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/mask-sensitive-values.html

    ```python bad
    from airflow.decorators import dag, task
    from airflow.hooks.base import BaseHook

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            conn = BaseHook.get_connection("sales")
            print(f"as {conn.login} with {conn.password}")

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task
    from airflow.hooks.base import BaseHook

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            conn = BaseHook.get_connection("sales")
            print(f"as {conn.login}")

        load()

    nightly()
    ```

    Instead: Log the name of the connection.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        owner, _, last = name.rpartition(".")
        if last not in LOGS or (owner and not owner.endswith(OF_A_LOGGER)):
            continue
        for given in (*node.args, *(one.value for one in node.keywords)):
            for inner in _shown(given, syntax):
                made = syntax.given_to(inner) if isinstance(inner, ast.Name) else None
                if is_read_secret(inner if made is None else made, syntax):
                    yield Finding("the log gets a secret", syntax.span(inner))


def _shown(value: ast.AST, syntax: Syntax) -> Iterator[ast.AST]:
    """The parts of a value that are shown, and not only counted or asked about."""
    if isinstance(value, ast.Call) and syntax.name(value.func) in SAFE:
        return
    if isinstance(value, ast.Compare | ast.Lambda):
        return
    yield value
    for child in ast.iter_child_nodes(value):
        yield from _shown(child, syntax)


def is_read_secret(node: ast.AST, syntax: Syntax) -> bool:
    """Whether a value is a connection's password, or an Airflow Variable named like a secret."""
    match node:
        case ast.Attribute(attr="password", value=ast.Name(id=name) as holder):
            made = syntax.given_to(holder)
            is_got = isinstance(made, ast.Call) and syntax.name(made.func).endswith(GETS_CONNECTION)
            return is_got or "conn" in name.lower()
        case ast.Attribute(attr="password", value=ast.Call(func=func)):
            return syntax.name(func).endswith(GETS_CONNECTION)
        case ast.Call(func=ast.Attribute(attr="get_password", value=ast.Name(id=name))):
            return "conn" in name.lower()
        case ast.Call(func=func):
            name = syntax.name(func)
            if name.startswith("airflow.") and name.endswith("Variable.get"):
                key = syntax.text_of(argument(node, "key", 0))
                return key is not None and SECRET_NAME.search(key.lower()) is not None
    return False
