"""The rule ``partial-expand-overlap``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, words={"expand"})
def partial_expand_overlap(source: Source) -> Iterator[Finding]:
    """An argument of a mapped task is given both to `partial` and to `expand`.

    Airflow refuses the file with a TypeError: an argument is either the same for all instances or differs.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator.partial(task_id="load", env={}).expand(bash_command=["load"], env=[{"A": "1"}])
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator.partial(task_id="load").expand(bash_command=["load"], env=[{"A": "1"}])
    ```

    Instead: Give it in one of the two places.
    """
    syntax = source.syntax
    for node, _ in syntax.calls if ".expand(" in source.text else ():
        match node:
            case ast.Call(
                func=ast.Attribute(
                    attr="expand", value=ast.Call(func=ast.Attribute(attr="partial"), keywords=first)
                ),
                keywords=second,
            ):
                given = {one.arg for one in first if one.arg is not None}
                for one in second:
                    if one.arg in given:
                        yield Finding(f"`{one.arg}` is given to `partial` as well", syntax.span(one))
