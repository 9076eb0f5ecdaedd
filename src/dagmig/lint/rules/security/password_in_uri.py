"""The rule ``password-in-uri``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax
from dagmig.lint.written_secrets import in_uris


@source_rule(Severity.ERROR)
def password_in_uri(source: Source) -> Iterator[Finding]:
    """A password is written in a URI.

    Whoever reads the repository, the code page of the web server or a log can use it, and it cannot be
    changed without a deployment. Left alone: names in place of a password, and those that are no secret,
    like `user:password@`.
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="psql postgresql://etl:tr0ub4dor3@db/sales -f load.psql")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="psql {{ conn.sales.get_uri() }} -f load.psql")
    ```

    Instead: Keep it in an Airflow connection or a secrets backend.
    """
    syntax = source.syntax
    if "://" not in syntax.texts:
        return
    for node in syntax.all(ast.Constant):
        if not isinstance(node.value, str) or "://" not in node.value or _is_doc(node, syntax):
            continue
        if any(in_uris(node.value)):
            yield Finding("the URI holds a password", syntax.span(node))


def _is_doc(node: ast.Constant, syntax: Syntax) -> bool:
    """Whether a text is a statement of its own, or part of an f-string, which is said of once."""
    return isinstance(syntax.parents[node], ast.Expr | ast.JoinedStr)
