"""A Task as the call that a function makes through Airflow's hooks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dagmig.asl import resource as resources
from dagmig.asl.lift import jsonata, jsonpath, own, sdk
from dagmig.asl.lift.calls import LAMBDA_WAITS, Work, fields_of, placeholder, variable_of
from dagmig.asl.lift.catch import BRANCHES, error_names, forms
from dagmig.asl.lift.code import snake
from dagmig.asl.lift.document import Doc, Known, Lost, Obj, Ref, Scene
from dagmig.asl.lift.expression import Inexpressible, literal, python, quote
from dagmig.asl.lift.policy import ALL_ERRORS, TRANSPORT, Finding, leaves_timeouts, number
from dagmig.asl.model import State
from dagmig.diagnostics import Disposition
from dagmig.graph.values import Literal

ANY = ALL_ERRORS | BRANCHES  # a branch that fails keeps its error's own name
_TEXTS = {
    ("sqs", "sendMessage"): "MessageBody",
    ("sns", "publish"): "Message",
    ("states", "startExecution"): "Input",
}  # objects are sent as JSON


def lines(
    state: State, scene: Scene, arguments: Doc, answer: Ref, *, is_whole: bool = False
) -> tuple[list[str], Doc]:
    """The statements that do the work of a Task and return what it gives, and its result where ``answer`` is
    that. ``is_whole``: all that Lambda answers is wanted. Raises ``Inexpressible``.
    """
    resource = _resource(state)
    found = None if resource.is_lambda else sdk.request(resource, _as_texts(resource, arguments))
    if found is not None:
        return found.lines(role(state, scene)), answer
    made, result = call(state, scene, arguments, answer, is_whole=is_whole)
    return [f"return {made}"], result


def call(
    state: State, scene: Scene, arguments: Doc, answer: Ref, *, is_whole: bool = False
) -> tuple[str, Doc]:
    """The expression that does the work of a Task, and its result where ``answer`` is what that gives.

    ``is_whole``: all that Lambda answers is wanted. Raises ``Inexpressible``.
    """
    resource = _resource(state)
    acting = role(state, scene)
    if resource.kind == "function":
        client = f", {sdk.client('lambda', acting)}" if acting else ""
        return f"invoke({quote(resource.text)}, {python(arguments)}{client})", answer
    if (variable := variable_of(resource.text)) is not None:
        client = f", {sdk.client('lambda', acting)}" if acting else ""
        return f"invoke(Variable.get({quote(variable)}), {python(arguments)}{client})", answer
    if resource.is_lambda and not resource.pattern:
        return _invoked(resource, arguments, answer, acting, is_whole)
    if (done := own.call(resource, arguments, acting)) is not None:
        return done, own.result(resource, answer)
    given = _as_texts(resource, arguments)
    if (waited := sdk.waited(resource, given, acting)) is not None:
        return waited, answer
    made = sdk.request(resource, given)
    if made is None:
        raise Inexpressible(f"no hook of Airflow's does {resource.short}{resource.pattern} in one call")
    return made.result(made.expression(acting)), answer


def _resource(state: State) -> resources.Resource:
    text = state.fields.get("Resource")
    if not isinstance(text, str):
        raise Inexpressible("the state has no `Resource`")
    return resources.parse(text)


def role(state: State, scene: Scene) -> str:
    """The expression of the role that a Task acts as (``Credentials``); empty where it is the machine's own.

    Raises ``Inexpressible``.
    """
    given = state.fields.get("Credentials")
    if given is None:
        return ""
    is_jsonata = state.query_language == "JSONata"
    inner = scene if is_jsonata else scene.seeing(jsonpath.shape_input(state.fields, scene))
    found = fields_of((jsonata.template if is_jsonata else jsonpath.template)(given, inner))
    if "RoleArn" not in found:
        raise Inexpressible("`Credentials` without `RoleArn`")
    return python(found["RoleArn"])


def connected(state: State, scene: Scene, done: Work) -> Work:
    """An operator's call with a connection of its own, which acts as the Task's role.

    Raises ``Inexpressible`` where the role is only known when the machine runs.
    """
    acting = ast.literal_eval(found) if (found := role(state, scene))[:1] in "'\"" else ""
    if not acting:
        raise Inexpressible("the role of its `Credentials` is only known when the machine runs")
    name = "aws_" + snake(acting.rpartition("/")[2])
    message = f"make the connection `{name}` of Airflow (type aws), with `role_arn` {acting} in its extra"
    called = replace(done.call, arguments={**done.call.arguments, "aws_conn_id": Literal(name)})
    return replace(
        done, call=called, findings=[*done.findings, ("Credentials", Disposition.DECISION, message)]
    )


def _invoked(
    resource: resources.Resource, arguments: Doc, answer: Ref, acting: str, is_whole: bool
) -> tuple[str, Doc]:
    fields = dict(fields_of(arguments))
    function, payload = fields.pop("FunctionName", None), fields.pop("Payload", Known({}))
    if function is None:
        raise Inexpressible("`FunctionName` is missing")
    for said in own.faults(resource, arguments):
        raise Inexpressible(said)
    if fields.get("InvocationType", Known("RequestResponse")) != Known("RequestResponse"):
        raise Inexpressible("a function that is not waited for")
    others = "".join(f", {key}={python(doc)}" for key, doc in fields.items())
    rest = Lost("only the function's answer is kept")
    result: dict[str, Doc] = {"Payload": answer, "StatusCode": Known(200)}
    unknown = dict.fromkeys(("ExecutedVersion", "SdkHttpMetadata", "SdkResponseMetadata"), rest)
    others += f", client={sdk.client('lambda', acting)}" if acting else ""
    if is_whole:
        return f"invoked({python(function)}, {python(payload)}{others})", answer
    return f"invoke({python(function)}, {python(payload)}{others})", Obj({**result, **unknown})


def _as_texts(resource: resources.Resource, arguments: Doc) -> Doc:
    """The parameters, a message that is an object as JSON text."""
    key = _TEXTS.get((resource.service, resource.action)) if resource.kind == "optimized" else None
    if key is None or not isinstance(arguments, Obj) or key not in arguments.fields:
        return arguments
    message = arguments.fields[key]
    if isinstance(message, Known) and isinstance(message.value, str):
        return arguments
    return Obj({**arguments.fields, key: jsonpath.text_of([message])})


def with_retries(state: State, made: str) -> str:
    """An expression that does some work, which is done again as the state's ``Retry`` says."""
    kept, _ = retriers(state)
    name = made.removesuffix("()")
    work = name if name.isidentifier() else f"lambda: {made}"
    return f"retried({work}, [{', '.join(kept)}])" if kept else made


