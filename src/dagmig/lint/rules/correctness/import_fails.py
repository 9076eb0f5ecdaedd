"""The rule ``import-fails``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.airflow.read.candidates import MAKES
from dagmig.diagnostics import Severity, Span
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

LISTS = ast.List | ast.ListComp


@source_rule(Severity.ERROR)
def import_fails(source: Source) -> Iterator[Finding]:
    """A statement raises an exception whenever the file is imported: Airflow has none of its DAGs.

    The web interface shows an import error, "Broken DAG", in their place. Only what is certain is said: where
    a value comes from outside the file and its project, it may be the right one. `list-shift-list` speaks of
    two lists that are written on both sides of an arrow.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html#why-is-my-dag-not-showing-up-in-the-ui

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        loads = [BashOperator(task_id=name, bash_command=name) for name in ("sales", "stock")]
        reports = [BashOperator(task_id=name, bash_command=name) for name in ("daily", "weekly")]
        loads >> reports
    ```

    ```python good
    from airflow import DAG
    from airflow.models.baseoperator import cross_downstream
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        loads = [BashOperator(task_id=name, bash_command=name) for name in ("sales", "stock")]
        reports = [BashOperator(task_id=name, bash_command=name) for name in ("daily", "weekly")]
        cross_downstream(loads, reports)
    ```

    Instead: Mend the statement: `python` on the file shows the whole traceback.
    """
    read = source.workflows
    if read is None or not any(mark in source.text for mark in MAKES):
        return
    for diagnostic in source.report.of("import-fails"):
        arrow = _arrow(diagnostic.span, source)
        if arrow is None or "(TypeError)" not in diagnostic.message:
            yield Finding(diagnostic.message, diagnostic.span)
        elif not _is_of_written_lists(arrow):
            message = "a list cannot depend on a list: Airflow shows a TypeError and none of the file's DAGs"
            yield Finding(message, diagnostic.span)


def _arrow(span: Span, source: Source) -> ast.BinOp | None:
    node = source.syntax.node_at(span, ast.BinOp)
    return node if node is not None and isinstance(node.op, ast.RShift | ast.LShift) else None


def _is_of_written_lists(arrow: ast.BinOp) -> bool:
    left = arrow.left.right if isinstance(arrow.left, ast.BinOp) else arrow.left
    return isinstance(left, LISTS) and isinstance(arrow.right, LISTS)
