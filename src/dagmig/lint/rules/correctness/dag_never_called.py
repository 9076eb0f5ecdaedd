"""The rule ``dag-never-called``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

if TYPE_CHECKING:
    from ast_grep_py import SgNode

DECORATOR = re.compile(r"@(?:\w+\.)*dag\s*(?:\(|$)")
IMPORTED = {"kind": "import_from_statement", "regex": r"^from\s+airflow\b[\s\S]*\bdag\b"}


@source_rule(Severity.ERROR, fix=FixKind.SAFE)
def dag_never_called(source: Source) -> Iterator[Finding]:
    """A function under `@dag` is never called, so there is no DAG.

    The decorator makes a factory: the DAG exists once it is called at the top level of the file. Airflow
    shows nothing, and no error either. Left alone: a function whose name stands anywhere else in the
    file, and one that has to be given arguments, which another file may do.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#the-dag-decorator

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(): ...

        load()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(): ...

        load()

    nightly()
    ```

    Instead: Call the function at the end of the file.
    """
    if "@" not in source.text or source.tree.find(**IMPORTED) is None:
        return
    for decorated in source.tree.children():
        function = decorated.field("definition") if decorated.kind() == "decorated_definition" else None
        name = function.field("name") if function is not None else None
        if function is None or name is None or not _is_a_dag(decorated, function):
            continue
        if len(re.findall(rf"\b{name.text()}\b", source.text)) == 1:
            end = decorated.range().end.index
            fix = Fix((Edit(end, end, f"\n\n{name.text()}()"),))
            message = f"the DAG function `{name.text()}` is never called: there is no DAG"
            yield Finding(message, source.span(name), fix)


def _is_a_dag(decorated: SgNode, function: SgNode) -> bool:
    """Whether ``@dag`` stands over a function that can be called without arguments."""
    marks = [child for child in decorated.children() if child.kind() == "decorator"]
    given = function.field("parameters")
    needed = ("identifier", "typed_parameter")
    is_bare = given is None or not any(child.kind() in needed for child in given.children())
    return is_bare and any(DECORATOR.match(mark.text()) for mark in marks)