def retriers(state: State) -> tuple[list[str], list[Finding]]:
    """The ``Retry`` of a Task as arguments of ``retried``, and its rows."""
    found = state.fields.get("Retry", [])
    kept: list[str] = []
    findings: list[Finding] = []
    for one in found if isinstance(found, list) else []:
        names = error_names(one) if isinstance(one, dict) else []
        if not names:
            findings.append(("retry", Disposition.DECISION, "a retrier without `ErrorEquals` is left out"))
        elif set(names) <= TRANSPORT:
            message = "the retries of the service's own transient errors are left to the AWS client library"
            findings.append(("retry-transport", Disposition.NOTED, message))
        else:
            if leaves_timeouts(state.fields, one):
                kept.append(_retrier({"MaxAttempts": 0}, ["States.Timeout"]))
            kept.append(_retrier(one, names))
            if one.get("JitterStrategy") == "FULL":
                findings.append(("retry-jitter", Disposition.NOTED, "the delay has no random share"))
    return kept, findings


def _retrier(one: Mapping[str, Any], names: list[str]) -> str:
    written = [] if set(names) & ANY else [form for name in names for form in forms(name)]
    found: dict[str, Any] = {
        "errors": written,
        "attempts": int(number(one.get("MaxAttempts"), 3)),
        "seconds": number(one.get("IntervalSeconds"), 1),
        "growth": number(one.get("BackoffRate"), 2),
    }
    limit = number(one.get("MaxDelaySeconds"), 0)
    return literal({**found, "limit": limit} if limit else found)


def slots(state: State) -> Iterator[Finding]:
    """The rows of a function that waits for a job, or calls the API of a cluster."""
    resource = resources.parse(str(state.fields.get("Resource")))
    given = state.fields.get("Arguments" if state.query_language == "JSONata" else "Parameters")
    yield from own.rows(resource, given if isinstance(given, dict) else {})
    if sdk.waits(resource):
        yield "Wait", Disposition.NOTED, "while the job runs, the task keeps its worker slot"


def limits(state: State) -> Iterator[Finding]:
    """The rows on how long a call may take, which only the AWS client bounds in a loop."""
    text = str(state.fields.get("Resource"))
    if (variable := variable_of(text)) is not None:
        yield placeholder(text, variable)
    if variable or resources.parse(text).is_lambda:
        yield "Task", Disposition.NOTED, LAMBDA_WAITS
    if "HeartbeatSeconds" in state.fields:
        yield "heartbeat", Disposition.NOTED, "a call sends no heartbeat that could be missed"
    yield from slots(state)
    if not {"TimeoutSeconds", "TimeoutSecondsPath"} & state.fields.keys():
        return
    if sdk.waits(resources.parse(text)):
        yield (
            "timeout",
            Disposition.DECISION,
            "a job in this task has no TimeoutSeconds",
        )
    else:
        message = (
            "a call in this task ends when the AWS client gives up (`read_timeout`), not by TimeoutSeconds"
        )
        yield "timeout", Disposition.NOTED, message
