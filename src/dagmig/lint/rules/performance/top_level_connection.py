"""The rule ``top-level-connection``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

GETS = re.compile(r"^airflow\..*(\.get_connection|\.Connection\.(get|get_connection_from_secrets))$")
OF_A_HOOK = re.compile(
    r"Hook\(\)\.(get_(conn|connection|records|first|pandas_df|df|key|secret)|read_key|run|insert_rows"
    r"|(load|list|check_for|copy|describe|download|select)_\w+)$"
)


@source_rule(Severity.WARNING)
def top_level_connection(source: Source) -> Iterator[Finding]:
    """An Airflow connection is looked up each time the file is parsed.

    The scheduler parses a DAG file every few seconds: a lookup outside of a task is a query of the database
    or secrets backend every few seconds, a hook's method a call of the service, and the DAGs vanish while
    the other side is away. To make a hook and use it later is no lookup.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#top-level-python-code

    ```python bad
    from airflow import DAG
    from airflow.hooks.base import BaseHook
    from airflow.operators.bash import BashOperator

    HOST = BaseHook.get_connection("sales").host

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=f"load {HOST}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load {{ conn.sales.host }}")
    ```

    Instead: Look it up in the task, or let Jinja do it: `{{ conn.name.host }}`.
    """
    if "onnection" not in source.text and "Hook" not in source.text:
        return
    syntax = source.syntax
    for node, name in syntax.calls:
        full = syntax.made(name)
        is_of_hook = full.startswith("airflow.") and OF_A_HOOK.search(full)
        if (GETS.search(name) or is_of_hook) and syntax.runs_at_parse(node):
            yield Finding("a connection is looked up each time the file is parsed", syntax.span(node))
