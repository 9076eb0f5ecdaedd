"""What machines come to in the interpreter, by the numbers of its conformance list."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.verify.engine import Outcome
from verify.engine_cases import (
    ANY,
    catch,
    execute,
    flow,
    jsonata,
    parallel,
    passing,
    result,
    task,
)

FAIL = {"Type": "Fail", "Error": "E", "Cause": "C"}
IDENTITY = flow(I={"Type": "Pass"})
LARGE = "é" * 131_072  # 262,146 bytes as JSON

TOO_LARGE = "{% $pad('', 262143, 'x') %}"  # with its quotes a byte more than fits


def guarded(**states: Any) -> dict[str, Any]:
    """The states in a branch, around which every error is caught that can be."""
    return jsonata(P=parallel(flow(**states), Catch=[catch(*ANY, then="C")]), C=passing("caught"))


ASSIGNING = jsonata(
    C={
        "Type": "Choice",
        "Choices": [
            {
                "Condition": "{% $states.input = 1 %}",
                "Next": "D",
                "Assign": {"x": 1},
                "Output": "rule",
            }
        ],
        "Default": "D",
        "Assign": {"x": 2},
        "Output": "state",
    },
    D=passing(["{% $x %}", "{% $states.input %}"]),
)
CASES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "1 Assign and Output see the values at the state's entry": (
        jsonata(
            A=passing("{% $states.input %}", Assign={"x": 1}),
            B=passing({"seen": "{% $x %}"}, Assign={"x": "{% $x + 1 %}", "y": "{% $x %}"}),
            C=passing(["{% $states.input.seen %}", "{% $x %}", "{% $y %}"]),
        ),
        None,
        [1, 2, 1],
    ),
    "1 JSONPath Assign sees the result, variables of the entry": (
        flow(
            A={"Type": "Pass", "Assign": {"x": 1}},
            B={"Type": "Pass", "Result": {"k": 5}, "Assign": {"x.$": "$.k", "y.$": "$x"}},
            C={"Type": "Pass", "Parameters": {"x.$": "$x", "y.$": "$y"}},
        ),
        None,
        {"x": 5, "y": 1},
    ),
    "1 JSONPath Assign comes before ResultSelector": (
        flow(
            A=task(Assign={"x.$": "$.raw"}, ResultSelector={"selected.$": "$.raw"}),
            B={"Type": "Pass", "Parameters": {"x.$": "$x", "in.$": "$"}},
        ),
        {"raw": 1},
        {"x": 1, "in": {"selected": 1}},
    ),
    "2 branches read outer variables; theirs vanish": (
        jsonata(
            A=passing(0, Assign={"x": 1}),
            P=parallel(
                flow(B=passing("{% $y %}", Assign={"z": 1}), C=passing("{% [$x, $z] %}")),
                Arguments=0,
                Assign={"y": 2},
            ),
        ),
        None,
        "States.QueryEvaluationError",
    ),
    "2 siblings may share a name": (
        jsonata(
            P=parallel(
                *(
                    flow(**{f"A{n}": passing(0, Assign={"z": n}), f"B{n}": passing("{% $z %}")})
                    for n in (1, 2)
                )
            )
        ),
        None,
        [1, 2],
    ),
    "5 undefined is an error": (
        jsonata(A=passing("{% $states.input.no %}")),
        {},
        "States.QueryEvaluationError",
    ),
    "5 null is not undefined": (jsonata(A=passing(["{% $states.input.no %}"])), {"no": None}, [None]),
    "5 it is caught on a Task": (
        jsonata(
            A=task(
                Arguments="{% $states.input.no %}", Catch=[catch("States.QueryEvaluationError", then="B")]
            ),
            B=passing("caught"),
        ),
        {},
        "caught",
    ),
    "5 it is caught around a Pass": (
        jsonata(
            P=parallel(flow(A=passing("{% $states.input.no %}")), Catch=[catch(*ANY, then="B")]),
            B=passing("{% $states.input.Error %}"),
        ),
        {},
        "States.QueryEvaluationError",
    ),
    "13 a rule's Assign and Output": (
        ASSIGNING,
        1,
        [1, "rule"],
    ),
    "13 the state's belong to Default": (
        ASSIGNING,
        2,
        [2, "state"],
    ),
    "13 a Condition must be boolean": (
        jsonata(
            C={"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "D"}], "Default": "D"},
            D=passing(0),
        ),
        None,
        "States.QueryEvaluationError",
    ),
    "14 no rule matches and there is no Default": (
        flow(
            C={"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "D"}]},
            D={"Type": "Succeed"},
        ),
        2,
        "States.Runtime",
    ),
    "16 ResultPath null passes the input on": (
        flow(T=task(ResultPath=None, Parameters={})),
        {"a": 1},
        {"a": 1},
    ),
    "16 OutputPath null": (flow(T=task(OutputPath=None)), {"a": 1}, {}),
    "16 InputPath null": (flow(T=task(InputPath=None)), {"a": 1}, {}),
    "16 the whole order": (
        flow(
            T=task(
                InputPath="$.in",
                Parameters={"p.$": "$.x"},
                ResultSelector={"r.$": "$.p"},
                ResultPath="$.out.result",
                OutputPath="$.out",
            )
        ),
        {"in": {"x": 7}, "other": 1},
        {"result": {"r": 7}},
    ),
    "16 a missing path before a Result": (
        flow(A={"Type": "Pass", "InputPath": "$.no", "Result": 1}),
        {},
        "States.Runtime",
    ),
    "credentials are evaluated": (
        jsonata(A=task(Credentials={"RoleArn": "{% $states.input.no %}"})),
        {},
        "States.QueryEvaluationError",
    ),
    "16 ResultPath into what is no object": (
        flow(T=task(ResultPath="$.a.b")),
        {"a": "text"},
        "States.ResultPathMatchFailure",
    ),
    "16 a missing path": (
        flow(T=task(InputPath="$.no", Catch=[catch(*ANY, then="T")])),
        {},
        "States.Runtime",
    ),
    "17 a Catch loses the input by default": (
        flow(
            T=task(Parameters={}, Catch=[catch(*ANY, then="C")]),
            E=FAIL,
            C={"Type": "Pass", "Parameters": {"seen.$": "$.Error"}},
        ),
        {"a": 1},
        {"seen": "X"},
    ),
    "17 and keeps it with a ResultPath": (
        flow(
            T=task(Catch=[catch(*ANY, then="C", ResultPath="$.e")], OutputPath="$.no.such.path"),
            C={"Type": "Pass"},
        ),
        {"a": 1},
        {"a": 1, "e": {"Error": "X", "Cause": "it was asked to fail"}},
    ),
    "17 JSONata: Output, Assign and the error's own output": (
        jsonata(
            T=task(
                Arguments={},
                Assign={"x": "state"},
                Catch=[
                    catch(
                        *ANY,
                        then="C",
                        Assign={"x": "{% $states.errorOutput.Error %}"},
                        Output="{% $states.input.a %}",
                    )
                ],
            ),
            C=passing(["{% $x %}", "{% $states.input %}"]),
        ),
        {"a": 1},
        ["X", 1],
    ),
    "20 a result that is too large is caught": (
        jsonata(T=task(Catch=[catch(*ANY, then="C")], Next="C"), C=passing("{% $states.input.Error %}")),
        None,
        "States.DataLimitExceeded",
    ),
    "20 a state's output that is too large is not": (
        guarded(A=passing(TOO_LARGE)),
        None,
        "States.DataLimitExceeded",
    ),
    "20 the largest there may be": (
        jsonata(A=passing("{% $pad('', 262142, 'x') %}")),
        None,
        "x" * 262_142,
    ),
    "20 neither is an Assign that is too large": (
        guarded(A=passing(0, Assign={"x": TOO_LARGE})),
        None,
        "States.DataLimitExceeded",
    ),
    "20 nor what a task is given": (
        guarded(U=task(Arguments=TOO_LARGE)),
        None,
        "States.DataLimitExceeded",
    ),
    "a timeout must be an integer": (
        jsonata(U=task(TimeoutSeconds="{% 1.5 %}")),
        None,
        "States.QueryEvaluationError",
    ),
    "22 the context object": (
        jsonata(
            A=passing(
                [
                    "{% $states.context.Execution.Input.a %}",
                    "{% $states.context.Execution.Name %}",
                    "{% $states.context.State.Name %}",
                    "{% $states.context.StateMachine.Name %}",
                    "{% $states.context.Execution.StartTime %}",
                    "{% $exists($states.context.State.RetryCount) %}",
                    "{% $exists($states.context.Task.Token) %}",
                ]
            )
        ),
        {"a": 1},
        [1, "run-1", "A", "machine", "2024-05-06T07:08:09.123Z", False, False],
    ),
    "25 Fail in a branch fails the branch": (
        jsonata(
            P=parallel(flow(F=FAIL), Catch=[catch("E", then="C")]),
            C=passing("{% $states.input %}"),
        ),
        None,
        {"Error": "E", "Cause": "C"},
    ),
    "25 Fail at the top fails the execution": (jsonata(F=FAIL), None, "E"),
    "25 Fail with paths": (
        flow(F={"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}', $.e)"}),
        {"e": "X"},
        "X",
    ),
    "25 Succeed ends its own scope": (
        jsonata(P=parallel(flow(S={"Type": "Succeed"})), A=passing("after")),
        1,
        "after",
    ),
    "mixed query languages": (
        {
            **flow(
                A={"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"x": "{% 1 + 1 %}"}},
                B={"Type": "Pass", "OutputPath": "$.x"},
            )
        },
        None,
        2,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_results(name: str) -> None:
    machine, given, expected = CASES[name]
    outcome: Any = {"17": "X", "20": LARGE}.get(name[:2], lambda attempt: Outcome(attempt.arguments))
    assert result(execute(machine, given, T=outcome)) == expected
