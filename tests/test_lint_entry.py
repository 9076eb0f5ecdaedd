"""The rules about the execution's input: what is asked for, and what has become something else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.source import Source

CHOSEN = {
    rule.id: rule
    for rule in rules()
    if rule.id in ("choice-variable-maybe-absent", "unguarded-undefined", "input-unvalidated")
}


def found(rule: str, states: dict[str, Any], language: str = "JSONPath") -> list[str]:
    machine = {"QueryLanguage": language, "StartAt": next(iter(states)), "States": states}
    source = Source(json.dumps(machine), "a.asl.json", "machine")
    return [one.message for one in check(source, (CHOSEN[rule],)).found]


def choice(*tests: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{**test, "Next": "End"} for test in tests], "Default": "End"}


END = {"Type": "Succeed"}
FULL = {"Variable": "$.a.full", "BooleanEquals": True}


@pytest.mark.parametrize(
    ("states", "flagged"),
    [
        ({"Ask": choice(FULL)}, 1),
        ({"Ask": choice({"Not": FULL}), "End": END}, 1),
        ({"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Ask"}, "Ask": choice(FULL)}, 1),
        ({"Ask": choice({"Variable": "$$.Execution.Input.a", "StringMatches": "x*"})}, 1),
        ({"Ask": choice({"Variable": "$.a", "StringEqualsPath": "$.b"})}, 2),
        ({"Ask": choice({"And": [{"Variable": "$.a.full", "IsPresent": True}, FULL]})}, 0),
        ({"Ask": choice({"Variable": "$.a", "IsPresent": False}, FULL)}, 0),
        ({"Ask": choice({"Variable": "$.a.other", "IsPresent": True}, FULL)}, 1),
        ({"Ask": choice({"Variable": "$.a", "IsNull": True})}, 0),
        ({"Ask": {**choice(FULL), "InputPath": "$.b"}}, 0),
        ({"Ask": choice({"Variable": "$$.Execution.Name", "StringMatches": "x*"})}, 0),
        ({"Ask": choice({"Variable": "$", "StringEquals": "x"})}, 0),
        ({"Set": {"Type": "Pass", "Result": {"a": {"full": True}}, "Next": "Ask"}, "Ask": choice(FULL)}, 0),
        ({"Get": {"Type": "Task", "Resource": "r", "Next": "Ask"}, "Ask": choice(FULL)}, 0),
    ],
)
def test_variable_of_a_choice(states: dict[str, Any], flagged: int) -> None:
    assert len(found("choice-variable-maybe-absent", {**states, "End": END})) == flagged


@pytest.mark.parametrize(
    ("expression", "flagged"),
    [
        ("$states.input.a.b", True),
        ("$states.context.Execution.Input.a", True),
        ("$states.input", False),
        ("$states.context.Execution.Name", False),
        ("$exists($states.input.a) ? $states.input.a : 5", False),
        ("$states.input.a = 5", False),
        ("$a.b", False),
        ("$states.input.(", False),
    ],
)
def test_expression_that_may_yield_nothing(expression: str, flagged: bool) -> None:
    states = {"Say": {"Type": "Pass", "Output": {"a": "{% " + expression + " %}"}, "End": True}}
    assert bool(found("unguarded-undefined", states, "JSONata")) == flagged
    asked = choice({"Condition": "{% $exists($states.input.a) %}"}) | {"Default": "Say"}
    asks_of_context = choice({"Condition": "{% $exists($states.context.Execution.Input.a) %}"})
    for ask in (asked, asks_of_context):
        assert found("unguarded-undefined", {"Ask": ask, **states, "End": END}, "JSONata") == []


def run_task(command: Any) -> dict[str, Any]:
    given = {"TaskDefinition": "t", "Overrides": {"ContainerOverrides": [{"Name": "c", **command}]}}
    return {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": given, "End": True}


@pytest.mark.parametrize(
    ("command", "flagged"),
    [
        ({"Command.$": "$.command"}, True),
        ({"Command": ["load", "x"]}, False),
        ({"Command.$": "States.Array('load', $.day)"}, True),
        ({"Command.$": "$$.Execution.Input.command"}, True),
        ({"Command.$": "States.Array('load', $$.Execution.Name)"}, False),
        ({"Environment": [{"Name": "a", "Value.$": "$.command"}]}, False),
    ],
)
def test_command_of_the_input(command: dict[str, Any], flagged: bool) -> None:
    run = run_task(command)
    assert bool(found("input-unvalidated", {"Run": run})) == flagged
    compared = choice(
        {"Variable": "$.command", "StringEquals": "load"}, {"Variable": "$.day", "StringMatches": "2*"}
    )
    assert found("input-unvalidated", {"Ask": compared | {"Default": "Run"}, "Run": run, "End": END}) == []
