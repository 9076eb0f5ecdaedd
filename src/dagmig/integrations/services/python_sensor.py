"""Python callables that are asked until they say yes: a generated Lambda function in a bounded loop.

``PythonSensor.poke`` of ``sensors/python.py`` of the standard provider: what is true is yes; a
``PokeReturnValue`` has a value for XCom beside it.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Function
from dagmig.integrations import Integration
from dagmig.integrations.callables import DROPPED, OWN, PAYLOAD, callable_event, invoke
from dagmig.integrations.code import lambda_source
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.sensor import OWN as OF_SENSORS
from dagmig.integrations.sensor import sensed
from dagmig.integrations.table import account


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, OWN | OF_SENSORS, DROPPED, "a Lambda function", report)
    event, found = callable_event(task, report)
    function = task.argument("python_callable")
    source = ""
    if isinstance(function, Function) and function.source:
        source = lambda_source(task.id, function, found, is_sensor=True)
    called = invoke(task, source, event, found, report)
    answer = f"{PAYLOAD}.return_value" if found.pushed else PAYLOAD
    assign = {":found": Expression.of(f"{answer}.is_done")}
    ask = {**called.states[MAIN], "Retry": list(called.transport), "Assign": assign, "Output": {}}
    asked = {MAIN: {**ask, "Next": Ref("found?")}}
    pushed = {key: called.outputs[key] for key in sorted(found.pushed)}
    outputs = {**pushed, "return_value": Projection(MAIN, Expression.of(f"{answer}.xcom_value"))}
    loop = sensed(task, asked, Expression.of("$:found"), report, outputs=outputs)
    skips = tuple(dict.fromkeys((*loop.skips, *called.skips)))
    return replace(
        loop,
        functions=called.functions,
        skips=skips,
        final=tuple(dict.fromkeys((*loop.final, *skips))),
    )


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
    "`lambda:invoke` of the generated source in a bounded loop",
)
