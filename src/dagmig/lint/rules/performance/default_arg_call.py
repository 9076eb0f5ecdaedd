"""The rule ``default-arg-call``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.clock import CLOCKS
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.words import last

ASKS = re.compile(
    r"^airflow\..*(Variable\.get|get_connection|Connection\.get)$"
    r"|^(requests|httpx)\.(get|post)$|^boto3\.(client|resource)$|^open$"
)


@source_rule(
    Severity.WARNING, words=last(CLOCKS) | {"get", "get_connection", "post", "client", "resource", "open"}
)
def default_arg_call(source: Source) -> Iterator[Finding]:
    """The default of a function's argument is asked for when the file is parsed.

    Python computes defaults once, where the function is defined: a Variable, a connection or the time is
    looked up at each parse by the scheduler, and the task gets the value of that moment, not its own.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#top-level-python-code

    ```python bad
    from airflow.decorators import dag, task
    from airflow.models import Variable

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(bucket=Variable.get("bucket")):
            print(bucket)

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task
    from airflow.models import Variable

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(bucket=None):
            print(bucket or Variable.get("bucket"))

        load()

    nightly()
    ```

    Instead: Take None as the default, and look it up in the function.
    """
    syntax = source.syntax
    for given in syntax.all(ast.arguments):
        if not syntax.runs_at_parse(syntax.parents[given]):
            continue
        for default in [*given.defaults, *(one for one in given.kw_defaults if one is not None)]:
            for node in ast.walk(default):
                name = syntax.name(node.func) if isinstance(node, ast.Call) else ""
                if name in CLOCKS or ASKS.match(name):
                    yield Finding(f"the default `{name}()` is computed at each parse", syntax.span(node))
