"""Python callables: a generated Lambda function, invoked with the task's arguments and its context."""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Function
from dagmig.integrations import Integration
from dagmig.integrations.callables import DROPPED, OWN, callable_event, invoke
from dagmig.integrations.code import lambda_source
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.table import account


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, OWN, DROPPED, "a Lambda function", report)
    event, found = callable_event(task, report)
    function = task.argument("python_callable")
    has_code = isinstance(function, Function) and bool(function.source)
    source = lambda_source(task.id, function, found) if has_code and isinstance(function, Function) else ""
    return invoke(task, source, event, found, report)


python = Integration(
    "airflow.providers.standard.operators.python.PythonOperator",
    (),
    _to_asl,
    None,
    (
        "@task",
        "airflow.operators.python.PythonOperator",
        "airflow.operators.python_operator.PythonOperator",
        "airflow.operators.PythonOperator",
    ),
)
