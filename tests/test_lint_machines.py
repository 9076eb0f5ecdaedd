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


SDK, BARE = "unknown-sdk-action", "invalid-resource-arn"


@pytest.mark.parametrize(
    ("rule", "resource", "said"),
    [
        (
            SDK,
            "arn:aws:states:::aws-sdk:dynamodbb:getItem",
            "there is no service `dynamodbb`: `dynamodb` is meant?",
        ),
        (
            SDK,
            "arn:aws:states:::aws-sdk:states:startExecution",
            "there is no service `states`: `sfn` is meant?",
        ),
        (
            SDK,
            "arn:aws:states:::aws-sdk:events:putEvents",
            "there is no service `events`: `eventbridge` is meant?",
        ),
        (SDK, "arn:aws:states:::aws-sdk:ecz:runTask.sync", "there is no service `ecz`: `ecs` is meant?"),
        (
            SDK,
            "arn:aws:states:::aws-sdk:s3:getObjekt",
            "`s3` has no action `getObjekt`: `getObject` is meant?",
        ),
        (SDK, "arn:aws:states:::aws-sdk:dynamodbv2:getItem", ""),  # services get new versions
        (SDK, "arn:aws:states:::aws-sdk:xcs:createCluster", ""),  # several services have such an action
        (SDK, "arn:aws:states:::aws-sdk:dynamodbb:frobnicate", ""),
        (BARE, "lambda:invoke", "`lambda:invoke` is nothing to call"),
        (BARE, "aws-sdk:s3:getObject", "`aws-sdk:s3:getObject` is nothing to call"),
        (BARE, "glue:startJobRun.sync", "`glue:startJobRun.sync` is nothing to call"),
        (BARE, "arn:aws:states::lambda:invoke", "`arn:aws:states::lambda:invoke` is nothing to call"),
        (BARE, "load:now", ""),
        (BARE, "LoadFunctionArn", ""),
        (BARE, "${LoadFunction}", ""),
    ],
)
def test_resources_that_name_nothing(rule: str, resource: str, said: str) -> None:
    machine = {"StartAt": "a", "States": {"a": {"Type": "Task", "Resource": resource, "End": True}}}
    assert found(rule, machine) == ([said] if said else [])


@pytest.mark.parametrize("size", [1_000_000, 1_100_000])
def test_size_of_a_definition(size: int) -> None:
    machine = {"StartAt": "a", "Comment": "x" * size, "States": {"a": {"Type": "Succeed"}}}
    assert bool(found("definition-size", machine)) == (size > 1_048_576)


@pytest.mark.parametrize(
    ("state", "flagged"),
    [
        ({"Assign": {"a": "x" * 262_142}}, False),
        ({"Assign": {"a": "x" * 262_143}}, True),
        ({"Assign": {"a": "é" * 140_000}}, True),
        ({"Assign": {"a": ["x" * 140_000], "b": {"c": "x" * 140_000}}}, True),
        ({"Assign": {"a": "x" * 140_000}, "Comment": "x" * 140_000}, False),
        ({"Assign": {"a.$": "$." + "x" * 300_000}}, False),
        ({"QueryLanguage": "JSONata", "Assign": {"a": "{% '" + "x" * 300_000 + "' %}"}}, False),
        ({"QueryLanguage": "JSONata", "Assign": {"a": "x" * 300_000}}, True),
    ],
)
def test_size_of_variables(state: dict[str, object], flagged: bool) -> None:
    machine = {"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True, **state}}}
    assert bool(found("variable-too-large", machine)) == flagged


def test_size_of_variables_that_a_rule_of_a_choice_assigns() -> None:
    machine = choice(of(IsPresent=True, Assign={"a": "x" * 300_000}))
    assert found("variable-too-large", machine) == ["`$a` is given 300,002 bytes, 262,144 are allowed"]


def looping(assign: dict[str, str], condition: str) -> dict[str, object]:
    states = {
        "Get": {"Type": "Pass", "Assign": assign, "Next": "More"},
        "More": {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "Get"}], "Default": "End"},
        "End": {"Type": "Succeed"},
    }
    return {"QueryLanguage": "JSONata", "StartAt": "Get", "States": states}


@pytest.mark.parametrize(
    ("assign", "condition", "flagged"),
    [
        ({"all": "{% $append($all, $states.input.page) %}"}, "{% $more %}", True),
        ({"all": "{% [$all, $states.input.page] %}"}, "{% $more %}", True),
        ({"all": "{% $all & ',' & $states.input.page %}"}, "{% $more %}", True),
        ({"all": "{% $all & $states.input.page %}"}, "{% $more %}", True),
        ({"all": "{% $append($other, $states.input.page) %}"}, "{% $more %}", False),
        ({"all": "{% $append($all, $states.input.page) %}", "n": "{% $n + 1 %}"}, "{% $n < 5 %}", False),
        ({"all": "{% $append($all, $states.input.page) %}"}, "{% $count($all) < 50 %}", False),
        ({"n": "{% $n + 1 %}"}, "{% $more %}", False),
    ],
)
def test_variable_that_grows(assign: dict[str, str], condition: str, flagged: bool) -> None:
    assert bool(found("payload-risk", looping(assign, condition))) == flagged
    once = looping(assign, condition)
    once["StartAt"] = "End"
    once["States"]["More"]["Choices"][0]["Next"] = "End"  # type: ignore[index]
    assert found("payload-risk", once) == []


