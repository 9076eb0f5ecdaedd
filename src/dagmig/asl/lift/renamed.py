"""Optimized integrations that are a call of the API by other names.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html and
https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html say what they are given and
return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagmig.asl.lift.document import OTHERS, Arr, Doc, Known, Obj
from dagmig.asl.lift.expression import Inexpressible, python
from dagmig.asl.resource import Resource
from dagmig.asl.services import Action, service
from dagmig.asl.services.optimized import called

_LISTS = frozenset({"JobFlowIds", "StepIds", "Steps"})  # of the API, which are given one


@dataclass(frozen=True, slots=True)
class Renamed:
    """An action of EMR under a name of Step Functions: ``names`` are the API's names of its ``parameters``,
    ``result`` is what stands before and after the API's answer in the source of what it returns.
    """

    action: str
    parameters: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    result: tuple[str, str] = ("", "")

    @property
    def known(self) -> tuple[str, ...]:
        """Its parameters, those with a star at the end being needed; else all of the API's."""
        emr = service("emr")
        if self.parameters or emr is None:
            return self.parameters
        return tuple(name for name in emr.actions[self.action].parameters if name != "Steps")

    def given(self, arguments: Doc, said: str) -> Doc:
        """The parameters as the API has them. Raises ``Inexpressible``."""
        fields = checked(arguments, said, self.known)
        found = {self.names.get(name, name): doc for name, doc in fields.items()}
        return Obj({name: Arr((doc,)) if name in _LISTS else doc for name, doc in found.items()})


_EMR = "elasticmapreduce:"
_CLUSTER = {"ClusterId": "JobFlowIds"}
RENAMED: Mapping[str, Renamed] = {
    _EMR + "addStep": Renamed(
        "addJobFlowSteps",
        ("ClusterId*", "Step*", "ExecutionRoleArn"),
        {"ClusterId": "JobFlowId", "Step": "Steps"},
        ('{"StepId": ', '["StepIds"][0]}'),
    ),
    _EMR + "cancelStep": Renamed(
        "cancelSteps",
        ("ClusterId*", "StepId*", "StepCancellationOption"),
        {"StepId": "StepIds"},
        ('{"CancelStepsInfo": ', '["CancelStepsInfoList"][0]}'),
    ),
    _EMR + "createCluster": Renamed("runJobFlow", (), {}, ('{"ClusterId": ', '["JobFlowId"]}')),
    _EMR + "setClusterTerminationProtection": Renamed(
        "setTerminationProtection", ("ClusterId*", "TerminationProtected*"), _CLUSTER
    ),
    _EMR + "terminateCluster": Renamed("terminateJobFlows", ("ClusterId*",), _CLUSTER),
}
_OF_APPLICATION = frozenset(f"emr-serverless:{verb}Application" for verb in ("start", "stop", "delete"))


def checked(arguments: Doc, said: str, parameters: tuple[str, ...]) -> Mapping[str, Doc]:
    """The arguments by name, which are ``parameters``, those with a star at the end being needed.

    Raises ``Inexpressible``.
    """
    if isinstance(arguments, Known) and isinstance(arguments.value, dict):
        arguments = Obj({name: Known(value) for name, value in arguments.value.items()})
    if not isinstance(arguments, Obj) or OTHERS in arguments.fields:
        raise Inexpressible(f"what {said} is given is only known when the machine runs")
    names = {name.rstrip("*") for name in parameters}
    for name in sorted(arguments.fields.keys() - names):
        raise Inexpressible(f"{said} has no parameter `{name}`")
    for name in parameters:
        if name.endswith("*") and name[:-1] not in arguments.fields:
            raise Inexpressible(f"`{name[:-1]}` is missing")
    return arguments.fields


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of the API: ``result`` as in ``Renamed``."""

    client: str
    action: Action
    arguments: Doc
    result: tuple[str, str] = ("", "")


def api_call(resource: Resource, arguments: Doc) -> ApiCall | None:
    """The API's call behind a resource; None where there is none. Raises ``Inexpressible``."""
    own = RENAMED.get(resource.short) if resource.kind == "optimized" else None
    if own is not None and (emr := service("emr")) is not None:
        return ApiCall(emr.client, emr.actions[own.action], own.given(arguments, resource.short), own.result)
    found = called(resource)
    if found is None:
        return None
    if resource.short not in _OF_APPLICATION:
        return ApiCall(*found, arguments)
    name = checked(arguments, resource.short, ("ApplicationId*",))["ApplicationId"]
    return ApiCall(*found, arguments, (f'{{"ApplicationId": {python(name)}, **', "}"))
