"""Python callables: a generated Lambda function, invoked with the task's arguments."""

from __future__ import annotations

import sys

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Function, Items, Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import LAMBDA_RETRY
from dagmig.integrations.code import function_name, lambda_source
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.table import account

OWN = {"python_callable", "op_args", "op_kwargs", "templates_dict", "multiple_outputs"}
NO_RETRY = {"ErrorEquals": ["AirflowSkipException", "AirflowFailException"], "MaxAttempts": 0}
CONTEXT = (
    "ti",
    "task_instance",
    "dag_run",
    "dag",
    "ds",
    "ts",
    "logical_date",
    "run_id",
    "params",
    "execution_date",
)


def _to_asl(task: Task, report: Report) -> Fragment:
    function = task.argument("python_callable")
    target = f"task:{task.id}"
    account(task, OWN, {}, "a Lambda function", report)
    name = function_name("dagmig", task.id)
    sources: dict[str, str] = {}
    if isinstance(function, Function) and function.source:
        sources[f"{name}.py"] = lambda_source(function)
        for message in _doubts(function, task):
            report.row("python-callable", task.span, target, Disposition.DECISION, message, task=task.id)
        message = "the function runs in AWS Lambda, which stops it after 15 minutes"
        report.row("python-callable", task.span, target, Disposition.NOTED, message, task=task.id)
    else:
        message = "the callable's code is not in this file: write the Lambda function by hand"
        report.row("python-callable", task.span, target, Disposition.DECISION, message, task=task.id)
    payload = {}
    for key, argument in (("args", "op_args"), ("kwargs", "op_kwargs")):
        value = task.argument(argument)
        if value is not None and value not in (
            Literal([]),
            Literal({}),
            Literal(None),
            Items(()),
            Entries(()),
        ):
            payload[key] = value
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": name, **({"Payload": payload} if payload else {})},
    }
    outputs = {"return_value": Projection(MAIN, Expression.of("$states.result.Payload"))}
    return Fragment({MAIN: state}, outputs, (NO_RETRY, LAMBDA_RETRY), sources)


def _doubts(function: Function, task: Task) -> list[str]:
    foreign = [need for need in function.needs if need not in sys.stdlib_module_names]
    found = [f"the code needs `{need}`, which the function's package must carry" for need in foreign]
    found += [f"the code uses `{name}`, which the module does not define" for name in function.free]
    given = task.argument("op_kwargs")
    keys = set(given.value) if isinstance(given, Literal) and isinstance(given.value, dict) else set()
    wanted = [
        p.name for p in function.parameters if p.kind == "**" or (p.name in CONTEXT and p.name not in keys)
    ]
    if wanted and not isinstance(given, Entries):
        found.append(
            f"the callable asks for Airflow's context ({', '.join(wanted)}), which the state does not send"
        )
    return found


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
