"""The rule ``mixed-dependency-style``."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.INFO, is_default=False)
def mixed_dependency_style(source: Source) -> Iterator[Finding]:
    """A file declares dependencies in several ways.

    `>>`, `<<` and `set_upstream` side by side make the graph hard to follow. The first place of each way
    but the most frequent one is named. Methods are mended by `set-upstream`; the rest has no fix, as `<<` may
    be there to be read in that order.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html#relationships

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        report = BashOperator(task_id="report", bash_command="report")
        load >> check
        report << check
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        report = BashOperator(task_id="report", bash_command="report")
        load >> check
        check >> report
    ```

    Instead: Use one, best `>>`.
    """
    if not source.workflows:
        return
    syntax = source.syntax
    ways: dict[str, list[ast.Expr]] = defaultdict(list)
    for statement in syntax.all(ast.Expr):
        match statement.value:
            case ast.BinOp(op=ast.RShift()):
                ways[">>"].append(statement)
            case ast.BinOp(op=ast.LShift()):
                ways["<<"].append(statement)
            case ast.Call(func=ast.Attribute(attr="set_upstream" | "set_downstream" as name)):
                ways[name].append(statement)
    usual = max(ways, key=lambda way: (len(ways[way]), way == ">>"), default="")
    for way, places in ways.items():
        if way != usual:
            yield Finding(f"`{way}` here, `{usual}` elsewhere in the file", syntax.span(places[0].value))
