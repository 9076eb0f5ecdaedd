"""What starts the machines of a template: schedules, rules on events, routes of an API.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html,
.../aws-resource-events-rule.html, and the events of SAM's AWS::Serverless::StateMachine:
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-statemachine-statemachineeventsource.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from dagmig.lint.template import logical_id

JSON = Any
RULE = ("EventBridgeRule", "CloudWatchEvent")
CLOCK = ("Schedule", "ScheduleV2")
OTHERS = {
    "AWS::ApiGateway::Method": (("Integration", "RequestTemplates"), "a method of an API"),
    "AWS::ApiGatewayV2::Integration": (("RequestParameters", "StateMachineArn"), "an integration of an API"),
    "AWS::Pipes::Pipe": (("Target",), "a pipe"),
}  # where each names the machine, and what it is
_SWITCHES = {
    "State": ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
    "Enabled": ("TRUE", "FALSE"),
}
CHANGES_INPUT = ("InputPath", "InputTransformer")


@dataclass(frozen=True, slots=True)
class Start:
    """One thing that starts a machine: a clock (``expression``), an event (``pattern``), or else ``other``.

    ``name`` is what the template calls it, ``pointer`` where it stands. ``given`` is the input as the
    template says it, None where it says none; ``is_changed``: it is made of the event in some way;
    ``is_event``: without ``given`` the input is an event. A clock fires from ``first`` until ``last``,
    each time within ``window`` minutes where that is not empty; ``state`` is what says whether it is switched
    on, where that is not known here. ``rest`` are other properties that say how it
    starts the machine.
    """

    name: str
    pointer: str
    expression: str = ""
    zone: str = "UTC"
    first: str = ""
    last: str = ""
    window: str = ""
    is_enabled: bool = True
    state: str = ""
    pattern: Mapping[str, JSON] | None = None
    given: JSON = None
    is_changed: bool = False
    is_event: bool = False
    other: str = ""
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """The template's parameters, for texts that name one (the loader reads ``!Ref Rate`` as ``Rate``)."""

    parameters: Mapping[str, JSON]

    def text(self, value: JSON) -> str:
        """A text as far as it is known, else an empty one."""
        is_named = isinstance(value, dict) and len(value) == 1
        named = value.get("Ref") if is_named else value
        about = self.parameters.get(named) if isinstance(named, str) else None
        if isinstance(about, dict):
            named = about.get("Default")
        elif is_named:
            return ""
        return str(named) if isinstance(named, (str, int, float)) else ""

    def is_on(self, properties: Mapping[str, JSON]) -> bool:
        """``State`` (``ENABLED``) or, in old events, ``Enabled``."""
        state, enabled = properties.get("State", "ENABLED"), properties.get("Enabled", True)
        return self.text(state).upper() != "DISABLED" and enabled not in (False, "false", "False")

    def unknown_state(self, properties: Mapping[str, JSON]) -> str:
        """What says whether it is on, where that is neither ``State`` nor ``Enabled`` as a word."""
        for name, words in _SWITCHES.items():
            if name in properties and self.text(properties[name]).upper() not in words:
                return f"`{name}` is {json.dumps(properties[name])}"
        return ""


def of_resources(resources: Mapping[str, JSON], machine: str, values: Values) -> Iterator[Start]:
    """The schedules and rules of the template that have the machine as their target."""
    for name, resource in resources.items():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if not isinstance(properties, dict):
            continue
        kind, at = resource.get("Type"), f"/Resources/{name}/Properties"
        if kind == "AWS::Scheduler::Schedule":
            target = properties.get("Target")
            if isinstance(target, dict) and _starts(target, machine):
                about = {key: target[key] for key in _rest(target)}
                known = {**properties, **about, "Input": _input(target)}
                yield _clock(name, at, known, values, is_event=False)
        elif kind in OTHERS and names_machine(_inner(properties, OTHERS[kind][0]), machine):
            yield Start(name, at, other=f"`{name}`, {OTHERS[kind][1]},")
        elif kind == "AWS::Events::Rule":
            targets = properties.get("Targets")
            for target in targets if isinstance(targets, list) else ():
                if isinstance(target, dict) and names_machine(target.get("Arn"), machine):
                    yield _rule(name, at, properties, target, values)


START = "aws-sdk:sfn:startExecution"  # of a target that calls any API


def _starts(target: Mapping[str, JSON], machine: str) -> bool:
    """Whether a schedule starts the machine, be it by the API's own call."""
    arn = target.get("Arn")
    is_call = str(arn).endswith(START) and names_machine(target.get("Input"), machine)
    return is_call or names_machine(arn, machine)


