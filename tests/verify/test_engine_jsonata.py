"""JSONata in the interpreter: the functions of Step Functions, values in and out, the short way of paths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies

from dagmig.verify.engine import Setting, compile_machine, run
from verify.engine_cases import execute, jsonata, passing, result

FAILURE = "States.QueryEvaluationError"
GIVEN: dict[str, Any] = {
    "list": [1, 2, 3],
    "one": [{"p": 2}],
    "none": None,
    "nulls": [None, {"n": None}],
    "a-b": 1,
}
EXPRESSIONS: tuple[tuple[str, Any], ...] = (
    ("$partition([1..5], 2)", [[1, 2], [3, 4], [5]]),
    ("$partition([1], 0)", FAILURE),
    ("$range(0, 9, 3)", [0, 3, 6, 9]),
    ("$range(0, 10, 3)", [0, 3, 6, 9]),
    ("$range(9, 0, -3)", [9, 6, 3, 0]),
    ("$range(1, 9, 9)", 1),
    ("$range(1, 2, 0)", FAILURE),
    ("$hash('input', 'SHA-256')", "c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20"),
    ("$hash('input', 'CRC')", FAILURE),
    ("$length($uuid())", 36),
    ("$random() < 1", True),
    ("$random(7) = $random(7)", True),
    ("$parse('{\"a\": [null, 1]}')", {"a": [None, 1]}),
    ("$parse('{')", FAILURE),
    ("$toMillis('2024-01-01T00:00:00.1234567Z')", 1_704_067_200_123),
    ("$toMillis('2024-01-01')", 1_704_067_200_000),
    ("$states.input.list[$ > 1]", [2, 3]),
    ("$states.input.list[$ > 2]", 3),
    ("[$states.input.list[$ > 2]]", [3]),
    ("$states.input.list[$ > 3]", FAILURE),
    ("[$states.input.list[$ > 3]]", []),
    ("$states.input.one", [{"p": 2}]),
    ("$states.input.one.p", 2),
    ("$states.input.`a-b`", 1),
    ("$states.input.none", None),
    ("$states.input.none = null", True),
    ("$exists($states.input.none)", True),
    ("$states.input.nulls", [None, {"n": None}]),
    ("$count($states.input.nulls)", 2),
    ("$count($states.input.none)", 1),
    ("$count($states.input.no)", 0),
    ("$count($states.input.list)", 3),
    ("$states.input.nulls[0] = null", True),
    ("$type($states.input.nulls[1].n)", "null"),
    ("[1..3]", [1, 2, 3]),
    ("{'a': [1..2], 'b': null}", {"a": [1, 2], "b": None}),
    ("'v' & $states.input.no", "v"),
    ("1 = '1'", False),
    ("1 < 'a'", FAILURE),
    ("'x' in []", False),
    ("$round(2.5)", 2),
    ("$string(1.0)", "1"),
    ("$boolean([0])", False),
    ("$merge([{'a': 1}, {'a': 2}])", {"a": 2}),
    ("function($x) { $x }", FAILURE),
    ("$error('told')", FAILURE),
    ("($a := 1; $b := $a + 1; [$a, $b])", [1, 2]),
    ("$map($states.input.list, function($v, $i) { $v * $i })", [0, 2, 6]),
    ("$reduce($states.input.list, function($a, $b) { $a + $b })", 6),
    ("$sum($states.input.list) / 4", 1.5),
    ("$states.result", FAILURE),
    ("$states.errorOutput", FAILURE),
    ("$nothing", FAILURE),
)


@pytest.mark.parametrize(("expression", "found"), EXPRESSIONS, ids=lambda case: str(case)[:40])
def test_expressions(expression: str, found: Any) -> None:
    assert result(execute(jsonata(A=passing(f"{{% {expression} %}}")), GIVEN)) == found


@pytest.mark.parametrize(
    ("expression", "first", "second"),
    [
        ("$substring($states.context.Execution.Input.day, 0, 4)", "2024", "2024"),
        ("$states.context.State.Name & $states.context.Execution.Name", "Arun-1", "Brun-1"),
        ("$states.input & $states.context.Execution.Name", "0run-1", "1run-1"),
        ("$x & $states.context.Execution.Name", "run-1", "9run-1"),
        ("$millis()", 1_714_979_289_123, 1_714_979_294_123),
    ],
)
def test_what_is_evaluated_once_is_the_same_throughout(expression: str, first: Any, second: Any) -> None:
    field = f"{{% {expression} %}}"
    machine = jsonata(
        Start=passing(0),
        A=passing(1, Assign={"seen": field}),
        W={"Type": "Wait", "Seconds": 5, "Assign": {"x": 9}},
        B=passing(["{% $seen %}", field]),
    )
    assert result(execute(machine, {"day": "2024-01-01"})) == [first, second]


def test_runs_with_other_inputs_or_settings_share_nothing() -> None:
    field = "{% $states.context.Execution.Input.x & ' ' & $states.context.Execution.Name %}"
    machine = compile_machine(jsonata(A=passing(field)))
    runs = [({"x": "1"}, "a"), ({"x": "2"}, "a"), ({"x": "1"}, "b"), ({"x": "1"}, "a")]
    found = [run(machine, given, setting=Setting(name=name)).output for given, name in runs]
    assert found == ["1 a", "2 a", "1 b", "1 a"]


def test_an_evaluation_leaves_what_it_saw_alone() -> None:
    changed = "{% $states.input ~> |one|{'p': 3}| %}"
    machine = jsonata(
        A=passing("{% $states.input %}", Assign={"x": changed}), B=passing("{% $states.input.one.p %}")
    )
    assert result(execute(machine, GIVEN)) == 2


def test_an_expression_may_stand_anywhere_but_only_whole() -> None:
    output = [{"{% 1 %}": "{% 1 %}"}, " {% 1 %}", "{% 1 %} "]
    assert result(execute(jsonata(A=passing(output)))) == [{"{% 1 %}": 1}, " {% 1 %}", "{% 1 %} "]


VALUES = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers(-9, 9)
    | strategies.sampled_from(["", "x"]),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
PATHS = strategies.lists(strategies.sampled_from("abc"), max_size=3).map(
    lambda keys: "".join(f".{k}" for k in keys)
)


@given(VALUES, PATHS)
def test_the_short_way_of_a_path_leads_where_the_library_goes(value: Any, path: str) -> None:
    """In parentheses a path is left to the library."""
    for root in ("$states.input", "$x"):
        short, long = (
            result(execute(jsonata(A=passing(value, Assign={"x": value}), B=passing(expression)), value))
            for expression in (f"{{% {root}{path} %}}", f"{{% ({root}{path}) %}}")
        )
        assert short == long
