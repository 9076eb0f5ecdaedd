"""Python sensors: a generated Lambda function that is asked again and again until it says yes.

``airflow/providers/standard/sensors/python.py``: what the callable returns is a ``PokeReturnValue``, whose
value is the XCom, or is true or false and gives none. ``BaseSensorOperator.execute``: a failure for good
skips the task by ``soft_fail`` and ``never_fail``, and is not silenced; a skip is one.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Function
from dagmig.integrations import Integration
from dagmig.integrations.aws import LAMBDA_RETRY
from dagmig.integrations.callables import DROPPED, OWN, PAYLOAD, callable_event, invoke
from dagmig.integrations.code import lambda_source
from dagmig.integrations.context import unwrapped
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.sensor import OWN as OF_SENSORS
from dagmig.integrations.sensor import is_true, sensed
from dagmig.integrations.table import account

FAIL = "AirflowFailException"
SILENT = "an `AirflowFailException` or `AirflowSkipException` of the code is asked again after, too"
PUSHED = "what the code pushes is not kept: only a `PokeReturnValue` gives a value"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, OWN | OF_SENSORS, DROPPED, "a Lambda function", report)
    task = unwrapped(task)
    event, found = callable_event(task, report)
    function = task.argument("python_callable")
    source = ""
    if isinstance(function, Function) and function.source:
        source = lambda_source(task.id, function, found, is_sensor=True)
    once = replace(task, policy=replace(task.policy, timeout=None))
    asked = invoke(once, source, event, replace(found, pushed=set()), report)
    for name, is_open, said in (
        ("silent_fail", is_true(task, "silent_fail"), SILENT),
        ("xcom", bool(found.pushed), PUSHED),
    ):
        if is_open:
            report.row(name, task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
    state = {**asked.states[MAIN], "Retry": [LAMBDA_RETRY], "Next": Ref("found?")}
    value = Projection(MAIN, Expression.of(f"{PAYLOAD}.xcom_value"))
    is_done = Expression.of("$states.input.Payload.is_done")
    loop = sensed(task, {MAIN: state}, is_done, report, outputs={"return_value": value})
    skips = {*loop.skips, *asked.skips, *([FAIL] if is_true(task, "soft_fail") else [])}
    final = tuple(dict.fromkeys((*loop.final, *sorted(skips), FAIL)))
    return replace(loop, functions=asked.functions, skips=tuple(sorted(skips)), final=final)


sensor = Integration(
    "airflow.providers.standard.sensors.python.PythonSensor",
    (),
    _to_asl,
    None,
    (
        "@task.sensor",
        "airflow.sensors.python.PythonSensor",
        "airflow.contrib.sensors.python_sensor.PythonSensor",
    ),
    form="`lambda:invoke` of the generated source in a bounded loop",
)
