"""The rule ``trigger-execution-date-arg``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.plan import version
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

HOME = "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator"
OLD_HOME = "airflow.operators.trigger_dagrun.TriggerDagRunOperator"


@source_rule(Severity.ERROR, fix=FixKind.SAFE, words={"TriggerDagRunOperator"})
def trigger_execution_date_arg(source: Source) -> Iterator[Finding]:
    """`TriggerDagRunOperator` is given an `execution_date`, which it does not take.

    The operator of the standard provider, the only one of Airflow 3, calls it `logical_date`, and refuses the
    other name: the file does not load. Looked at: the operator imported from there, and from its old place
    where `--target-airflow` says Airflow 3.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/trigger_dag_run.html

    ```python bad
    from airflow import DAG
    from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

    with DAG("nightly", schedule=None):
        TriggerDagRunOperator(task_id="load", trigger_dag_id="load", execution_date="{{ ts }}")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

    with DAG("nightly", schedule=None):
        TriggerDagRunOperator(task_id="load", trigger_dag_id="load", logical_date="{{ ts }}")
    ```

    Instead: Write `logical_date`.
    """
    syntax = source.syntax
    homes = {HOME, OLD_HOME} if version(source.target_airflow) >= (3,) else {HOME}
    for node, name in syntax.calls:
        for given in node.keywords if name in homes else ():
            if given.arg == "execution_date" and not _has(node, "logical_date"):
                start = syntax.offset(given)
                fix = Fix((Edit(start, start + len("execution_date"), "logical_date"),))
                yield Finding("the argument is called `logical_date`", syntax.span(given), fix)


def _has(call: ast.Call, name: str) -> bool:
    return any(one.arg == name for one in call.keywords)
