"""The rule ``mutable-shared-default-args``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

CHANGES = frozenset({"update", "pop", "clear", "setdefault", "popitem"})


@source_rule(Severity.WARNING, is_default=False)
def mutable_shared_default_args(source: Source) -> Iterator[Finding]:
    """The `default_args` of a DAG or group are changed after they were given to it.

    It took a copy: what is changed later has no effect on it, and has one on the next DAG that is given
    the same dict. Who reads the file expects otherwise.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#default-arguments

    ```python bad
    from airflow import DAG
    from airflow.utils.task_group import TaskGroup

    defaults = {"owner": "sales"}
    dag = DAG("nightly", schedule=None)
    load = TaskGroup("load", dag=dag, default_args=defaults)
    defaults["retries"] = 3
    ```

    ```python good
    from airflow import DAG
    from airflow.utils.task_group import TaskGroup

    defaults = {"owner": "sales", "retries": 3}
    dag = DAG("nightly", schedule=None)
    load = TaskGroup("load", dag=dag, default_args=defaults)
    ```

    Instead: Complete the dict first, or make a second one.
    """
    syntax = source.syntax
    given: dict[str, int] = {}
    for node in syntax.all(ast.keyword):
        if node.arg == "default_args" and isinstance(node.value, ast.Name):
            given.setdefault(node.value.id, node.lineno)
    for name, line in given.items() if given else ():
        for change in _changes(name, syntax):
            if change.lineno > line and syntax.owner(change) is None:
                yield Finding(f"`{name}` is changed after a DAG was given it", syntax.span(change))


def _changes(name: str, syntax: Syntax) -> Iterator[ast.expr]:
    for node in syntax.all(ast.Subscript):
        is_changed = isinstance(node.ctx, ast.Store | ast.Del)
        if is_changed and isinstance(node.value, ast.Name) and node.value.id == name:
            yield node
    for call, called in syntax.calls:
        if called.rpartition(".")[0] == name and called.rpartition(".")[2] in CHANGES:
            yield call
