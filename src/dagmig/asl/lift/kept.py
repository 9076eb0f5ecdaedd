"""A state that only Step Functions can run (a task token, an activity) stays there, as a machine of its own.

One task starts an execution of that machine, a sensor waits for its end; the workers that report back to Step
Functions stay as they are. https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagmig.asl import resource as resources
from dagmig.asl.lift import catch, code, jsonpath
from dagmig.asl.lift.document import EMPTY, INSTANCE, Doc, Obj, Ref, Scene, insert, instance, select
from dagmig.asl.lift.expression import Inexpressible, check, json_text, python, quote
from dagmig.asl.lift.joining import is_read
from dagmig.asl.lift.visit import Joined, Visit
from dagmig.asl.lift.walk import outcome
from dagmig.asl.model import State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call
from dagmig.graph.values import Literal

_FIELDS = (
    *("Type", "Comment", "QueryLanguage", "Resource", "Credentials", "InputPath", "Parameters", "Arguments"),
    *("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Retry"),
)
_LINK = re.compile(r'"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID(?:\.\$)?": "[^"]*"')  # true of any execution
_ROOT = r"(?:\$\$|\$states\.context)"
_PART_OF_CONTEXT = re.compile(
    rf"(?<!_EXECUTION_ID\.\$\": \")(?<!_EXECUTION_ID\": \"{{% ){_ROOT}"
    r"\.(?P<path>(?:Execution|StateMachine|Map)(?:\.[A-Za-z_]\w*)+)"
)
_REST_OF_CONTEXT = re.compile(rf"{_ROOT}(?!\.(?:State|Task)\b)")
OUTER = "outer"  # the variable of a kept machine that has what of the context object it looks at
YEAR = 31_536_000  # seconds; an execution ends after a year: service-quotas
PAUSE = 30  # seconds between two looks
START = "airflow.providers.amazon.aws.operators.step_function.StepFunctionStartExecutionOperator"


def is_kept(state: State) -> bool:
    """Whether the work of a Task reports back to Step Functions itself."""
    found = resources.parse(str(state.fields.get("Resource")))
    return found.is_callback or found.kind == "activity"


@dataclass(frozen=True, slots=True)
class Kept:
    """A machine as JSON that stays in Step Functions, and the input of its executions."""

    machine: str
    given: Doc


def definition(state: State, scene: Scene) -> Kept:
    """The machine of the state alone. Raises ``Inexpressible`` where the DAG has not what it looks at."""
    fields = {name: state.fields[name] for name in _FIELDS if name in state.fields}
    is_jsonata = state.query_language == "JSONata"
    return machine(state.name, {state.name: {**fields, "End": True}}, scene, is_jsonata=is_jsonata)


def machine(start: str, states: Mapping[str, Any], scene: Scene, *, is_jsonata: bool) -> Kept:
    """A machine of these states. Where they look at more than their input, that is in variables, which a
    state before them assigns. Raises ``Inexpressible`` where the DAG has not what they look at.
    """
    outer = _free(OUTER, scene.variables)
    context: Doc = EMPTY
    whole = jsonpath.context(scene)

    def replaced(found: re.Match[str]) -> str:
        nonlocal context
        keys = tuple(found["path"].split("."))
        context = insert(context, keys, select(whole, keys))
        return f"${outer}.{found['path']}"

    text = _PART_OF_CONTEXT.sub(replaced, json.dumps(states))
    if _REST_OF_CONTEXT.search(_LINK.sub("", text)):
        raise Inexpressible("what it is given is about the whole execution")
    known = {name: doc for name, doc in scene.variables.items() if is_read(name, text)}
    known |= {} if context is EMPTY else {outer: context}
    for name, doc in known.items():
        if isinstance(doc, Ref) and doc.may_lack:
            raise Inexpressible(f"it looks at the variable `{name}`, which not all paths set")
        check(doc)
    given, states = scene.document, json.loads(text)
    if known:
        given = Obj({"input": given, "variables": Obj(known)})
        first = _free("Variables", states)
        states = {first: _assigning(list(known), start, is_jsonata=is_jsonata), **states}
        start = first
    written = {"StartAt": start, "States": states}
    return Kept(json.dumps({"QueryLanguage": "JSONata", **written} if is_jsonata else written), given)


def _free(name: str, taken: Container[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _assigning(names: Sequence[str], following: str, *, is_jsonata: bool) -> dict[str, Any]:
    """The state that assigns variables from its input, and goes on with the rest of it."""
    if is_jsonata:
        assign = {name: f"{{% $states.input.variables.{name} %}}" for name in names}
        return {"Type": "Pass", "Assign": assign, "Output": "{% $states.input.input %}", "Next": following}
    assign = {f"{name}.$": f"$.variables.{name}" for name in names}
    return {"Type": "Pass", "Assign": assign, "OutputPath": "$.input", "Next": following}


def keep(visit: Visit, task_id: str, joined: Joined) -> None:
    """Start the state's own machine and wait for it. Raises ``Inexpressible`` before anything is made."""
    weaver, state = visit.weaver, visit.state
    scene = joined[2]
    said = tasks(visit, state, task_id, definition(state, scene), joined)
    message = f"it stays in Step Functions, to which its worker reports back: {said}"
    weaver.row(state, Disposition.DECISION, message, task=task_id)
    result = instance(Ref(task_id), task_id, INSTANCE) if weaver.names.group else Ref(task_id)
    catch.leave(visit, catch.Ended(task_id, task_id), outcome(state, scene, result), scene)


