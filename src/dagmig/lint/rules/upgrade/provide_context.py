"""The rule ``provide-context``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax


@source_rule(Severity.ERROR, fix=FixKind.SAFE, airflow=">=2", words={"provide_context"})
def provide_context(source: Source) -> Iterator[Finding]:
    """`provide_context` is given to an operator, which knows no such argument.

    Since Airflow 2.0 the context is always given, and the argument ignored with a warning; the operators of
    Airflow 3 refuse it, and the file does not load.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", python_callable=print, provide_context=True)
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", python_callable=print)
    ```

    Instead: Leave it out.
    """
    if "provide_context" not in source.text:
        return
    syntax = source.syntax
    for node, name in syntax.calls:
        for given in node.keywords:
            if given.arg != "provide_context" or not name.startswith("airflow."):
                continue
            if "Python" in name.rpartition(".")[2] or "ShortCircuit" in name:
                fix = _without(node, given, syntax)
                yield Finding("operators take no `provide_context`", syntax.span(given), fix)


def _without(call: ast.Call, given: ast.keyword, syntax: Syntax) -> Fix | None:
    """Take an argument away, with the comma before it, or after it where it is the first."""
    members = [*call.args, *call.keywords]
    place = members.index(given)
    if place:
        return Fix((Edit(syntax.offset(members[place - 1], end=True), syntax.offset(given, end=True), ""),))
    if len(members) > 1:
        return Fix((Edit(syntax.offset(given), syntax.offset(members[1]), ""),))
    return None
