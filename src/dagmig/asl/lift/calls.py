"""A Task state as an operator call, and what of the state's result the task's XCom holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from dagmig.asl import resource as resources
from dagmig.asl.lift import code, expression, own, sdk, web_calls
from dagmig.asl.lift.document import OTHERS, Arr, Doc, Key, Known, Lost, Obj, Ref, Text, known, losses, plain
from dagmig.asl.lift.expression import Inexpressible
from dagmig.asl.lift.intrinsics import json_to_string
from dagmig.asl.services import texts
from dagmig.asl.services.optimized import called
from dagmig.asl.services.spelling import contents, parameters
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Policy
from dagmig.graph.values import Entries, Items, Literal, Output, RunContext, Template, Value
from dagmig.integrations import Integration, registry

EACH = "*"  # in a path: every member of a list
LAMBDA_OPERATOR = "airflow.providers.amazon.aws.operators.lambda_function.LambdaInvokeFunctionOperator"
LAMBDA_WAITS = (
    "a function that runs longer than 60 s needs a `read_timeout` in the connection's config, "
    "as the client asks again after that time"
)  # botocore.config.Config: read_timeout is 60 and retries are on by default
_STOPPED = "a run of the job that somebody stops counts as done for the operator, as a failure for the state"
_LAMBDA_FIELDS = {
    "FunctionName": "function_name",
    "Qualifier": "qualifier",
    "InvocationType": "invocation_type",
}
_RESULTS: Mapping[str, Mapping[str, tuple[Key, ...]]] = {
    "elasticmapreduce:addStep": {"StepId": (0,)},
    "elasticmapreduce:addStep.sync": {"Step.Id": (0,)},
    "elasticmapreduce:createCluster": {"ClusterId": ()},
    "elasticmapreduce:createCluster.sync": {"ClusterId": (), "Cluster.Id": ()},
    "glue:startJobRun.sync": {"Id": (), "JobRunId": ()},
    "sns:publish": {"MessageId": ("MessageId",)},
    "sqs:sendMessage": {"MessageId": ("MessageId",), "MD5OfMessageBody": ("MD5OfMessageBody",)},
}  # what the operators' execute() returns: the amazon provider, operators/

_TEXTS: Mapping[str, tuple[str, ...]] = {
    "sns:publish": ("Message",),
    "sqs:sendMessage": ("MessageBody",),
    "events:putEvents": ("Entries", EACH, "Detail"),
}  # where Step Functions takes JSON, which it sends as text; the API and the operators take text
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
_NO_RESOURCES = "Step Functions adds the machine and its execution to `Resources`, the operator does not"
_FILLED_IN = re.compile(r"\$\{([^${}\"]+)\}")


class Settle(Protocol):
    """A document with references to a task in place of what only a function can make, and of what has to
    keep its type: ``place`` says what is text among the parameters; without it all of them are.
    """

    def __call__(self, doc: Doc, place: texts.Place | None = None, /) -> Doc: ...


def unchanged(doc: Doc, place: texts.Place | None = None, /) -> Doc:
    """The ``Settle`` where no function makes anything."""
    return doc


@dataclass(frozen=True, slots=True)
class Work:
    """The call of a Task, its result as a document, and findings (construct, disposition, difference).

    ``difference`` is what the operator does otherwise than the state, with the same outcome; ``tolerates``
    are errors after which it goes on, ``transient`` those after which it tries again; ``host`` is that of an
    API on the web.
    """

    call: Call
    result: Doc
    findings: list[tuple[str, Disposition, str]] = field(default_factory=list)
    difference: str = ""
    tolerates: tuple[str, ...] = ()
    transient: frozenset[str] = frozenset()
    policy: tuple[Policy, list[tuple[str, Disposition, str]]] | None = (
        None  # where it is not that of the state
    )
    host: str = ""


def work(text: str, arguments: Doc, task: str, span: Span, report: Report, settle: Settle) -> Work:
    """The operator that does what a resource does. Raises ``Inexpressible`` where there is none.

    ``settle`` gives what an operator can be given in place of what only functions can make.
    """
    resource = resources.parse(text)
    if resource.kind == "function":
        return _function(text, arguments, task, settle)
    if (variable := variable_of(text)) is not None:
        done = _function(f"{{{{ var.value.{variable} }}}}", arguments, task, settle)
        return replace(done, findings=[placeholder(text, variable)])
    if resource.is_lambda and not resource.pattern:
        return _invoke(settle(arguments), task)
    return _registered(resource, arguments, task, span, report, settle)


def _function(name: str, arguments: Doc, task: str, settle: Settle) -> Work:
    call = Call(LAMBDA_OPERATOR, {"function_name": Literal(name), "payload": _payload(settle(arguments))})
    return Work(call, Ref(task, (), True), difference=LAMBDA_WAITS)


def variable_of(text: str) -> str | None:
    """The Airflow Variable for a ``Resource`` that is no ARN: a template fills it in (``${LoadArn}``), or it
    stands for something that is not known yet (``to be done``). None for an ARN.
    """
    if text.startswith("arn:") or not text.strip():
        return None
    found = _FILLED_IN.fullmatch(text)
    return re.sub(r"\W+", "_", found[1] if found else text, flags=re.ASCII).strip("_") or "function"


def placeholder(text: str, variable: str) -> tuple[str, Disposition, str]:
    """The row of a function that a template fills in, or that is not known yet."""
    message = f"`{text}` is taken for a Lambda function: put its ARN into the Airflow Variable `{variable}`"
    is_filled_in = _FILLED_IN.fullmatch(text) is not None
    return "placeholder", Disposition.NOTED if is_filled_in else Disposition.DECISION, message


def _payload(doc: Doc) -> Value:
    return Literal(expression.json_text(doc))


def _invoke(arguments: Doc, task: str) -> Work:
    fields = fields_of(arguments)
    found: dict[str, Value] = {}
    findings: list[tuple[str, Disposition, str]] = []
    for parameter, argument in _LAMBDA_FIELDS.items():
        if parameter in fields:
            found[argument] = expression.value(fields[parameter])
    if "FunctionName" not in fields:
        raise Inexpressible("`FunctionName` is missing")
    if "Payload" in fields:
        found["payload"] = _payload(fields["Payload"])
    for left in sorted(set(fields) - set(_LAMBDA_FIELDS) - {"Payload"}):
        message = f"the parameter `{left}` has no argument in LambdaInvokeFunctionOperator"
        findings.append(("argument", Disposition.DECISION, message))
    if isinstance(found.get("invocation_type"), Literal) and found["invocation_type"] == Literal(
        "RequestResponse"
    ):
        del found["invocation_type"]
    reply = Lost("the operator keeps only the function's answer")
    result = Obj(
        {
            "Payload": Ref(task, (), True),
            "StatusCode": Known(200),
            "ExecutedVersion": reply,
            "SdkHttpMetadata": reply,
            "SdkResponseMetadata": reply,
        }
    )
    return Work(Call(LAMBDA_OPERATOR, found), result, findings, LAMBDA_WAITS)


def fields_of(arguments: Doc) -> Mapping[str, Doc]:
    """The parameters of a call by name. Raises ``Inexpressible`` where they are not known."""
    match arguments:
        case Obj(fields) if OTHERS not in fields:
            return fields
        case Known(dict() as value):
            return {key: Known(child) for key, child in value.items()}
    for reason in losses(arguments):
        raise Inexpressible(reason)
    raise Inexpressible("the call's parameters are only known when the machine runs")


def _registered(
    resource: resources.Resource, arguments: Doc, task: str, span: Span, report: Report, settle: Settle
) -> Work:
    integration = registry().for_resource(resource.text)
    lift = integration.to_airflow if integration else None
    if web_calls.is_http(resource) and not web_calls.is_only_for_code(fields_of(arguments)):
        request, host, said = web_calls.http_call(fields_of(settle(arguments)))
        return Work(request, Ref(task), [("connection", Disposition.DECISION, said)], host=host)
    if lift is None and (done := own.call(resource, arguments, "")) is not None:
        body = code.function(code.identifier("call", task), own.said(resource), [f"return {done}"])
        given = {name: plain(doc) for name, doc in fields_of(arguments).items() if known(doc)}
        findings = list(own.rows(resource, given))
        return Work(code.call("@task", body), own.result(resource, Ref(task)), findings)
    if lift is None and (made := sdk.call(resource, arguments, task)) is not None:
        return Work(made, Ref(task))
    if lift is None:
        raise Inexpressible(f"no operator is known for {resource.short}{resource.pattern}")
    fields_of(arguments)
    path = _TEXTS.get(f"{resource.service}:{resource.action}", ()) if resource.kind == "optimized" else ()
    written = _body(resource)
    arguments = settle(arguments, _place(resource, path or written))
    given = {
        name: _with_text(doc, path[1:]) if name in path[:1] else expression.value(doc)
        for name, doc in fields_of(arguments).items()
    }
    findings = [("parameter", Disposition.DECISION, said) for said in own.faults(resource, arguments)]
    for name in fields_of(arguments).keys() & set(written):
        given[name] = _json(doc := fields_of(arguments)[name])
        if not known(doc):
            findings.append((name, Disposition.NOTED, "the same JSON, written with blanks"))
    if resource.short + resource.pattern == "glue:startJobRun.sync":
        findings.append(("stopped", Disposition.NOTED, _STOPPED))
    if resource.short == "events:putEvents":
        findings.append(("Resources", Disposition.NOTED, _NO_RESOURCES))
    call = lift(resource.text, given, span, report)
    if any(map(_is_rendered, given.values())):
        message = "what is text in the call is rendered as Python writes it where the run has no text there"
        findings.append(("rendered-arguments", Disposition.NOTED, message))
    if _is_respelt(resource, arguments):
        message = "boto3 spells objects from the run otherwise: their keys begin with small letters"
        findings.append(("spelling", Disposition.DECISION, message))
    assert integration is not None
    return Work(
        call,
        _result(resource, task, integration),
        findings,
        tolerates=integration.tolerates,
        transient=integration.transient,
    )


def _place(resource: resources.Resource, path: tuple[str, ...]) -> texts.Place:
    """What is text among the parameters; ``path`` leads to what may be JSON, which is sent as text."""
    place = texts.parameters(resource)
    if resource.short == "states:startExecution":
        return place.without("Input")
    return place.with_json(*path) if path else place


def _body(resource: resources.Resource) -> tuple[str, ...]:
    """The parameter that is the body of a request: Step Functions writes JSON there."""
    found = called(resource)
    ways = contents(found[0], found[1].name) if found is not None else ()
    return next((way[:1] for way in ways if way[1:] == (texts.JSON,)), ())


def _json(doc: Doc) -> Value:
    """The text that a state writes. Raises ``Inexpressible``."""
    if known(doc):
        return expression.value(Known(json_to_string(plain(doc))))
    return Literal(expression.json_text(doc))


def _is_respelt(resource: resources.Resource, arguments: Doc) -> bool:
    """Whether the arguments hold objects of the run whose keys boto3 spells in another way."""
    found = called(resource)
    if found is None:
        return False
    shape = parameters(found[0], found[1].name)
    return sdk.is_respelt(arguments, shape, is_sdk=resource.kind == "sdk")


def _is_rendered(value: Value) -> bool:
    """Whether a value from the run becomes text in an argument."""
    match value:
        case Items(members):
            return any(map(_is_rendered, members))
        case Entries(entries):
            return any(_is_rendered(member) for _, member in entries)
        case Template(parts):
            return len(parts) == 1 or any(map(_is_of_run, parts))
        case RunContext(name):
            return name == "dag_run.conf"
        case Output(_, _, path):
            return bool(path)
    return False


def _is_of_run(part: str | Value) -> bool:
    """Whether a part of a template is data, of which nobody knows whether it is text."""
    return isinstance(part, Output) or (isinstance(part, RunContext) and part.name == "dag_run.conf")


def _with_text(doc: Doc, path: tuple[str, ...]) -> Value:
    """A parameter with JSON text where ``path`` leads. Raises ``Inexpressible``."""
    if not path:
        match doc:
            case Known(str()) | Text():
                return expression.value(doc)
            case Known(value):
                return expression.value(Known(json_to_string(value)))
            case Ref(context=""):
                held = expression.jinja(doc)
                return Literal(f"{{{{ {held} if {held} is string else {held} | tojson }}}}")
            case Ref():
                return expression.value(doc)
        return Literal(expression.json_text(doc))
    match doc:
        case Known(list() as members) if path[0] == EACH:
            doc = Arr(tuple(map(Known, members)))
        case Known(dict() as given):
            doc = Obj({name: Known(child) for name, child in given.items()})
    match doc:
        case Arr(items) if path[0] == EACH:
            return Items(tuple(_with_text(one, path[1:]) for one in items))
        case Obj(fields) if path[0] in fields:
            made = ((name, _with_text(one, path[1:]) if name == path[0] else expression.value(one))
                    for name, one in fields.items())  # fmt: skip
            return Entries(tuple((Literal(name), one) for name, one in made))
    return expression.value(doc)


def _result(resource: resources.Resource, task: str, integration: Integration) -> Doc:
    name = f"{resource.service}:{resource.action}{resource.pattern}"
    rest = Lost(f"the operator returns only a part of what {resource.short}{resource.pattern} answers")
    if resource.kind == "optimized" and name in _RESULTS:
        held: dict[str, Doc] = {OTHERS: rest}
        for way, path in _RESULTS[name].items():
            key, _, inner = way.partition(".")
            held[key] = Obj({inner: Ref(task, path), OTHERS: rest}) if inner else Ref(task, path)
        return Obj(held)
    if resource.pattern not in integration.results:
        return Lost(f"the operator does not return what {resource.short}{resource.pattern} answers")
    found: Doc = Ref(task)
    for key in reversed(integration.results[resource.pattern]):
        found = Obj({key: found, OTHERS: rest})
    return found
