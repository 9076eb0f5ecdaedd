"""The rule ``pipe-to-shell``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

PIPE = re.compile(
    r"\b(curl|wget)\b[^|;&\n]*\|\s*(sudo\s+(-\w+\s+)*)?(/bin/|/usr/bin/)?(ba|z|da|k)?sh\b(?!\.)"
    r"|\b(ba|z|da)?sh\s+(-c\s+)?[\"']?(<\(|\$\()\s*(curl|wget)\b"
)


@source_rule(Severity.WARNING)
def pipe_to_shell(source: Source) -> Iterator[Finding]:
    """A command runs what it downloads, unseen.

    Whoever holds the other side, or stands in between, runs commands on the worker; a download that breaks
    off runs half of a script.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/bash.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="install", bash_command="curl -fsSL https://example.com/install | bash")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="install", bash_command="bash /opt/install.sh --version 3.1")
    ```

    Instead: Install it when the image is built, and check a checksum.
    """
    syntax = source.syntax
    if "curl" not in syntax.texts and "wget" not in syntax.texts:
        return
    for node in syntax.all(ast.Constant):
        is_doc = isinstance(syntax.parents[node], ast.Expr)
        if isinstance(node.value, str) and not is_doc and PIPE.search(node.value):
            yield Finding("the command runs what it downloads", syntax.span(node))
