"""An action of AWS's API without an operator: a task that calls it through Airflow's hook.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html: parameters and answers
are those of the API in PascalCase; boto3 spells them as the API does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dagmig.asl.lift import code
from dagmig.asl.lift.document import OTHERS, Arr, Doc, Known, Made, Obj, known, plain
from dagmig.asl.lift.expression import Inexpressible, literal, python, quote
from dagmig.asl.lift.intrinsics import json_to_string
from dagmig.asl.lift.renamed import api_call
from dagmig.asl.resource import Resource
from dagmig.asl.services import Action, texts
from dagmig.asl.services.spelling import PASCAL, SDK, Answer, Shape, answer, contents, of_sdk, parameters
from dagmig.graph.model import Call


@dataclass(frozen=True, slots=True)
class Request:
    """A call of a client's method: ``call`` is the method with its arguments as source.

    ``answer`` is how boto3 spells what it answers; ``around`` is what stands before and after that in the
    state's result.
    """

    client: str
    action: str
    call: str
    answer: Answer = field(default_factory=Answer)
    around: tuple[str, str] = ("", "")

    def expression(self, role: str) -> str:
        """The whole as one expression; ``role`` is that of a role that makes the call, or empty."""
        return f"{client(self.client, role)}.{self.call}"

    def lines(self, role: str) -> list[str]:
        """The whole as statements that return the state's result."""
        made = [f"client = {client(self.client, role)}", f"answer = client.{self.call}"]
        return [*made, f"return {self.result('answer')}"]

    def result(self, answer: str) -> str:
        """What the state's result is, as source; ``answer`` is that of the client's method."""
        made = f"as_json({answer})"
        if self.answer.maps is not None and self.answer.way:
            kept = ", ".join(map(quote, self.answer.maps)) + ("," if len(self.answer.maps) == 1 else "")
            made = f"{_SPELLERS[self.answer.way]}({made}, ({kept}))"
        return f"{self.around[0]}{made}{self.around[1]}"


def client(name: str, role: str) -> str:
    """The expression of a service's client; ``role`` is that of a role it acts as, or empty."""
    if role:
        return f"client_as({role}, {quote(name)})"
    return f"AwsGenericHook(client_type={quote(name)}).conn"


def call(resource: Resource, arguments: Doc, task: str) -> Call | None:
    """The task that makes the call; None where it is no action that is known here.

    Raises ``Inexpressible`` where its parameters cannot be written.
    """
    found = request(resource, arguments)
    if found is None:
        return None
    doc = f"Call {found.action} of {found.client}."
    return code.call("@task", code.function(code.identifier("call", task), doc, found.lines("")))


def request(resource: Resource, arguments: Doc) -> Request | None:
    """The call that an action is; None where it is no action that is known here.

    Raises ``Inexpressible`` where its parameters cannot be written.
    """
    is_api = resource.kind in ("sdk", "optimized") and not resource.pattern and not resource.is_lambda
    found = api_call(resource, arguments) if is_api else None
    if found is None:
        return None
    client, action = found.client, found.action
    spelled = answer(client, action.name, is_sdk=resource.kind == "sdk")
    if spelled.maps is None:
        raise Inexpressible(f"how {action.name} of {client} spells its answer depends on what is in it")
    given = _given(found.arguments, action, client, is_sdk=resource.kind == "sdk")
    made = f"{method(action.name)}({given})"
    return Request(client, action.name, made, spelled, found.result)


_SPELLERS = {PASCAL: "in_pascal_case", SDK: "in_sdk_case"}
_SYNC: Mapping[str, str] = {
    "athena:startQueryExecution.sync": "query_to_end",
    "batch:submitJob.sync": "batch_job_to_end",
    "bedrock:createModelCustomizationJob.sync": "model_job_to_end",
    "codebuild:retryBuildBatch.sync": "retried_builds_to_end",
    "codebuild:startBuild.sync": "build_to_end",
    "codebuild:startBuildBatch.sync": "builds_to_end",
    "databrew:startJobRun.sync": "databrew_job_to_end",
    "ecs:runTask.sync": "ecs_task_to_end",
    "eks:createCluster.sync": "eks_cluster_to_end",
    "eks:createFargateProfile.sync": "fargate_profile_to_end",
    "eks:createNodegroup.sync": "nodegroup_to_end",
    "eks:deleteCluster.sync": "eks_cluster_to_gone",
    "eks:deleteFargateProfile.sync": "fargate_profile_to_gone",
    "eks:deleteNodegroup.sync": "nodegroup_to_gone",
    "elasticmapreduce:addStep.sync": "emr_step_to_end",
    "elasticmapreduce:createCluster.sync": "emr_cluster_to_end",
    "elasticmapreduce:terminateCluster.sync": "emr_cluster_to_gone",
    "emr-containers:deleteVirtualCluster.sync": "virtual_cluster_to_gone",
    "emr-containers:startJobRun.sync": "emr_on_eks_job_to_end",
    "emr-serverless:cancelJobRun.sync": "serverless_job_to_cancel",
    "emr-serverless:createApplication.sync": "application_to_end",
    "emr-serverless:deleteApplication.sync": "application_to_gone",
    "emr-serverless:startApplication.sync": "application_to_start",
    "emr-serverless:startJobRun.sync": "serverless_job_to_end",
    "emr-serverless:stopApplication.sync": "application_to_stop",
    "glue:startJobRun.sync": "glue_job_to_end",
    "mediaconvert:createJob.sync": "media_job_to_end",
    "sagemaker:createLabelingJob.sync": "labeling_to_end",
    "sagemaker:createProcessingJob.sync": "processing_to_end",
    "sagemaker:createTrainingJob.sync": "training_to_end",
    "sagemaker:createTransformJob.sync": "transform_to_end",
    "sagemaker:createHyperParameterTuningJob.sync": "tuning_to_end",
    "states:startExecution.sync": "execution_to_end",
    "states:startExecution.sync:2": "output_to_end",
}  # the companions that start a job and wait for its end


