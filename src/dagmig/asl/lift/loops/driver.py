"""A Task inside of a loop: the call that a function makes through Airflow's hooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dagmig.asl import resource as resources
from dagmig.asl.lift import sdk
from dagmig.asl.lift.calls import LAMBDA_WAITS, fields_of
from dagmig.asl.lift.catch import error_names, forms
from dagmig.asl.lift.document import Doc, Known, Lost, Obj, Ref, Text
from dagmig.asl.lift.expression import Inexpressible, literal, python, quote
from dagmig.asl.lift.policy import ALL_ERRORS, TRANSPORT, Finding, number
from dagmig.asl.model import State
from dagmig.diagnostics import Disposition

_TEXTS = {("sqs", "sendMessage"): "MessageBody", ("sns", "publish"): "Message"}  # objects are sent as JSON


def call(state: State, arguments: Doc, name: str) -> tuple[str, Doc]:
    """The expression that does the work of a Task, and its result where ``name`` holds the answer.

    Raises ``Inexpressible``.
    """
    text = state.fields.get("Resource")
    if "Credentials" in state.fields:
        raise Inexpressible("`Credentials`: the role belongs into an Airflow connection")
    if not isinstance(text, str):
        raise Inexpressible("the state has no `Resource`")
    resource = resources.parse(text)
    if resource.kind == "function":
        return f"invoke({quote(text)}, {python(arguments)})", Ref(context=name)
    if resource.is_lambda and not resource.pattern:
        return _invoked(arguments, name)
    made = sdk.request(resource, _as_texts(resource, arguments))
    if made is None:
        raise Inexpressible(f"no hook of Airflow's does {resource.short}{resource.pattern} in one call")
    return made.result(made.expression), Ref(context=name)


def _invoked(arguments: Doc, name: str) -> tuple[str, Doc]:
    fields = dict(fields_of(arguments))
    function, payload = fields.pop("FunctionName", None), fields.pop("Payload", Known({}))
    if function is None:
        raise Inexpressible("`FunctionName` is missing")
    if fields.get("InvocationType", Known("RequestResponse")) != Known("RequestResponse"):
        raise Inexpressible("a function that is not waited for")
    others = "".join(f", {key}={python(doc)}" for key, doc in fields.items())
    rest = Lost("only the function's answer is kept")
    result: dict[str, Doc] = {"Payload": Ref(context=name), "StatusCode": Known(200)}
    unknown = dict.fromkeys(("ExecutedVersion", "SdkHttpMetadata", "SdkResponseMetadata"), rest)
    return f"invoke({python(function)}, {python(payload)}{others})", Obj({**result, **unknown})


def _as_texts(resource: resources.Resource, arguments: Doc) -> Doc:
    """The parameters, a message that is an object as JSON text."""
    key = _TEXTS.get((resource.service, resource.action)) if resource.kind == "optimized" else None
    if key is None or not isinstance(arguments, Obj) or key not in arguments.fields:
        return arguments
    message = arguments.fields[key]
    if isinstance(message, Known) and isinstance(message.value, str):
        return arguments
    return Obj({**arguments.fields, key: message if isinstance(message, Text) else Text((message,))})


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
            kept.append(_retrier(one, names))
            if one.get("JitterStrategy") == "FULL":
                findings.append(("retry-jitter", Disposition.NOTED, "the delay has no random share"))
    return kept, findings


def _retrier(one: Mapping[str, Any], names: list[str]) -> str:
    written = [] if set(names) & ALL_ERRORS else [form for name in names for form in forms(name)]
    found: dict[str, Any] = {
        "errors": written,
        "attempts": int(number(one.get("MaxAttempts"), 3)),
        "seconds": number(one.get("IntervalSeconds"), 1),
        "growth": number(one.get("BackoffRate"), 2),
    }
    limit = number(one.get("MaxDelaySeconds"), 0)
    return literal({**found, "limit": limit} if limit else found)


def limits(state: State) -> Iterator[Finding]:
    """The rows on how long a call may take, which only the AWS client bounds in a loop."""
    if resources.parse(str(state.fields.get("Resource"))).is_lambda:
        yield "Task", Disposition.NOTED, LAMBDA_WAITS
    if "HeartbeatSeconds" in state.fields:
        yield "heartbeat", Disposition.NOTED, "a call sends no heartbeat that could be missed"
    if {"TimeoutSeconds", "TimeoutSecondsPath"} & state.fields.keys():
        message = (
            "a call in the loop ends when the AWS client gives up (`read_timeout`), not by TimeoutSeconds"
        )
        yield "timeout", Disposition.NOTED, message
