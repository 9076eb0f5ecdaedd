"""The rule ``rest-api-v1``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

OLD = re.compile(
    r"/api/v1/(dags|dagRuns|dagSources|connections|variables|pools|health|importErrors|eventLogs|datasets|config)\b"
    r"|/api/experimental/"
)


@source_rule(Severity.WARNING, is_default=False, airflow=">=3")
def rest_api_v1(source: Source) -> Iterator[Finding]:
    """Code calls the REST API of Airflow 2.

    Airflow 3 has `/api/v2`, with other names (`logical_date`, `assets`) and a token in place of a password.
    Not on by default, as it is right in Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html

    ```python bad
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def names():
            return requests.get("https://airflow.example.com/api/v1/dags", timeout=60).json()

        names()

    nightly()
    ```

    ```python good
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def names():
            return requests.get("https://airflow.example.com/api/v2/dags", timeout=60).json()

        names()

    nightly()
    ```

    Instead: Use `/api/v2`, or `apache-airflow-client`.
    """
    syntax = source.syntax
    for node in syntax.all(ast.Constant):
        is_doc = isinstance(syntax.parents[node], ast.Expr)
        if isinstance(node.value, str) and not is_doc and OLD.search(node.value):
            yield Finding("Airflow 3 has no `/api/v1`", syntax.span(node))