@pytest.mark.parametrize(
    ("given", "flagged"),
    [({}, True), ({"Limit": 100}, False), ({"Select": "COUNT"}, False), ({"FilterExpression": "a"}, False)],
)
def test_scan_of_a_table(given: dict[str, object], flagged: bool) -> None:
    scan = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:scan", "End": True}
    machine = {"StartAt": "a", "States": {"a": {**scan, "Parameters": {"TableName": "t", **given}}}}
    assert bool(found("payload-risk", machine)) == flagged


@pytest.mark.parametrize(
    ("name", "flagged"),
    [
        ("orders.json", True),
        ("orders.asl.json", False),
        ("a.asl/orders.json", True),
        ("orders.yaml", True),
        ("orders.asl.yml", False),
    ],
)
def test_name_of_a_file(name: str, flagged: bool) -> None:
    (rule,) = [one for one in rules() if one.id == "file-not-named-asl"]
    machine = json.dumps(choice(of(IsNull=True)))
    assert [d.span.line for d in check(Source(machine, name, "machine"), (rule,)).found] == [1] * flagged
    properties = {"Definition": choice(of(IsNull=True))}
    template = {"Resources": {"M": {"Type": "AWS::Serverless::StateMachine", "Properties": properties}}}
    serverless = {"stepFunctions": {"stateMachines": {"m": {"definition": choice(of(IsNull=True))}}}}
    for document in (template, serverless):
        assert check(Source(json.dumps(document), "t.json", "machine"), (rule,)).found == ()


def estimate(states: dict[str, object]) -> str:
    (message,) = found("cost-estimate", {"StartAt": next(iter(states)), "States": states})
    return message


def test_estimate_of_what_executions_cost() -> None:
    rest = {"Type": "Wait", "Seconds": 5, "Next": "End"}
    end = {"Type": "Succeed"}
    inner = {"StartAt": "In", "States": {"In": rest | {"Next": "Out"}, "Out": end}}
    ask = {"Type": "Choice", "Choices": [{**of(IsNull=True), "Next": "Rest"}], "Default": "End"}
    each = {"Type": "Map", "ItemProcessor": inner, "Next": "End"}
    both = {"Type": "Parallel", "Branches": [inner, inner], "Next": "End"}
    caught = {
        "Type": "Task",
        "Resource": "r",
        "Next": "End",
        "Catch": [{"ErrorEquals": ["x"], "Next": "Rest"}],
    }
    assert estimate({"End": end}) == "an execution enters 1 state, 1,000 executions cost 0.025 USD"
    assert estimate({"Ask": ask, "Rest": rest, "End": end}) == (
        "an execution enters 2 to 3 states, 1,000 executions cost 0.050 to 0.075 USD"
    )
    assert estimate({"Ask": ask, "Rest": rest | {"Next": "Ask"}, "End": end}) == (
        "an execution enters 2 or more states, 1,000 executions cost 0.050 USD or more"
    )
    assert estimate({"Each": each, "End": end}).endswith(
        "0.050 USD; each item of `Each` enters 2 states more"
    )
    assert estimate({"Both": both, "End": end}).startswith("an execution enters 6 states,")
    assert estimate({"Try": caught, "Rest": rest, "End": end}).startswith("an execution enters 2 states,")


def test_estimate_of_a_machine_that_never_ends_is_none() -> None:
    turn = {"Type": "Wait", "Seconds": 5, "Next": "Turn"}
    assert found("cost-estimate", {"StartAt": "Turn", "States": {"Turn": turn}}) == []
    assert found("cost-estimate", {"StartAt": "No", "States": {"Turn": turn}}) == []


def passing(parameters: object) -> dict[str, object]:
    return {"StartAt": "a", "States": {"a": {"Type": "Pass", "Parameters": parameters, "End": True}}}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("States.MathAdd($.a, '1')", ["`States.MathAdd` takes a number here, not `'1'`"]),
        ("States.StringSplit($.a, 1)", ["`States.StringSplit` takes a text here, not `1`"]),
        ("States.Hash($.a, 'MD5')", []),
        ("States.ArrayGetItem($.a, States.MathAdd($.b, -1))", []),
        ("States.ArrayContains($.a, 'b')", []),
    ],
)
def test_kinds_of_arguments_of_a_function(call: str, said: list[str]) -> None:
    assert found("intrinsic-syntax", passing({"x.$": call})) == said


@pytest.mark.parametrize(
    ("parameters", "flagged"),
    [
        ({"x": "States.Format('{}', $.a)"}, True),
        ({"x": ["$.a", "b"]}, True),
        ({"x": [["States.UUID()"]]}, True),
        ({"x.$": "States.Array($.a, 'b')"}, False),
        ({"x": "States.Timeout"}, False),
        ({"x": ["$5", "a $.b"], "InputPathsMap": {"a": "$.a"}, "Paths": ["$.a"]}, False),
    ],
)
def test_texts_that_look_like_paths(parameters: object, flagged: bool) -> None:
    assert bool(found("missing-dollar-key", passing(parameters))) == flagged
