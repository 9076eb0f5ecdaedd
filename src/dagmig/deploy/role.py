"""What the roles of a bundle allow: the machine's, the scheduler's, and those of its functions.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dagmig.asl.model import Machine
from dagmig.lint.machine.iam import needs
from dagmig.lint.machine.iam.need import Condition
from dagmig.lint.source import Subject


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement of a policy allows; ``why`` is a comment."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    why: str = ""
    conditions: tuple[Condition, ...] = ()


def of_machine(machine: Machine, name: str) -> tuple[Statement, ...]:
    """The own role of a machine of that name: what its tasks call, its log and its traces."""
    found = (need.allowed for need in needs.of_machine(Subject(machine), name))
    made = (Statement((one.action,), one.resources, one.why, one.conditions) for one in found)
    return (*_merged(made), LOGS, TRACES)


WITHOUT_ACCOUNT = ("apigateway.amazonaws.com", "lambda.amazonaws.com")
"""Services that do not say for whose account they ask for a role."""
LOGS = Statement(
    (
        *(
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
        ),
        *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"),
        "logs:DescribeLogGroups",
    ),
    ("*",),
    "the delivery of logs takes no narrower resource",
)
TRACES = Statement(
    (
        *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
        *("xray:GetSamplingRules", "xray:GetSamplingTargets"),
    ),
    ("*",),
    "X-Ray takes no narrower resource",
)


def _merged(found: Iterable[Statement]) -> list[Statement]:
    """Those with the same resources as one, then those with the same actions, in order."""
    made: dict[tuple[object, ...], Statement] = {}
    for one in found:
        key = (one.resources, one.why, one.conditions)
        actions = {*one.actions, *(made[key].actions if key in made else ())}
        made[key] = replace(one, actions=tuple(sorted(actions)))
    merged: dict[tuple[object, ...], Statement] = {}
    for one in made.values():
        key = (one.actions, one.why, one.conditions)
        arns = {*one.resources, *(merged[key].resources if key in merged else ())}
        merged[key] = replace(one, resources=tuple(sorted(arns)))
    return sorted(merged.values(), key=lambda one: (one.actions, one.resources, one.conditions))