WAITS = (*(f"{name}(" for name in _SYNC.values()), "cluster_job_to_end(")


def waits(resource: Resource) -> bool:
    """Whether a function can start the job of a resource and wait for its end."""
    name = f"{resource.short}{resource.pattern}"
    return resource.kind == "optimized" and (name in _SYNC or name == "eks:runJob.sync")


def waited(resource: Resource, arguments: Doc, role: str) -> str | None:
    """The expression that starts a job and waits for its end; None where there is none.

    Raises ``Inexpressible`` where its parameters cannot be written.
    """
    found = api_call(resource, arguments) if waits(resource) else None
    if found is None:
        return None
    given = _given(found.arguments, found.action, found.client)
    return f"{_SYNC[resource.short + resource.pattern]}({client(found.client, role)}, {given})"


def _given(arguments: Doc, action: Action, client: str, *, is_sdk: bool = False) -> str:
    """The arguments of the method as source; ``is_sdk``: those of a state of ``aws-sdk``."""
    arguments = _object(arguments)
    shape = parameters(client, action.name)
    if not isinstance(arguments, Obj) or OTHERS in arguments.fields:
        return f"**{python(_late(arguments, shape, action.name, is_sdk))}"
    names = {*action.parameters, *(of_sdk(name, client) for name in action.parameters)}
    unknown = sorted(arguments.fields.keys() - names)
    if unknown:
        raise Inexpressible(f"{action.name} has no parameter `{unknown[0]}`")
    for way in contents(client, action.name):
        arguments = _with_contents(arguments, way)
    spelled = spell(arguments, shape, action.name, is_sdk=is_sdk)
    return ", ".join(f"{name}={python(doc)}" for name, doc in getattr(spelled, "fields", {}).items())


def _with_contents(doc: Doc, way: tuple[str, ...]) -> Doc:
    """Parameters with JSON text where ``way`` leads to bytes: boto3 takes no other values there."""
    match _object(doc), way:
        case Known(str()), ():
            return doc
        case _, ():
            return _json("as_text", doc)
        case _, (texts.JSON,):
            return _json("json_to_string", doc)
        case Obj(fields), (name, *rest) if name in fields:
            return Obj({**fields, name: _with_contents(fields[name], tuple(rest))})
        case Arr(items), (texts.MEMBER, *rest):
            return Arr(tuple(_with_contents(one, tuple(rest)) for one in items))
    return doc


def _json(writer: str, doc: Doc) -> Doc:
    return Known(json_to_string(plain(doc))) if known(doc) else Made(writer, (doc,))


_LATE = "what {} is given is only known when the machine runs, and boto3 spells it another way"


def _object(doc: Doc) -> Doc:
    """A constant object or list with its members as documents."""
    match doc:
        case Known(dict() as value):
            return Obj({name: Known(member) for name, member in value.items()})
        case Known(list() as value):
            return Arr(tuple(Known(member) for member in value))
    return doc


def spell(doc: Doc, shape: Shape, action: str, *, is_sdk: bool = False) -> Doc:
    """Parameters in PascalCase as boto3 spells them; ``is_sdk``: of a state of ``aws-sdk``.

    Raises ``Inexpressible``.
    """
    if shape.is_plain:
        return doc
    match _object(doc):
        case Obj(fields) if OTHERS not in fields:
            found: dict[str, Doc] = {}
            for name, member in fields.items():
                known = shape.member(name)
                if known is None:
                    raise Inexpressible(f"{action} has no parameter `{name}`")
                found[known[0]] = spell(member, known[1], action, is_sdk=is_sdk)
            return Obj(found)
        case Arr(items) if (inner := shape.item) is not None:
            return Arr(tuple(spell(item, inner, action, is_sdk=is_sdk) for item in items))
        case Known():
            return doc
    return _late(doc, shape, action, is_sdk)


def _late(doc: Doc, shape: Shape, action: str, is_sdk: bool) -> Doc:
    """What is only known when the machine runs, as boto3 spells it. Raises ``Inexpressible``."""
    if shape.is_plain or (not is_sdk and shape.is_as_optimized()):
        return doc
    if (inner := shape.in_camel_case()) is None:
        raise Inexpressible(_LATE.format(action))
    return Made("in_camel_case", (doc,), (literal(inner),))


def is_respelt(doc: Doc, shape: Shape, *, is_sdk: bool) -> bool:
    """Whether boto3 spells what is only known when the machine runs in another way."""
    if shape.is_plain or (not is_sdk and shape.is_as_optimized()):
        return False
    match _object(doc):
        case Obj(fields) if OTHERS not in fields:
            inner = ((one, shape.member(name)) for name, one in fields.items())
            return any(is_respelt(one, held[1], is_sdk=is_sdk) for one, held in inner if held is not None)
        case Arr(items) if shape.item is not None:
            return any(is_respelt(one, shape.item, is_sdk=is_sdk) for one in items)
        case Known():
            return False
    return True


_WORD = re.compile(
    r"OTel|WhatsApp|PartiQL|HITs(?=For)|iSCSI|OAuth2(?=Token(?:WithIAM)?$)"
)  # one word to botocore


def method(action: str) -> str:
    """The name of a client's method for an action, as botocore's ``xform_name`` makes it."""
    word = _WORD.sub(lambda found: found[0].capitalize(), action)
    plural = re.sub(r"([A-Z]{2,}s)$", lambda found: f"_{found[1].lower()}", word)
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", plural)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", spaced).lower()
