"""The rule ``relative-path``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.values import Literal
from dagmig.lint.local_files import access
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, is_default=False)
def relative_path(source: Source) -> Iterator[Finding]:
    """A task reads a file of the project by a relative path.

    It is relative to where the worker happens to be started, and with Airflow 3 a DAG bundle may be in a
    folder of its own for each version. Looked at: paths with a folder, of files that nothing in the same file
    writes, and the DAG's `template_searchpath`. What is opened when the file is parsed is the matter of
    `top-level-io`. Not on by default, as an image that is made for the project has a fixed place.
    See https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/dag-bundles.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            return open("include/query.sql").read()

        load()

    nightly()
    ```

    ```python good
    from pathlib import Path

    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            return (Path(__file__).parent / "include/query.sql").read_text()

        load()

    nightly()
    ```

    Instead: Start from `Path(__file__).parent`.
    """
    syntax = source.syntax
    found = [(node, *access(node, name, syntax)) for node, name in syntax.calls]
    written = {path for _, path, is_write in found if is_write}
    for node, path, is_write in found:
        is_read = path is not None and not is_write and path not in written
        if is_read and path is not None and _is_relative(path) and syntax.runs_in_task(node):
            yield Finding(f"`{path}` is relative to where the worker was started", syntax.span(node))
    for workflow in source.workflows:
        value = workflow.arguments.get("template_searchpath")
        given = value.value if isinstance(value, Literal) else None
        if any(_is_relative(f"{one}/") for one in (given if isinstance(given, list) else [given]) if one):
            span = syntax.argument_span(workflow.span, "template_searchpath")
            yield Finding("the search path is relative to where Airflow was started", span)


def _is_relative(path: object) -> bool:
    return isinstance(path, str) and "/" in path and not path.startswith(("/", "~")) and "://" not in path
