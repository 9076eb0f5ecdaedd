"""The roles that a call hands to a service, and to which one.

Which actions need ``iam:PassRole`` is what the Service Authorization Reference says of their dependent
actions; it leaves out some that take a role all the same (``eks:CreateCluster``), so that the parameters are
looked at too. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dagmig.asl.services.authorization import privilege
from dagmig.lint.machine.calls import Call
from dagmig.lint.machine.iam.need import AT_RUN_TIME, Allowed
from dagmig.lint.machine.iam.texts import OPEN, is_arn, members

ACTION = "iam:PassRole"
_ROLES = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
_NAMES_A_ROLE = re.compile(r"(^|[a-z])(Role|RoleArn|RoleARN|RoleName)$|^(role|roleArn)$")
_GIVES_NONE = frozenset({"emr-containers", "iam", "lakeformation", "organizations", "sso", "sts"})
# they manage roles, take them on, or have a condition of their own for the role that they are given
_NOT_IN_REFERENCE = frozenset(
    {
        *("eks:CreateCluster", "eks:CreateFargateProfile", "eks:CreateNodegroup", "mediaconvert:CreateJob"),
        *("glue:CreateCrawler", "bedrock:CreateModelCustomizationJob"),
    }
)  # https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html and the page of each
_CHANGES = frozenset({"Write", "Permissions management"})
_PRINCIPALS: Mapping[str, tuple[str, ...]] = {
    "ecs": ("ecs-tasks",),
    "eks:CreateFargateProfile": ("eks-fargate-pods",),
    "eks:CreateNodegroup": ("eks", "ec2"),
    "elasticmapreduce": ("elasticmapreduce", "ec2"),
    "rds:StartExportTask": ("export.rds",),
    "bedrock-agent": ("bedrock",),
}  # by IAM action, or service prefix, where the service that takes the role is called otherwise


def roles(call: Call) -> tuple[str, ...]:
    """The roles that a call's parameters hold, as ARNs; empty where there are none."""
    found = (text for name, text in members(call) if _NAMES_A_ROLE.search(name))
    return tuple(dict.fromkeys(text if is_arn(text) else f"{_ROLES}{text}" for text in found))


def passes_role(call: Call, actions: tuple[str, ...]) -> bool:
    """Whether a call gives the service a role: on Fargate ECS's tasks have one of their own."""
    if not actions or not any(map(_may, actions)):
        return False
    if roles(call):
        return True
    if "ecs:RunTask" in actions:
        return bool(call.value("LaunchType") == "FARGATE")
    return _is_required(call, actions)


def _may(action: str) -> bool:
    known = privilege(action)
    return known is not None and known.level in _CHANGES and action.partition(":")[0] not in _GIVES_NONE


def _is_certain(actions: tuple[str, ...]) -> bool:
    """Whether it is written of an action that it fails without the permission to pass the role."""
    known = [one for action in actions if (one := privilege(action)) is not None]
    return any(ACTION in one.dependents or one.name in _NOT_IN_REFERENCE for one in known)


def _is_required(call: Call, actions: tuple[str, ...]) -> bool:
    """Whether the service takes a role with every call, and the machine does not write out which."""
    asked = call.action.required if call.action is not None else ()
    is_asked = (
        any(map(_NAMES_A_ROLE.search, asked)) or call.resource.short == "elasticmapreduce:createCluster"
    )
    return _is_certain(actions) and is_asked and call.given is None


def of_roles(call: Call, actions: tuple[str, ...]) -> Iterator[Allowed]:
    """The permission to pass the roles of a call, to the service that it calls."""
    if passes_role(call, actions):
        found = roles(call) or (f"{_ROLES}{OPEN}",)
        service = actions[0].partition(":")[0]
        principals = _PRINCIPALS.get(actions[0], _PRINCIPALS.get(service, (service,)))
        to = ("StringEquals", "iam:PassedToService", tuple(f"{one}.amazonaws.com" for one in principals))
        why = AT_RUN_TIME if any(OPEN in one for one in found) else ""
        yield Allowed(ACTION, found, why, (to,), is_required=_is_certain(actions))
