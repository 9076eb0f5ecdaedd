"""The rule ``local-file-between-tasks``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.local_files import READS, WRITES, access
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, words={"open", *WRITES, *READS})
def local_file_between_tasks(source: Source) -> Iterator[Finding]:
    """A task reads a local file that another task wrote.

    Tasks of one run may run on different machines, and a worker's disk is gone with its container. It works
    with one worker, and fails the day there are two. Looked at: absolute paths that stand in two task
    functions.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#communication

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            with open("/tmp/rows.csv", "w") as file:
                file.write("1,2")

        @task(retries=2)
        def report():
            with open("/tmp/rows.csv") as file:
                print(file.read())

        load() >> report()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            return "1,2"

        @task(retries=2)
        def report(rows):
            print(rows)

        report(load())

    nightly()
    ```

    Instead: Return small data, and put large data where all workers reach it (S3, a database).
    """
    syntax = source.syntax
    written: dict[str, ast.AST] = {}
    read: list[tuple[str, ast.Call, ast.AST]] = []
    for node, name in syntax.calls:
        path, is_write = access(node, name, syntax)
        task = syntax.task_of(node) if path is not None and path.startswith("/") else None
        if path is None or task is None:
            continue
        if is_write:
            written.setdefault(path, task)
        else:
            read.append((path, node, task))
    for path, node, reader in read:
        if path in written and written[path] is not reader:
            yield Finding(f"`{path}` is a local file that another task wrote", syntax.span(node))
