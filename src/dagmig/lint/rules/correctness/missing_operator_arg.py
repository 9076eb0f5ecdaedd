"""The rule ``missing-operator-arg``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from dagmig.airflow.read.operator_facts import Facts, facts
from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, Workflow
from dagmig.lint.arguments import OF_EVERY_TASK
from dagmig.lint.rule import Finding, Need, workflow_rule

OPERATORS = ("bash", "python", "trigger_dagrun", "datetime", "weekday")
SENSORS = ("bash", "python", "filesystem", "external_task", "date_time", "time_delta", "time_sensor")
CORE = (
    "airflow.providers.standard.",
    *(f"airflow.operators.{module}." for module in OPERATORS),
    *(f"airflow.sensors.{module}." for module in SENSORS),
)


@workflow_rule(Severity.ERROR, Need.ARGUMENTS)
def missing_operator_arg(workflow: Workflow) -> Iterator[Finding]:
    """An operator lacks an argument without which Airflow does not make it.

    The file fails to load with a TypeError, or an AirflowException: "missing keyword argument". Looked at:
    operators of Airflow itself, and those of its providers in files that import `airflow.sdk`, as older
    versions may need other arguments; where the `default_args` are known and do not give the argument either.
    Nothing is said of a task with an argument that today's version of the operator does not have.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/operators.html

    ```python bad
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", op_args=[3])
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    with DAG("nightly", schedule=None):
        PythonOperator(task_id="load", python_callable=print, op_args=[3])
    ```

    Instead: Give it the argument.
    """
    for task in workflow.tasks.values():
        known = facts(task.call.operator)
        is_looked_at = task.call.operator.startswith(CORE) or workflow.is_airflow_3
        if known is None or not is_looked_at or task.call.operator.startswith("@"):
            continue
        given = _given(task)
        missing = sorted(known.required - given)
        if missing and "**" not in given | workflow.arguments.keys() and _is_current(task, known):
            yield Finding(f"`{task.id}` lacks the argument `{missing[0]}`", task.span)


def _given(task: Task) -> set[str]:
    """Every argument that reaches the operator; ``**`` among them where more may."""
    mapped = () if task.expand is None else task.expand.arguments
    is_open = task.expand is not None and task.expand.kind != "expand"
    return {*task.call.arguments, *task.defaults, *mapped, *(["**"] if is_open else [])}


def _is_current(task: Task, known: Facts) -> bool:
    """Whether the operator of today has every argument that is written."""
    mapped = () if task.expand is None else task.expand.arguments
    return {*task.call.arguments, *mapped} <= _names(known)


@lru_cache(maxsize=256)
def _names(known: Facts) -> frozenset[str]:
    return (
        known.fields | known.plain | known.newer_fields | known.newer_plain | known.required | OF_EVERY_TASK
    )
