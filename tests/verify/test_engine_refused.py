"""Definitions that Step Functions refuses, by the numbers of the interpreter's conformance list."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.verify.engine import InvalidMachine, compile_machine
from verify.engine_cases import (
    ANY,
    catch,
    flow,
    jsonata,
    parallel,
    passing,
    retry,
    task,
)

REFUSED: dict[str, dict[str, Any]] = {
    "2 an inner scope assigns an outer name": jsonata(
        P=parallel(flow(B=passing(0, Assign={"x": 1}))), C=passing(0, Assign={"x": 1})
    ),
    "2 so does one two levels below": jsonata(
        A=passing(0, Assign={"x": 1}), P=parallel(flow(Q=parallel(flow(B=passing(0, Assign={"x": 1})))))
    ),
    "2 a catcher's name counts": jsonata(
        P=parallel(flow(B=passing(0, Assign={"x": 1})), Catch=[catch(*ANY, then="C", Assign={"x": 1})]),
        C=passing(0),
    ),
    "2 $states is taken": jsonata(A=passing(0, Assign={"states": 1})),
    "2 a variable's name is an identifier": jsonata(A=passing(0, Assign={"a-b": 1})),
    "4 a name is used twice": jsonata(A=passing(0), P=parallel(flow(A=passing(0)))),
    "4 a name is too long": jsonata(**{"A" * 81: passing(0)}),
    "a transition leads nowhere": jsonata(A=passing(0, Next="B")),
    "a transition leads out of its scope": jsonata(A=passing(0), P=parallel(flow(B=passing(0, Next="A")))),
    "nothing says where to go": {"StartAt": "A", "States": {"A": {"Type": "Pass"}}},
    "6 $eval": jsonata(A=passing("{% $eval('1') %}")),
    "6 $ at the top level": jsonata(A=passing("{% $ %}")),
    "6 a field of $ at the top level": jsonata(A=passing("{% $.a %}")),
    "6 $$": jsonata(A=passing("{% $states.input[$$.x = 1] %}")),
    "6 a bare name at the top level": jsonata(A=passing("{% a.b %}")),
    "6 a bare name in a block": jsonata(A=passing("{% ($x := 1; [$x, name]) %}")),
    "6 a key that is no name needs backticks": jsonata(A=passing("{% $states.input.a-b %}")),
    "no JSONata": jsonata(A=passing("{% 1 + %}")),
    "no path": flow(A={"Type": "Pass", "InputPath": "a.b"}),
    "a ResultPath that names several values": flow(A={"Type": "Pass", "ResultPath": "$.a[*]"}),
    "no intrinsic function": flow(A={"Type": "Pass", "Parameters": {"a.$": "States.Nothing(1)"}}),
    "no comparator": flow(
        C={"Type": "Choice", "Choices": [{"Variable": "$", "Resembles": 1, "Next": "D"}]},
        D={"Type": "Succeed"},
    ),
    "a JSONPath field in a JSONata state": jsonata(A=passing(0, ResultPath=None)),
    "a ResultSelector where there is no result": flow(A={"Type": "Pass", "ResultSelector": {}}),
    "a Retry where nothing is tried": flow(A={"Type": "Pass", "Retry": []}),
    "an Assign at the end": flow(A={"Type": "Succeed", "Assign": {"x": 1}}),
    "a JSONPath state in a JSONata machine": jsonata(A={"Type": "Pass", "QueryLanguage": "JSONPath"}),
    "a JSONata field in a JSONPath state": flow(A=passing(0)),
    "no such type": flow(A={"Type": "Nap"}),
    "a Wait for nothing": flow(W={"Type": "Wait"}),
    "a path in a JSONata state": jsonata(A=task(TimeoutSecondsPath="$.a")),
    "a JSONPath rule in a JSONata state": jsonata(
        C={"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "D"}]},
        D={"Type": "Succeed"},
    ),
    "States.ALL beside another name": jsonata(A=task(Retry=[retry("X", "States.ALL")])),
    "States.ALL before another entry": jsonata(
        A=task(Catch=[catch(*ANY, then="B"), catch("X", then="B")]), B=passing(0)
    ),
    "no names": jsonata(A=task(Retry=[retry()])),
    "states that are a list": {"StartAt": "A", "States": []},
    "a state that is text": {"StartAt": "A", "States": {"A": "Pass"}},
    "choices that are a number": flow(C={"Type": "Choice", "Choices": 1}, D={"Type": "Succeed"}),
    "a Task without a resource": flow(A={"Type": "Task"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(InvalidMachine):
        compile_machine(REFUSED[name])


ALLOWED = (
    "{% $states.input[$ > 1] %}",
    "{% $states.input.($) %}",
    "{% $states.input{a: $sum(b)} %}",
    "{% $states.input^(>a) %}",
    "{% $map($states.input, function($v) { $v.a }) %}",
    "{% $states.input ~> |a|{'b': c}| %}",
    "{% $states.input.a.b.%.c %}",
)


@pytest.mark.parametrize("expression", ALLOWED)
def test_a_context_below_the_top_level_is_allowed(expression: str) -> None:
    compile_machine(jsonata(A=passing(expression)))
