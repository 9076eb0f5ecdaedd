"""A state that only Step Functions can run (a task token, an activity) stays there, as a machine of its own.

One task starts an execution of that machine, a sensor waits for its end; the workers that report back to Step
Functions stay as they are. https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

from __future__ import annotations

import json
import re

from dagmig.asl import resource as resources
from dagmig.asl.lift import catch, code
from dagmig.asl.lift.document import INSTANCE, Ref, Scene, instance
from dagmig.asl.lift.expression import Inexpressible, json_text, quote
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
_OF_EXECUTION = re.compile(r"(\$\$|context)\.(Execution|StateMachine|Map)\b")
YEAR = 31_536_000  # seconds; an execution ends after a year: service-quotas
PAUSE = 30  # seconds between two looks
START = "airflow.providers.amazon.aws.operators.step_function.StepFunctionStartExecutionOperator"


def is_kept(state: State) -> bool:
    """Whether the work of a Task reports back to Step Functions itself."""
    found = resources.parse(str(state.fields.get("Resource")))
    return found.is_callback or found.kind == "activity"


def definition(state: State, scene: Scene) -> str:
    """The machine of the state alone, as JSON; its input is the state's.

    Raises ``Inexpressible`` where the state looks at more than its input.
    """
    fields = {name: state.fields[name] for name in _FIELDS if name in state.fields}
    check_input(json.dumps(fields), scene)
    machine = {"StartAt": state.name, "States": {state.name: {**fields, "End": True}}}
    if state.query_language == "JSONata":
        machine = {"QueryLanguage": "JSONata", **machine}
    return json.dumps(machine)


def check_input(text: str, scene: Scene) -> None:
    """Raise ``Inexpressible`` where states look at more than their input."""
    if _OF_EXECUTION.search(text):
        raise Inexpressible("what it is given is about the whole execution")
    for name in scene.variables:
        if re.search(rf"\${re.escape(name)}(?!\w)", text):
            raise Inexpressible(f"it looks at the variable `{name}`")


def keep(visit: Visit, task_id: str, joined: Joined) -> None:
    """Start the state's own machine and wait for it. Raises ``Inexpressible`` before anything is made."""
    weaver, state = visit.weaver, visit.state
    scene = joined[2]
    said = tasks(visit, state, task_id, definition(state, scene), joined)
    message = f"it stays in Step Functions, to which its worker reports back: {said}"
    weaver.row(state, Disposition.DECISION, message, task=task_id)
    result = instance(Ref(task_id), task_id, INSTANCE) if weaver.names.group else Ref(task_id)
    catch.leave(visit, catch.Ended(task_id, task_id), outcome(state, scene, result), scene)


def tasks(visit: Visit, state: State, task_id: str, machine: str, joined: Joined) -> str:
    """Add the tasks that start a machine and wait for it; what a person has to do for it.

    Raises ``Inexpressible`` before anything is made.
    """
    weaver = visit.weaver
    upstream, trigger, scene = joined
    given = json_text(scene.document)
    start = weaver.names.give(f"{state.name}_start")
    variable = f"_{code.snake(task_id)}_machine"
    arguments = {
        "state_machine_arn": f"{{{{ var.value.get(dag.dag_id ~ '{variable}') }}}}",
        "state_machine_input": given,
        "doc_json": machine,
    }
    call = Call(START, {name: Literal(value) for name, value in arguments.items()})
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
