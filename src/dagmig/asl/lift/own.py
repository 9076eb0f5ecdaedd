"""Optimized integrations that are more than one call of the API: functions that a DAG carries along do them.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and the page of each service
there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.asl.lift import sdk, web_calls
from dagmig.asl.lift.document import OTHERS, Doc, Known, Lost, Made, Obj, Ref, known, plain, select
from dagmig.asl.lift.expression import Inexpressible, python
from dagmig.asl.lift.intrinsics import json_to_string
from dagmig.asl.lift.renamed import RENAMED, checked
from dagmig.asl.resource import Resource
from dagmig.asl.services.optimized import called
from dagmig.diagnostics import Disposition
from dagmig.integrations.spelling import sdk_name

_PLACE = ("ClusterName*", "CertificateAuthority*", "Endpoint*")
_JOB = (*_PLACE, "Job*", "Namespace", "LogOptions")
_ON_CLUSTER: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "eks:call": ("call_cluster", (*_PLACE, "Method*", "Path*", "QueryParameters", "RequestBody")),
    "eks:runJob": ("start_cluster_job", _JOB),
    "eks:runJob.sync": ("cluster_job_to_end", _JOB),
}
_BY_NAME: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "elasticmapreduce:modifyInstanceFleetByName": (
        "modify_fleet",
        ("ClusterId*", "InstanceFleetName*", "InstanceFleet*"),
    ),
    "elasticmapreduce:modifyInstanceGroupByName": (
        "modify_group",
        ("ClusterId*", "InstanceGroupName*", "InstanceGroup*"),
    ),
}
_FUNCTIONS = dict((*_ON_CLUSTER.values(), *_BY_NAME.values()))
_MODEL = "bedrock:invokeModel"
_MODEL_PARAMETERS = ("ModelId*", "Body", "Input", "ContentType", "Accept", "GuardrailIdentifier",
                     "GuardrailVersion", "Trace", "PerformanceConfigLatency", "ServiceTier")  # fmt: skip
_OWN: Mapping[str, tuple[str, ...]] = {
    _MODEL: (*_MODEL_PARAMETERS, "Output"),
    **{name: parameters for name, (_, parameters) in {**_ON_CLUSTER, **_BY_NAME}.items()},
}
WORKS = tuple(f"{name}(" for name in ("call_api", "invoke_model", *_FUNCTIONS))
_SAID = {"apigateway": "Call an API of API Gateway.", "eks": "Call the API of a cluster on EKS."}


def faults(resource: Resource, arguments: Doc) -> Iterator[str]:
    """What is wrong with the names of the parameters that an integration is given."""
    if not isinstance(arguments, Obj) or OTHERS in arguments.fields:
        return
    names = _parameters(resource)
    known = {name.rstrip("*") for name in names}
    if resource.kind == "sdk":
        known |= set(map(sdk_name, known))
    for name in sorted(arguments.fields.keys() - known) if names else ():
        yield f"{resource.short} has no parameter `{name}`"
    for name in names:
        if name.endswith("*") and name[:-1] not in arguments.fields:
            yield f"`{name[:-1]}` is missing"


def _parameters(resource: Resource) -> tuple[str, ...]:
    """The parameters of an integration, empty where they are not known; of one that has its own, those that
    are needed have a star at the end.
    """
    if resource.kind == "optimized" and resource.short in RENAMED:
        return RENAMED[resource.short].known
    if resource.kind == "optimized" and resource.short in _OWN:
        return _OWN[resource.short]
    found = called(resource)
    return found[1].parameters if found else ()


def rows(resource: Resource, method: object) -> Iterator[tuple[str, Disposition, str]]:
    """What is otherwise where a function calls the API of a cluster; ``method`` as far as it is known."""
    if resource.kind != "optimized" or resource.short + resource.pattern not in _ON_CLUSTER:
        return
    said = "the cluster has to let in whom Airflow's AWS connection signs in as, as it did the machine's role"
    yield "cluster", Disposition.NOTED, said
    if resource.short == "eks:call" and method not in ("GET", "POST", "PUT", "DELETE", "HEAD"):
        said = "a PATCH is sent as a JSON merge patch: AWS does not say which kind Step Functions sends"
        yield "Method", Disposition.DECISION, said


def call(resource: Resource, arguments: Doc, role: str) -> str | None:
    """The expression that does the work of a resource; None where no function does. Raises ``Inexpressible``.

    ``role`` is the expression of the role it acts as, or empty.
    """
    name = resource.short + resource.pattern
    if resource.kind != "optimized":
        return None
    if name in _BY_NAME:
        function, parameters = _BY_NAME[name]
        fields = checked(arguments, resource.short, parameters)
        given = ", ".join(python(fields[parameter.rstrip("*")]) for parameter in parameters)
        return f"{function}({sdk.client('emr', role)}, {given})"
    if name == _MODEL:
        return f"invoke_model({sdk.client('bedrock-runtime', role)}, {_of_model(arguments)})"
    if role:
        return None
    if web_calls.is_api(resource):
        return web_calls.api_call(arguments)
    if name in _ON_CLUSTER:
        function, parameters = _ON_CLUSTER[name]
        return f"{function}({python(Obj(checked(arguments, resource.short, parameters)))})"
    return None


def said(resource: Resource) -> str:
    """What a function is said to do."""
    return _SAID.get(resource.service, f"Do {resource.short}.")


def result(resource: Resource, answer: Ref) -> Doc:
    """The result of a state where ``answer`` is what the function returns that does its work."""
    if resource.short + resource.pattern == "eks:runJob":
        return Lost("AWS does not say what eks:runJob returns")
    return answer


def _of_model(arguments: Doc) -> str:
    """The parameters of a model's call as boto3 has them. Raises ``Inexpressible``."""
    if "Output" in getattr(arguments, "fields", {}):
        raise Inexpressible("`Output`: AWS does not say what the state returns then")
    fields = dict(checked(arguments, _MODEL, _MODEL_PARAMETERS))
    source, body = fields.pop("Input", None), fields.pop("Body", None)
    if (source is None) is (body is None):
        raise Inexpressible("one of `Body` and `Input` is given to a model")
    if source is not None:
        found: dict[str, Doc] = {"source": select(source, ("S3Uri",))}
    else:
        assert body is not None
        found = {
            "body": Known(json_to_string(plain(body))) if known(body) else Made("json_to_string", (body,))
        }
    found |= {name[:1].lower() + name[1:]: doc for name, doc in fields.items()}
    return ", ".join(f"{name}={python(doc)}" for name, doc in found.items())
