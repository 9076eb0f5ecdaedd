"""The rules over state machines: where they must stay silent."""

from __future__ import annotations

import json

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.source import Source


def found(rule: str, document: object) -> list[str]:
    """What one rule says of a machine."""
    (chosen,) = [one for one in rules() if one.id == rule]
    result = check(Source(json.dumps(document), "a.asl.json", "machine"), (chosen,)).found
    assert {diagnostic.code for diagnostic in result} <= {rule}
    return [diagnostic.message for diagnostic in result]


def choice(*tests: dict[str, object]) -> dict[str, object]:
    ask = {"Type": "Choice", "Choices": [{**test, "Next": "End"} for test in tests]}
    return {"StartAt": "Ask", "States": {"Ask": ask, "End": {"Type": "Succeed"}}}


def of(**test: object) -> dict[str, object]:
    return {"Variable": "$.a", **test}


@pytest.mark.parametrize(
    ("tests", "flagged"),
    [
        ([of(BooleanEquals=True), of(BooleanEquals=False)], False),
        ([of(IsPresent=False), of(IsPresent=True)], False),
        ([of(NumericLessThan=3), of(NumericGreaterThanEquals=3)], False),
        ([of(NumericLessThanEquals=3), of(NumericGreaterThan=3)], False),
        ([of(StringEquals="x"), {"Not": of(StringEquals="x")}], False),
        ([{"Not": of(StringEquals="x")}, of(StringEquals="x")], False),
        ([{"And": [of(IsNull=True)]}, {"Not": {"And": [of(IsNull=True)]}}], False),
        ([{"Condition": "{% $x %}"}, {"Condition": "{% $not($x) %}"}], False),
        ([{"Condition": "{% $x %}"}, {"Condition": "{% true %}"}], False),
        ([of(BooleanEquals=True), {"Variable": "$.b", "BooleanEquals": False}], True),
        ([of(NumericLessThan=3), of(NumericGreaterThan=3)], True),
        ([of(NumericLessThan=3), of(NumericGreaterThanEquals=4)], True),
        ([of(StringEquals="buy"), of(StringEquals="sell")], True),
        ([of(StringEquals="x"), {"Not": of(StringEquals="y")}], True),
        ([{"Condition": "{% $x %}"}, {"Condition": "{% $not($y) %}"}], True),
        ([], True),
    ],
)
def test_choice_without_default(tests: list[dict[str, object]], flagged: bool) -> None:
    assert bool(found("choice-no-default", choice(*tests))) == flagged


@pytest.mark.parametrize(
    ("resource", "flagged"),
    [
        ("arn:aws:lambda:eu-west-1:123456789012:function:load", True),
        ("arn:aws:states:eu-west-1:123456789012:activity:approve", True),
        ("arn:aws:states:::lambda:invoke", True),
        ("arn:aws:states:::apigateway:invoke", True),
        ("arn:aws:states:::glue:startJobRun.sync", True),
        ("arn:aws:states:::states:startExecution.sync:2", True),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", True),
        ("arn:aws:states:::glue:startJobRun", False),
        ("arn:aws:states:::states:startExecution", False),
        ("arn:aws:states:::sns:publish", False),
        ("arn:aws:states:::aws-sdk:s3:getObject", False),
    ],
)
def test_task_without_timeout(resource: str, flagged: bool) -> None:
    task = {"Type": "Task", "Resource": resource, "End": True}
    machine = {"StartAt": "a", "States": {"a": task}}
    assert bool(found("task-no-timeout", machine)) == flagged
    for bounded in (
        {**machine, "TimeoutSeconds": 9},
        {**machine, "States": {"a": task | {"TimeoutSeconds": 9}}},
    ):
        assert found("task-no-timeout", bounded) == []


@pytest.mark.parametrize("size", [1_000_000, 1_100_000])
def test_size_of_a_definition(size: int) -> None:
    machine = {"StartAt": "a", "Comment": "x" * size, "States": {"a": {"Type": "Succeed"}}}
    assert bool(found("definition-size", machine)) == (size > 1_048_576)
