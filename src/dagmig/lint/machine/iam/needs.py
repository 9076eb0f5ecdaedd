"""What IAM has to allow a machine, by what its tasks call: one list for its role and for rules about roles.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html and the page of
each service there, https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dagmig.asl.model import State
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.machine.iam import data, jobs, passing
from dagmig.lint.machine.iam.arns import resources, why_any
from dagmig.lint.machine.iam.maps import of_map
from dagmig.lint.machine.iam.need import HERE, Allowed, Condition, of_kind
from dagmig.lint.machine.iam.texts import OPEN, is_arn, known
from dagmig.lint.source import Subject, remembered

OTHERWISE_NAMED: Mapping[str, tuple[str, ...]] = {
    "apigateway:invoke": ("execute-api:Invoke",),
    "lambda:invoke": ("lambda:InvokeFunction",),
    "http:invoke": ("states:InvokeHTTPEndpoint", "events:RetrieveConnectionCredentials"),
    "elasticmapreduce:createCluster": ("elasticmapreduce:RunJobFlow",),
    "elasticmapreduce:terminateCluster": ("elasticmapreduce:TerminateJobFlows",),
    "elasticmapreduce:addStep": ("elasticmapreduce:AddJobFlowSteps",),
    "elasticmapreduce:cancelStep": ("elasticmapreduce:CancelSteps",),
    "elasticmapreduce:setClusterTerminationProtection": ("elasticmapreduce:SetTerminationProtection",),
    "elasticmapreduce:modifyInstanceFleetByName": (
        "elasticmapreduce:ModifyInstanceFleet",
        "elasticmapreduce:ListInstanceFleets",
    ),
    "elasticmapreduce:modifyInstanceGroupByName": (
        "elasticmapreduce:ModifyInstanceGroups",
        "elasticmapreduce:ListInstanceGroups",
    ),
    "bedrock:invokeModel": ("bedrock:InvokeModel",),
    "bedrock:createModelCustomizationJob": ("bedrock:CreateModelCustomizationJob",),
    "aws-sdk:lambda:invoke": ("lambda:InvokeFunction",),
    "aws-sdk:s3:listObjects": ("s3:ListBucket",),
    "aws-sdk:s3:listObjectsV2": ("s3:ListBucket",),
    "aws-sdk:s3:headBucket": ("s3:ListBucket",),
    "aws-sdk:s3:listBuckets": ("s3:ListAllMyBuckets",),
    "aws-sdk:s3:headObject": ("s3:GetObject",),
    "aws-sdk:s3:copyObject": ("s3:GetObject", "s3:PutObject"),
    "aws-sdk:s3:deleteObjects": ("s3:DeleteObject",),
    "aws-sdk:s3:deleteBucketTagging": ("s3:PutBucketTagging",),
    "aws-sdk:sqs:sendMessageBatch": ("sqs:SendMessage",),
    "aws-sdk:sqs:deleteMessageBatch": ("sqs:DeleteMessage",),
    "aws-sdk:sns:publishBatch": ("sns:Publish",),
}
_ANY = OPEN  # the name of a machine that is not known
_BEGIN = re.compile(r"\{%\s*'(https://[^'\\*?]+)'\s*&")


@dataclass(frozen=True, slots=True)
class Need:
    """What IAM has to allow, and the state that needs it, with the place of what does."""

    allowed: Allowed
    what: str
    state: State
    pointer: str

    @property
    def action(self) -> str:
        return self.allowed.action


def of_call(call: Call) -> tuple[str, ...]:
    """The IAM actions of a call itself, without which it fails; empty where they are not known."""
    if call.resource.kind == "function":
        return ("lambda:InvokeFunction",)
    if (named := OTHERWISE_NAMED.get(call.resource.short)) is not None:
        return named
    return (call.action.permission,) if call.action and call.action.permission else ()


def of_machine(subject: Subject, name: str) -> Iterator[Need]:
    """What the own role of a machine of that name has to allow.

    A task with ``Credentials`` acts in another role, which the machine's role has to take on.
    """
    for call in calls(subject):
        if "Credentials" in call.state.fields:
            yield Need(_of_other_role(call), "Credentials", call.state, f"{call.state.pointer}/Credentials")
        else:
            found = _of_http(call, name) if call.resource.service == "http" else _of(call)
            yield from (Need(one, call.resource.short, call.state, call.pointer) for one in found)
    for state in subject.states:
        yield from (Need(one, "a distributed Map", state, state.pointer) for one in of_map(state, name))


@remembered
def needs(subject: Subject) -> Iterator[Need]:
    """The same, whatever the machine is called."""
    yield from of_machine(subject, _ANY)


def required(subject: Subject) -> Iterator[Need]:
    """What fails where it is not allowed."""
    yield from (need for need in needs(subject) if need.allowed.is_required)


def _of(call: Call) -> Iterator[Allowed]:
    if call.resource.kind == "function":
        yield Allowed("lambda:InvokeFunction", (call.resource.text,), is_required=True)
        return
    actions = of_call(call)
    for action in actions:
        yield _allowed(call, action)
        yield from data.of_tags(call, action)
    yield from jobs.of_sync(call)
    yield from jobs.of_listing(call)
    yield from passing.of_roles(call, actions)
    for more in (data.of_query, data.of_results, data.of_objects, data.of_credentials, data.of_keys):
        yield from more(call)


def _allowed(call: Call, action: str) -> Allowed:
    if why := why_any(action):
        return Allowed(action, ("*",), why, is_required=True)
    found = of_kind(action, *resources(call, action), is_required=True)
    role = known(call.value("ExecutionRoleArn")) if action == "emr-containers:StartJobRun" else ""
    if not is_arn(role):
        return found
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-eks.html
    return replace(found, conditions=(("StringEquals", "emr-containers:ExecutionRoleArn", (role,)),))


def _of_other_role(call: Call) -> Allowed:
    """Where its trust policy names the machine's role, one of the same account need not be allowed."""
    given = call.state.fields["Credentials"]
    role = known(given.get("RoleArn")) if isinstance(given, dict) else OPEN
    return of_kind("sts:AssumeRole", role if is_arn(role) else "arn:${AWS::Partition}:iam::*:role/*")