def tasks(visit: Visit, state: State, task_id: str, kept: Kept, joined: Joined) -> str:
    """Add the tasks that start a machine and wait for it; what a person has to do for it.

    Raises ``Inexpressible`` before anything is made.
    """
    weaver = visit.weaver
    upstream, trigger, _ = joined
    start = weaver.names.give(f"{state.name}_start")
    variable = f"_{code.snake(task_id)}_machine"
    call = _starting(state, start, variable, kept)
    weaver.add(start, call, upstream, state, trigger=trigger)
    visit.enter(start)
    index = f", map_indexes={INSTANCE}" if weaver.names.group else ""
    lines = [
        'client = AwsGenericHook(client_type="stepfunctions").conn',
        f"execution = ti.xcom_pull(task_ids={quote(start)}{index})",
        "found = client.describe_execution(executionArn=execution)",
        'if found["status"] == "RUNNING":',
        "    return False",
        'if found["status"] != "SUCCEEDED":',
        '    error = {"Error": found.get("error", found["status"]), "Cause": found.get("cause", "")}',
        '    raise ValueError("the execution has failed", error)',
        'return PokeReturnValue(is_done=True, xcom_value=json.loads(found["output"]))',
    ]
    body = code.function(code.identifier("ask", task_id), f"Wait for the machine of {state.name}.", lines)
    waits = {"poke_interval": PAUSE, "timeout": YEAR, "mode": "reschedule"}
    call = code.call("@task.sensor", body, **{name: Literal(value) for name, value in waits.items()})
    weaver.add(task_id, call, (start,), state)
    weaver.works |= {start: state.pointer, task_id: state.pointer}
    return (
        f"create the machine that `doc_json` of `{start}` holds, and put its ARN into the Variable "
        f"`<id of the DAG>{variable}`"
    )


def _starting(state: State, task_id: str, variable: str, kept: Kept) -> Call:
    """The task that starts a machine: an operator, a function where no template makes its input.

    Raises ``Inexpressible``.
    """
    try:
        given = json_text(kept.given)
    except Inexpressible:
        lines = [
            'client = AwsGenericHook(client_type="stepfunctions").conn',
            f"machine = Variable.get(dag_run.dag_id + {quote(variable)})",
            f"given = {python(kept.given)}",
            'return client.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]',
        ]
        body = code.function(code.identifier("start", task_id), f"Start the machine of {state.name}.", lines)
        return code.call("@task", body, doc_json=Literal(kept.machine))
    arguments = {
        "state_machine_arn": f"{{{{ var.value.get(dag.dag_id ~ '{variable}') }}}}",
        "state_machine_input": given,
        "doc_json": kept.machine,
    }
    return Call(START, {name: Literal(value) for name, value in arguments.items()})
