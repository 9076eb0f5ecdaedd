"""The rule ``provide-context``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.edit import without_argument
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, fix=FixKind.SAFE, airflow=">=2", words={"provide_context"})
def provide_context(source: Source) -> Iterator[Finding]:
    """`provide_context` is given to an operator, which knows no such argument.

    Since Airflow 2.0 the context is always given, and the argument ignored with a warning; the operators of
    Airflow 3 refuse it, and the file does not load. In `default_args` it is passed over in silence.
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
                fix = without_argument(source, node, "provide_context")
                yield Finding("operators take no `provide_context`", syntax.span(given), fix)
