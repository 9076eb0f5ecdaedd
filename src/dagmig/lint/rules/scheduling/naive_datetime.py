"""The rule ``naive-datetime``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

NAMES = ("start_date", "end_date")


@source_rule(Severity.INFO, is_default=False)
def naive_datetime(source: Source) -> Iterator[Finding]:
    """A start or end date has no time zone.

    Airflow takes it in the zone that `default_timezone` names, UTC if nothing: the same file means another
    moment on another installation.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/timezone.html

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("nightly", schedule=None, start_date=datetime(2024, 1, 1))
    ```

    ```python good
    from datetime import datetime, timezone

    from airflow import DAG

    dag = DAG("nightly", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc))
    ```

    Instead: Give `tzinfo`, or use `pendulum.datetime`.
    """
    syntax = source.syntax
    for node in syntax.all(ast.keyword):
        if node.arg not in NAMES or not isinstance(node.value, ast.Call):
            continue
        is_moment = syntax.name(node.value.func) == "datetime.datetime"
        if is_moment and len(node.value.args) < 8 and argument(node.value, "tzinfo") is None:
            yield Finding(f"`{node.arg}` has no time zone", syntax.span(node.value))
