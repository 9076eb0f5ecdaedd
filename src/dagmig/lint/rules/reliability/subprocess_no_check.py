"""The rule ``subprocess-no-check``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.edit import argument_added
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False, words={"subprocess"})
def subprocess_no_check(source: Source) -> Iterator[Finding]:
    """A task starts a program and does not look whether it failed.

    `subprocess.run` raises nothing: the task is green whatever the program's exit code. Flagged where the
    result is not used. The fix writes `check=True`, and is unsafe, as the task may then fail.
    See https://docs.python.org/3/library/subprocess.html

    ```python bad
    import subprocess

    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            subprocess.run(["load"])

        load()

    nightly()
    ```

    ```python good
    import subprocess

    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            subprocess.run(["load"], check=True)

        load()

    nightly()
    ```

    Instead: Write `check=True`, or look at `returncode`.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if name not in ("subprocess.run", "subprocess.call") or takes_more(node):
            continue
        is_alone = isinstance(syntax.parents[node], ast.Expr)
        if is_alone and argument(node, "check") is None and syntax.runs_in_task(node):
            edit = argument_added(syntax, node, "check=True") if name == "subprocess.run" else None
            fix = None if edit is None else Fix((edit,), safe=False)
            yield Finding("nobody looks whether the program failed", syntax.span(node), fix)
