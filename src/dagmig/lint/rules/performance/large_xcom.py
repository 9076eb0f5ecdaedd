"""The rule ``large-xcom``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

WHOLE = re.compile(
    r"^(pandas|polars)\.read_\w+$|^requests\.get\(\)\.content$|^open\(\)\.read$"
    r"|\.(fetchall|to_csv|to_json|get_pandas_df|get_df|toPandas)$"
)


@source_rule(Severity.WARNING, is_default=False)
def large_xcom(source: Source) -> Iterator[Finding]:
    """A task returns a whole table or file.

    What a task returns is stored in the metadata database, for each run, and sent to each task that asks for
    it. How large it is a file does not say: the rule is for projects that keep data out of XComs. Opt-in, as
    small tables are what XComs are for.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#communication

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(cursor):
            return cursor.fetchall()

        load(None)

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(cursor):
            return len(cursor.fetchall())

        load(None)

    nightly()
    ```

    Instead: Put the data where all workers reach it, and return its place.
    """
    syntax = source.syntax
    for function in syntax.task_functions:
        for value in syntax.returned(function):
            name = syntax.name(value.func if isinstance(value, ast.Call) else value)
            if WHOLE.search(name):
                yield Finding(f"`{function.name}` returns a whole table or file", syntax.span(value))
