"""The rule ``non-unique-loop-task-id``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Diagnostic, Severity
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.rule import Finding, Need, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

STOPS = (ast.With, ast.AsyncWith, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.If, ast.Try)


@source_rule(Severity.ERROR, ("dag",), Need.CALL)
def non_unique_loop_task_id(source: Source) -> Iterator[Finding]:
    """A loop makes a task with the same id in each round.

    The second round fails with DuplicateTaskIdFound, and the file does not load. Looked at: operators of
    Airflow in a loop that is not left early and makes no DAG or group of its own, with a text as their id.
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/dynamic-dag-generation.html

    ```python bad
    import tables
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        for table in tables.names():
            BashOperator(task_id="load", bash_command=f"load {table}")
    ```

    ```python good
    import tables
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        for table in tables.names():
            BashOperator(task_id=f"load_{table}", bash_command=f"load {table}")
    ```

    Instead: Put what differs between the rounds into the id.
    """
    syntax = source.syntax
    said = {(d.span.line, d.span.column) for d in _duplicates(source)}
    for loop in syntax.all(ast.For):
        if not syntax.runs_at_parse(loop) or not _is_repeated(loop):
            continue
        made = {
            one.id for one in ast.walk(loop) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        for node in ast.walk(loop):
            if isinstance(node, ast.Call) and _is_the_same(node, loop, made, syntax):
                span = syntax.span(node)
                if (span.line, span.column) not in said:
                    name = syntax.text_of(argument(node, "task_id"))
                    yield Finding(f"each round of the loop makes a task `{name}`", span)


def _duplicates(source: Source) -> list[Diagnostic]:
    read = source.workflows
    return source.report.of("duplicate-task-id") if read is not None else []


def _is_repeated(loop: ast.For) -> bool:
    if isinstance(loop.iter, ast.List | ast.Tuple | ast.Set) and len(loop.iter.elts) < 2:
        return False
    return not any(isinstance(one, ast.Break | ast.Return | ast.Continue) for one in ast.walk(loop))


def _is_the_same(node: ast.Call, loop: ast.For, made: set[str], syntax: Syntax) -> bool:
    """Whether a call makes a task of one id in each round, of a DAG that is not the round's own."""
    name = syntax.name(node.func)
    if not name.startswith("airflow.") or not name.endswith(("Operator", "Sensor")) or takes_more(node):
        return False
    if syntax.text_of(argument(node, "task_id")) is None or argument(node, "task_group") is not None:
        return False
    dag = argument(node, "dag")
    if dag is not None and (not isinstance(dag, ast.Name) or dag.id in made):
        return False
    if dag is None and not any(
        isinstance(one, ast.With) or one in syntax.at_parse for one in syntax.outer(loop)
    ):
        return False
    for outer in syntax.outer(node):
        if outer is loop:
            return True
        if isinstance(outer, STOPS):
            return False
    return False
