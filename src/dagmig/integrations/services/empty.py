"""Tasks that do nothing but order others."""

from __future__ import annotations

from collections.abc import Mapping

from dagmig.diagnostics import Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Fragment
from dagmig.integrations.table import account

OPERATOR = "airflow.providers.standard.operators.empty.EmptyOperator"
MARKED = dict.fromkeys(
    ("external_dag_id", "external_task_id", "logical_date", "execution_date", "recursion_depth"),
    "it says what Airflow clears with the task, and a machine has nothing to clear",
)


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, set(), {}, "a Pass", report)
    return Fragment({MAIN: {"Type": "Pass"}})


def _marks(task: Task, report: Report) -> Fragment:
    account(task, set(), MARKED, "a Pass", report)
    return Fragment({MAIN: {"Type": "Pass"}})


def _to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
    return Call(OPERATOR)


empty = Integration(
    OPERATOR,
    (),
    _to_asl,
    _to_airflow,
    (
        "airflow.operators.empty.EmptyOperator",
        "airflow.operators.dummy.DummyOperator",
        "airflow.operators.dummy_operator.DummyOperator",
        "airflow.operators.DummyOperator",
    ),
)
marker = Integration(
    "airflow.providers.standard.sensors.external_task.ExternalTaskMarker",
    (),
    _marks,
    None,
    (
        "airflow.sensors.external_task.ExternalTaskMarker",
        "airflow.sensors.external_task_sensor.ExternalTaskMarker",
    ),
    "`Pass`",
)