def _of_http(call: Call, name: str) -> Iterator[Allowed]:
    given = [call.value(name) for name in ("InvocationConfig", "Authentication")]
    named = [known(one["ConnectionArn"]) for one in given if isinstance(one, dict) and "ConnectionArn" in one]
    connection = named[0] if named else OPEN
    arn = connection if is_arn(connection) else HERE % "events" + "connection/*"
    itself = HERE % "states" + "stateMachine:" + name
    conditions = tuple(_of_endpoint(call))
    yield Allowed("states:InvokeHTTPEndpoint", (itself,), "", conditions, is_required=True)
    yield of_kind("events:RetrieveConnectionCredentials", arn, is_required=True)
    secret = HERE % "secretsmanager" + "secret:events!connection/*"
    for action in ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"):
        yield of_kind(action, secret)


def _of_endpoint(call: Call) -> Iterator[Condition]:
    """The method and the address of an HTTP Task, as far as they are written out."""
    method, endpoint = call.value("Method"), call.value("ApiEndpoint")
    if isinstance(method, str) and method.isalpha():
        yield "StringEquals", "states:HTTPMethod", (method,)
    if isinstance(endpoint, str) and endpoint.startswith("https://"):
        is_whole = call.given is not None and "QueryParameters" not in call.given
        yield "StringLike", "states:HTTPEndpoint", (endpoint if is_whole else f"{endpoint}*",)
    elif isinstance(endpoint, str) and (begin := _BEGIN.match(endpoint)) is not None:
        yield "StringLike", "states:HTTPEndpoint", (f"{begin[1]}*",)