def _input(target: Mapping[str, JSON]) -> JSON:
    """What a schedule gives the machine; by the API's own call it is a text in the call's parameters."""
    given = target.get("Input")
    if not str(target.get("Arn")).endswith(START):
        return given
    with suppress(ValueError, RecursionError):
        call = json.loads(given) if isinstance(given, str) else given
        return call.get("Input", "{}") if isinstance(call, dict) else None
    return None


def _inner(properties: Mapping[str, JSON], keys: tuple[str, ...]) -> JSON:
    found: JSON = properties
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def names_machine(arn: JSON, machine: str) -> bool:
    """Whether an ARN is the machine's: ``Ref``, ``Fn::GetAtt``, or a text with ``${Machine...}`` in it."""
    if logical_id(arn) == machine:
        return True
    text = json.dumps(arn) if isinstance(arn, dict | list) else str(arn)
    return re.search(rf"\$\{{{re.escape(machine)}(?:\.\w+)?\}}", text) is not None or (
        isinstance(arn, dict)
        and "Fn::Join" in arn
        and re.search(rf'"{re.escape(machine)}"', text) is not None
    )


def of_events(events: JSON, at: str, values: Values) -> Iterator[Start]:
    """The ``Events`` of a SAM machine, whose properties stand at ``at``."""
    if events is not None and not isinstance(events, dict):
        yield Start("Events", f"{at}/Events", other="`Events`, which cannot be read here,")
    for name, event in events.items() if isinstance(events, dict) else ():
        kind = event.get("Type") if isinstance(event, dict) else None
        properties = event.get("Properties") if isinstance(event, dict) else None
        place = f"{at}/Events/{name}"
        if isinstance(kind, str) and not isinstance(properties, dict):
            yield Start(name, place, other=f"`{name}`, a {kind} without Properties,")
        elif not isinstance(properties, dict):
            yield Start(name, place, other=f"`{name}`, which is no event,")
        elif kind in CLOCK:
            yield _clock(name, place, properties, values, is_event=kind == "Schedule")
        elif kind in RULE:
            rule = {"EventPattern": properties.get("Pattern"), "State": properties.get("State", "ENABLED")}
            yield _rule(name, place, rule, properties, values)
        elif kind == "Api":
            method = values.text(properties.get("Method")).upper() or "ANY"
            yield Start(name, place, other=f"{method} {values.text(properties.get('Path'))}".strip())
        elif isinstance(kind, str):
            yield Start(name, place, other=kind)


def _clock(name: str, at: str, properties: Mapping[str, JSON], values: Values, *, is_event: bool) -> Start:
    expression = properties.get("ScheduleExpression", properties.get("Schedule"))
    return Start(
        name,
        at,
        values.text(expression) or "?",
        values.text(properties.get("ScheduleExpressionTimezone")) or "UTC",
        values.text(properties.get("StartDate")),
        values.text(properties.get("EndDate")),
        _window(properties.get("FlexibleTimeWindow"), values),
        values.is_on(properties),
        values.unknown_state(properties),
        given=properties.get("Input"),
        is_event=is_event,
        rest=_rest(properties),
    )


def _rest(properties: Mapping[str, JSON]) -> tuple[str, ...]:
    return tuple(name for name in ("DeadLetterConfig", "RetryPolicy") if name in properties)


def _window(given: JSON, values: Values) -> str:
    """The minutes of a ``FlexibleTimeWindow``; empty where it is off."""
    is_on = isinstance(given, dict) and values.text(given.get("Mode")).upper() == "FLEXIBLE"
    return (values.text(given.get("MaximumWindowInMinutes")) or "some") if is_on else ""


def _rule(name: str, at: str, rule: Mapping[str, JSON], target: Mapping[str, JSON], values: Values) -> Start:
    start = Start(
        name,
        at,
        is_enabled=values.is_on(rule),
        state=values.unknown_state(rule),
        given=target.get("Input"),
        is_changed=any(key in target for key in CHANGES_INPUT),
        is_event=True,
        rest=_rest(target),
    )
    expression = rule.get("ScheduleExpression")
    if expression is not None:
        return replace(start, expression=values.text(expression) or "?")
    pattern = rule.get("EventPattern")
    if isinstance(pattern, str):
        with suppress(ValueError, RecursionError):
            pattern = json.loads(pattern)
    return replace(start, pattern=pattern if isinstance(pattern, dict) else {})
