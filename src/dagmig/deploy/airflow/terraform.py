"""The schedules, rules, pipes and alarms of a Terraform file, as those of a template of CloudFormation.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/scheduler_schedule,
.../cloudwatch_event_rule, .../cloudwatch_event_target
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagmig.lint import hcl
from dagmig.lint.terraform import KIND as MACHINE
from dagmig.lint.terraform import filled_in as filled

JSON = Any
SCHEDULE, RULE = "aws_scheduler_schedule", "aws_cloudwatch_event_rule"
TARGET = "aws_cloudwatch_event_target"
KINDS = {
    SCHEDULE: "AWS::Scheduler::Schedule",
    RULE: "AWS::Events::Rule",
    "aws_pipes_pipe": "AWS::Pipes::Pipe",
    "aws_cloudwatch_metric_alarm": "AWS::CloudWatch::Alarm",
}
NAMES = {
    "schedule_expression": "ScheduleExpression",
    "schedule_expression_timezone": "ScheduleExpressionTimezone",
    "start_date": "StartDate",
    "end_date": "EndDate",
    "state": "State",
    "is_enabled": "Enabled",
    "event_pattern": "EventPattern",
    "arn": "Arn",
    "input": "Input",
    "input_path": "InputPath",
    "input_transformer": "InputTransformer",
    "retry_policy": "RetryPolicy",
    "dead_letter_config": "DeadLetterConfig",
    "target": "Target",
    "dimensions": "Dimensions",
}
EXPRESSION = re.compile(r"\$\{([^${}]+)\}")
ENCODED = re.compile(r"\$\{jsonencode\s*\((.*)\)\}", re.DOTALL)
ATTRIBUTE = re.compile(
    r"\$\{(\w+)\.([\w-]+)(?:\[[^\]]*\])?(?:\.\w+)?\}"
)  # ${aws_sfn_state_machine.orders.arn}


def resources(text: str) -> dict[str, JSON]:
    """The resources by ``type/name``; a target is among the targets of its rule."""
    found: dict[str, dict[str, JSON]] = {}
    targets: list[Mapping[str, JSON]] = []
    for block in hcl.blocks(text, (*KINDS, TARGET)):
        if block.body is None:
            continue
        properties = _named(block.body)
        if block.kind == TARGET:
            targets.append({**properties, "rule": block.body.get("rule")})
            continue
        if isinstance(window := block.body.get("flexible_time_window"), dict):
            minutes = window.get("maximum_window_in_minutes")
            properties["FlexibleTimeWindow"] = {"Mode": window.get("mode"), "MaximumWindowInMinutes": minutes}
        if isinstance(target := block.body.get("target"), dict):
            properties["Target"] = _named(target)
        found[f"{block.kind}/{block.name}"] = {"Type": KINDS[block.kind], "Properties": properties}
    for target in targets:
        rule = ATTRIBUTE.fullmatch(str(target["rule"]))
        named = found.get(f"{rule[1]}/{rule[2]}") if rule is not None else None
        if named is not None:
            named["Properties"].setdefault("Targets", []).append(target)
    return dict(found)


def repeats(text: str, machine: str) -> bool:
    """Whether there are several of a machine (``for_each``, ``count``)."""
    found = (block.body or {} for block in hcl.blocks(text, (MACHINE,)) if block.name == machine)
    return any("for_each" in body or "count" in body for body in found)


def filled_in(text: str, machine: str) -> dict[str, JSON]:
    """What ``templatefile`` fills into the definition of ``aws_sfn_state_machine/NAME``, by name."""
    place = dict(hcl.attributes(text, MACHINE, "definition")).get(machine)
    given = filled(text, place) if place is not None else {}
    return {name: _plain(value) for name, value in given.items()}


def _plain(value: JSON) -> JSON:
    """An expression alone without the braces around it."""
    found = EXPRESSION.fullmatch(value) if isinstance(value, str) else None
    return {"Ref": found[1]} if found is not None else value


def _named(body: Mapping[str, JSON]) -> dict[str, JSON]:
    return {NAMES[name]: _value(value) for name, value in body.items() if name in NAMES}


def _value(value: JSON) -> JSON:
    """A reference as ``Ref``, what ``jsonencode`` is given as data."""
    if not isinstance(value, str):
        return value
    if (named := ATTRIBUTE.fullmatch(value)) is not None:
        return {"Ref": f"{named[1]}/{named[2]}"}
    if (encoded := ENCODED.fullmatch(value)) is not None:
        try:
            return hcl.value(encoded[1], 0).document
        except hcl.NotLiteral:
            return value
    return value
