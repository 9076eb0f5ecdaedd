"""The rule ``top-level-network``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

CALLS = re.compile(
    r"""requests\.(get|post|put|patch|delete|head|options|request)
    | httpx\.(get|post|put|patch|delete|head|options|request|stream)
    | urllib\.request\.(urlopen|urlretrieve) | urllib3\.request
    | boto3\.((session\.)?Session\(\)\.)?(client|resource)
    | grpc\.(insecure|secure)_channel | socket\.create_connection""",
    re.VERBOSE,
)
LIBRARIES = frozenset({"requests", "httpx", "urllib", "urllib3", "boto3", "grpc", "socket"})


@source_rule(Severity.WARNING, words=LIBRARIES)
def top_level_network(source: Source) -> Iterator[Finding]:
    """A network call is made each time the file is parsed.

    The scheduler parses a DAG file every few seconds and gives up after 30 seconds. A call outside of a task
    slows all of them, costs requests, and makes the DAG vanish when the other side is away.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#top-level-python-code

    ```python bad
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def report():
        tables = requests.get("https://example.com/tables", timeout=5).json()

        @task(retries=2)
        def count():
            return len(tables)

        count()

    report()
    ```

    ```python good
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def report():
        @task(retries=2)
        def count():
            tables = requests.get("https://example.com/tables", timeout=5).json()
            return len(tables)

        count()

    report()
    ```

    Instead: Make the call inside a task, or in a file that is written by another process.
    """
    syntax = source.syntax
    imported = {name.partition(".")[0] for name in syntax.imports.values()} & LIBRARIES
    for node, name in syntax.calls if imported else ():
        if name.partition(".")[0] in imported and CALLS.fullmatch(name) and syntax.runs_at_parse(node):
            yield Finding("a network call is made each time the file is parsed", syntax.span(node))
