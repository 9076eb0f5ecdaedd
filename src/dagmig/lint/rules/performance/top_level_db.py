"""The rule ``top-level-db``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.words import last

CONNECTS = frozenset(
    {
        *("psycopg2.connect", "psycopg.connect", "sqlite3.connect", "pymysql.connect", "MySQLdb.connect"),
        *("mysql.connector.connect", "cx_Oracle.connect", "oracledb.connect", "pyodbc.connect"),
        *("snowflake.connector.connect", "pymongo.MongoClient", "redis.Redis.from_url", "duckdb.connect"),
        *("trino.dbapi.connect", "redshift_connector.connect", "clickhouse_connect.get_client"),
        *("pandas.read_sql", "pandas.read_sql_query", "pandas.read_sql_table", "pandas.read_gbq"),
        *("airflow.utils.session.create_session", "airflow.settings.Session"),
    }
)
ENGINE = re.compile(r"sqlalchemy\.(engine\.)?create_engine\(\)\.(connect|begin|execute|raw_connection)$")


@source_rule(Severity.WARNING, words=last(CONNECTS) | {"create_engine"})
def top_level_db(source: Source) -> Iterator[Finding]:
    """A database is asked each time the file is parsed.

    The scheduler parses a DAG file every few seconds and gives up after 30 seconds: the database serves the
    scheduler more than the tasks, and the DAGs vanish while it is away. An engine that is only made connects
    later, and is left alone.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#top-level-python-code

    ```python bad
    import psycopg2
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    CONNECTION = psycopg2.connect("dbname=sales")

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load")
    ```

    ```python good
    import psycopg2
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            connection = psycopg2.connect("dbname=sales")
            connection.close()

        load()

    nightly()
    ```

    Instead: Connect inside a task.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        is_engine = "sqlalchemy" in source.text and ENGINE.match(syntax.made(name))
        if (name in CONNECTS or is_engine) and syntax.runs_at_parse(node):
            yield Finding(f"`{name}` asks a database each time the file is parsed", syntax.span(node))
