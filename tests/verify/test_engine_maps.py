"""What Maps come to in the interpreter, by the numbers of its conformance list."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.verify.engine import Reading, compile_machine, run
from verify.engine_cases import (
    distributed,
    each,
    execute,
    flow,
    jsonata,
    parallel,
    passing,
    result,
    task,
)

IDENTITY = flow(I={"Type": "Pass"})
CASES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "3 a distributed Map sees no outer variables": (
        jsonata(
            A=passing([1], Assign={"x": 1}),
            M=distributed(flow(B=passing("{% $exists($x) %}", Assign={"x": 2}))),
        ),
        None,
        [False],
    ),
    "3 an inline Map does": (
        jsonata(A=passing([1], Assign={"x": 1}), M=each(flow(B=passing("{% $exists($x) %}")))),
        None,
        [True],
    ),
    "12 a Map's results are in the order of its items": (
        jsonata(M=each(flow(T=task()), Items=[3, 1, 2])),
        None,
        [3, 1, 2],
    ),
    "12 no items, no work": (jsonata(M=each(flow(T=task()), Items=[])), None, []),
    "12 no items in JSONPath": (flow(M=each(flow(T=task()), ItemsPath="$.items")), {"items": []}, []),
    "12 an object's items are its pairs": (
        jsonata(M=each(IDENTITY, Items={"a": 1, "b": 2})),
        None,
        [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}],
    ),
    "12 items that are none": (
        flow(M=each(IDENTITY, ItemsPath="$.items")),
        {"items": 3},
        "States.QueryEvaluationError",
    ),
    "12 ItemSelector sees the Map's input and the item": (
        jsonata(
            M=each(
                IDENTITY,
                Items="{% $states.input.items %}",
                ItemSelector={
                    "all": "{% $count($states.input.items) %}",
                    "item": "{% $states.context.Map.Item.Value %}",
                    "index": "{% $states.context.Map.Item.Index %}",
                },
            )
        ),
        {"items": ["a", "b"]},
        [{"all": 2, "item": "a", "index": 0}, {"all": 2, "item": "b", "index": 1}],
    ),
    "12 the item is in the context of the iteration": (
        flow(M=each(flow(P=parallel(flow(I={"Type": "Pass", "InputPath": "$$.Map.Item.Index"}))))),
        ["a", "b"],
        [[0], [1]],
    ),
    "12 Parameters is the old ItemSelector": (
        flow(
            M={
                "Type": "Map",
                "ItemsPath": "$.items",
                "Parameters": {"v.$": "$$.Map.Item.Value", "k.$": "$.k"},
                "Iterator": IDENTITY,
            }
        ),
        {"items": [1], "k": 2},
        [{"v": 1, "k": 2}],
    ),
    "a percentage of failures is tolerated": (
        jsonata(
            M=distributed(
                flow(T=task(Arguments="{% $states.input %}")),
                Items=[1, 2, 3, 4],
                ToleratedFailurePercentage=25,
            )
        ),
        None,
        [1, 2, 3, 4],
    ),
    "items in batches": (
        jsonata(
            M=distributed(
                IDENTITY,
                Items=[1, 2, 3],
                ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"n": "{% 1 + 1 %}"}},
            )
        ),
        None,
        [{"BatchInput": {"n": 2}, "Items": [1, 2]}, {"BatchInput": {"n": 2}, "Items": [3]}],
    ),
}


READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON", "MaxItems": 2},
    "Arguments": {"Bucket": "{% $states.input.bucket %}"},
}


def test_a_reader_is_asked_for_its_items() -> None:
    asked: list[Reading] = []

    def read(reading: Reading) -> Any:
        asked.append(reading)
        return ["a", "b", "c"]

    machine = compile_machine(jsonata(M=distributed(IDENTITY, ItemReader=READER)))
    assert run(machine, {"bucket": "lake"}, read=read).output == ["a", "b"]
    assert [(one.state, one.arguments) for one in asked] == [("M", {"Bucket": "lake"})]


def test_what_a_reader_finds_must_be_items() -> None:
    machine = compile_machine(jsonata(M=distributed(IDENTITY, ItemReader=READER)))
    assert run(machine, {"bucket": "lake"}, read=lambda reading: 3).error == "States.ItemReaderFailed"


def test_a_distributed_item_has_a_history_of_its_own() -> None:
    inside = flow(A=passing(0), B=passing("{% $states.input.no %}"))
    trace = execute(jsonata(M=distributed(inside, Items=[5])))
    assert "entered at the event id #4" in (trace.errors[0].cause or "")


@pytest.mark.parametrize("name", CASES)
def test_results(name: str) -> None:
    machine, given, expected = CASES[name]
    assert result(execute(machine, given)) == expected
