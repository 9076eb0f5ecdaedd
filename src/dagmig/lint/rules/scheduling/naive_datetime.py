"""The rule ``naive-datetime``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.edit import argument_added
from dagmig.lint.imports import with_edits, written
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

NAMES = ("start_date", "end_date")
ZONES = ("datetime.timezone", "airflow.utils.timezone")  # modules and classes that have `utc`


@source_rule(Severity.INFO, fix=FixKind.UNSAFE, is_default=False)
def naive_datetime(source: Source) -> Iterator[Finding]:
    """A start or end date has no time zone.

    Airflow takes it in the zone that `default_timezone` names, UTC if nothing: the same file means another
    moment on another installation. The fix says UTC; it is unsafe, as that is another zone where the
    installation has its own.
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
            yield Finding(
                f"`{node.arg}` has no time zone", syntax.span(node.value), _in_utc(node.value, source)
            )


def _in_utc(moment: ast.Call, source: Source) -> Fix | None:
    zone = next(filter(None, (written(source, name) for name in ZONES)), None)
    if zone is None or takes_more(moment):
        return None
    edit = argument_added(source.syntax, moment, f"tzinfo={zone.name}.utc")
    return None if edit is None else with_edits(Fix((edit,), safe=False), zone)
