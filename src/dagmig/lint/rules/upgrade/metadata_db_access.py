"""The rule ``metadata-db-access``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

OPENS = re.compile(
    r"^airflow\.(utils\.(session|db)\.(create_session|provide_session)|settings\.(Session|engine|SQL_ALCHEMY_CONN)"
    r"|models\..*\.find|models\.DagBag)(\(\).*)?$"
)


@source_rule(Severity.ERROR, is_default=False, airflow=">=3")
def metadata_db_access(source: Source) -> Iterator[Finding]:
    """A task works on Airflow's own database.

    Tasks of Airflow 3 run without a connection to it: opening a session raises a RuntimeError. Not on by
    default, as it is possible in Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow.decorators import dag, task
    from airflow.utils.session import create_session

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def clean():
            with create_session() as session:
                session.execute("delete from log")

        clean()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def clean():
            PostgresHook("airflow_db").run("delete from log")

        clean()

    nightly()
    ```

    Instead: Use the API (`apache-airflow-client`), or a connection to the database of one's own.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if OPENS.match(name) and syntax.runs_in_task(node):
            yield Finding("tasks of Airflow 3 cannot open a session of its database", syntax.span(node))
    for function in syntax.all(ast.FunctionDef):
        for mark, name in zip(function.decorator_list, syntax.decorators(function), strict=True):
            if OPENS.match(name) and function in syntax.in_tasks:
                yield Finding("tasks of Airflow 3 cannot open a session of its database", syntax.span(mark))
