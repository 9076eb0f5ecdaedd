"""The rule ``xcom-not-serialisable``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Def, Syntax

OPEN_THINGS = {
    "open": "an open file",
    "boto3.client": "a client of AWS",
    "boto3.resource": "a client of AWS",
    "boto3.Session": "a session of AWS",
    "requests.Session": "a session",
    "sqlalchemy.create_engine": "a database engine",
    "psycopg2.connect": "a database connection",
    "sqlite3.connect": "a database connection",
    "threading.Lock": "a lock",
}
OPENS = {
    "get_conn": "a connection",
    "get_sqlalchemy_engine": "a database engine",
    "cursor": "a database cursor",
}


@source_rule(Severity.WARNING)
def xcom_not_serialisable(source: Source) -> Iterator[Finding]:
    """A task returns something that cannot be written down: a connection, a client, a generator, a function.

    What a task returns is stored as JSON for the tasks after it. These things cannot be stored, and the task
    fails after its work is done. Data frames, sets and dates can, from Airflow 2.6 on, and are left alone, as
    is a task that pushes nothing.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#communication

    ```python bad
    import boto3
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def connect():
            return boto3.client("s3")

        connect()

    nightly()
    ```

    ```python good
    import boto3
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def connect():
            return boto3.client("s3").list_buckets()["Buckets"][0]["Name"]

        connect()

    nightly()
    ```

    Instead: Return the data, or a name by which the next task opens the thing itself.
    """
    syntax = source.syntax
    for function in dict.fromkeys([*syntax.task_functions, *_callables(syntax)]):
        if isinstance(function, ast.AsyncFunctionDef) or _pushes_nothing(function, syntax):
            continue
        for value in syntax.returned(function):
            if what := _what(value, syntax):
                yield Finding(f"`{function.name}` returns {what}", syntax.span(value))


def _callables(syntax: Syntax) -> Iterator[Def]:
    """The functions of the file that a ``PythonOperator`` is given, which pushes what they return."""
    for call, name in syntax.calls:
        if not name.startswith("airflow.") or not name.endswith(".PythonOperator"):
            continue
        given, pushes = argument(call, "python_callable"), argument(call, "do_xcom_push")
        found = syntax.functions.get(given.id, []) if isinstance(given, ast.Name) else []
        if len(found) == 1 and pushes is None and not takes_more(call):
            yield found[0]


def _pushes_nothing(function: Def, syntax: Syntax) -> bool:
    mark = syntax.decorator(function)
    if not isinstance(mark, ast.Call):
        return False
    if isinstance(mark.func, ast.Attribute) and mark.func.attr not in ("python",):
        return True  # branches, sensors, containers: what they return is another matter
    given = argument(mark, "do_xcom_push")
    return given is not None and not (isinstance(given, ast.Constant) and given.value is True)


def _what(value: ast.expr | None, syntax: Syntax) -> str | None:
    match value:
        case ast.Lambda():
            return "a function"
        case ast.GeneratorExp():
            return "a generator"
        case ast.Call():
            name = syntax.name(value.func)
            return OPEN_THINGS.get(name) or (OPENS.get(name.rpartition(".")[2]) if "." in name else None)
    return None
