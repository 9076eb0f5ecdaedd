"""JSONPath in the interpreter: paths, intrinsic functions, choice rules."""

from __future__ import annotations

from typing import Any

import pytest

from verify.engine_cases import execute, flow, result

GIVEN: dict[str, Any] = {
    "a": {"b": [10, 20, 30], "kebab-case": 1, "c d": 2},
    "list": [{"k": 1, "t": "x"}, {"k": 2, "t": "y"}, {"t": "z"}],
    "null": None,
    "text": "t",
}
NOTHING = "States.Runtime"
PATHS: tuple[tuple[str, Any], ...] = (
    ("$", GIVEN),
    ("$.a.b", [10, 20, 30]),
    ("$.a.b[0]", 10),
    ("$.a.b[-1]", 30),
    ("$.a['b'][1]", 20),
    ('$["a"]["c d"]', 2),
    ("$.a.kebab-case", 1),
    ("$.null", None),
    ("$.no", NOTHING),
    ("$.a.b[3]", NOTHING),
    ("$.text.more", NOTHING),
    ("$.a.b[*]", [10, 20, 30]),
    ("$.a.b[1:]", [20, 30]),
    ("$.a.b[:-1]", [10, 20]),
    ("$.a.b[::2]", [10, 30]),
    ("$.a.b[0,2]", [10, 30]),
    ("$.a['kebab-case','c d']", [1, 2]),
    ("$.list[*].k", [1, 2]),
    ("$.list.*.t", ["x", "y", "z"]),
    ("$..k", [1, 2]),
    ("$..b[0]", [10]),
    ("$.no[*]", []),
    ("$.no[*].more", []),
    ("$.list[?(@.k == 2)].t", ["y"]),
    ("$.list[?(@.k)].t", ["x", "y"]),
    ("$.list.[?(@.k)].t", ["x", "y"]),
    ("$.list[?(!(@.k))].t", ["z"]),
    ("$.list[?(@.k >= 1 && @.t != 'x')].t", ["y"]),
    ("$.list[?(@.k == 1 || @['t'] == \"z\")].t", ["x", "z"]),
    ("$.list[?(@.t > 1)].t", []),
    ("$$.Execution.Input.text", "t"),
    ("$$.State.Name", "A"),
    ("$$.Map.Item.Index", NOTHING),
    ("$no", NOTHING),
)


@pytest.mark.parametrize(("path", "found"), PATHS)
def test_paths(path: str, found: Any) -> None:
    machine = flow(A={"Type": "Pass", "Parameters": {"found.$": path}, "OutputPath": "$.found"})
    assert result(execute(machine, GIVEN)) == found


FAILURE = "States.IntrinsicFailure"
INTRINSICS: tuple[tuple[str, Any], ...] = (
    ("States.Format('{} and {}', $.text, 1)", "t and 1"),
    (r"States.Format('it\'s \{{}\} \\', null)", "it's {null} \\"),
    ("States.Format('{}', $.a)", "{b=[10, 20, 30], kebab-case=1, c d=2}"),
    ("States.Format('{}')", FAILURE),
    ("States.Format('', 1)", FAILURE),
    ("States.StringToJson('[1, {\"a\": null}]')", [1, {"a": None}]),
    ("States.StringToJson('')", None),
    ("States.StringToJson('{')", FAILURE),
    ("States.JsonToString($.a.b)", "[10,20,30]"),
    ("States.Array()", []),
    ("States.Array(1, 'a, (b)', true, States.Array($.null))", [1, "a, (b)", True, [None]]),
    ("States.ArrayPartition($.a.b, 2)", [[10, 20], [30]]),
    ("States.ArrayPartition($.a.b, 0)", FAILURE),
    ("States.ArrayContains($.a.b, 20)", True),
    ("States.ArrayContains(States.Array(1), true)", False),
    ("States.ArrayContains($.text, 1)", FAILURE),
    ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
    ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
    ("States.ArrayRange(1, 1000, 1)", list(range(1, 1001))),
    ("States.ArrayRange(0, 1000, 1)", FAILURE),
    ("States.ArrayRange(0, 1, 0)", FAILURE),
    ("States.ArrayGetItem($.a.b, 2)", 30),
    ("States.ArrayGetItem($.a.b, 3)", FAILURE),
    ("States.ArrayLength($.a.b)", 3),
    ("States.ArrayUnique(States.Array(1, true, 1, 'a', 'a'))", [1, True, "a"]),
    ("States.Base64Encode('Tschüß')", "VHNjaMO8w58="),
    ("States.Base64Decode('VHNjaMO8w58=')", "Tschüß"),
    ("States.Base64Decode('!')", FAILURE),
    ("States.Hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
    ("States.Hash('', 'CRC')", FAILURE),
    ("States.JsonMerge($.a, States.StringToJson('{\"c d\": 3}'), false)", {**GIVEN["a"], "c d": 3}),
    ("States.JsonMerge($.a, $.a, true)", FAILURE),
    ("States.MathRandom(5, 6)", 5),
    ("States.MathRandom(5, 5)", FAILURE),
    ("States.MathAdd(1, -2)", -1),
    ("States.MathAdd(1.5, 0.49)", 2),
    ("States.MathAdd(-1.5, 0)", -1),
    ("States.MathAdd(2.45, 0)", 2),
    ("States.MathAdd(2147483647, 1)", FAILURE),
    ("States.MathAdd('1', 1)", FAILURE),
    ("States.StringSplit('a.b+c..d', '.+')", ["a", "b", "c", "d"]),
    ("States.ArrayLength(States.StringSplit(States.UUID(), '-'))", 5),
    ("States.Format('{}', $.no)", NOTHING),
)


@pytest.mark.parametrize(("call", "found"), INTRINSICS)
def test_23_intrinsic_functions(call: str, found: Any) -> None:
    machine = flow(A={"Type": "Pass", "Parameters": {"found.$": call}, "OutputPath": "$.found"})
    assert result(execute(machine, GIVEN)) == found


def test_23_the_end_of_a_random_range_is_outside() -> None:
    call = "States.MathRandom(0, 3)"
    machine = flow(
        M={
            "Type": "Map",
            "ItemProcessor": flow(A={"Type": "Pass", "Parameters": {"n.$": call}, "OutputPath": "$.n"}),
        }
    )
    assert set(result(execute(machine, list(range(60))))) == {0, 1, 2}


RULES: tuple[tuple[dict[str, Any], Any, Any], ...] = (
    ({"StringEquals": "a"}, "a", True),
    ({"StringEquals": "1"}, 1, False),
    ({"StringLessThan": "b"}, "a", True),
    ({"StringGreaterThanEqualsPath": "$.other"}, "a", True),
    ({"NumericEquals": 1}, 1.0, True),
    ({"NumericEquals": 1}, "1", False),
    ({"NumericEquals": 1}, True, False),
    ({"NumericLessThanEquals": 2}, 2, True),
    ({"NumericGreaterThan": 2}, 2, False),
    ({"NumericGreaterThanPath": "$.other"}, 2, False),
    ({"BooleanEquals": True}, True, True),
    ({"BooleanEquals": True}, 1, False),
    ({"TimestampEquals": "2024-01-01T00:00:00Z"}, "2024-01-01T01:00:00.000+01:00", True),
    ({"TimestampLessThan": "2024-01-01T00:00:00.000000001Z"}, "2024-01-01T00:00:00Z", True),
    ({"TimestampGreaterThan": "2024-01-01T00:00:00Z"}, "2025", False),
    ({"StringMatches": "log-*.txt"}, "log-1.txt", True),
    ({"StringMatches": "log-*.txt"}, "log-1.csv", False),
    ({"StringMatches": "a?c"}, "abc", False),
    ({"StringMatches": r"a\*c"}, "abc", False),
    ({"StringMatches": r"a\*c"}, "a*c", True),
    ({"StringMatches": r"a\\*"}, "a\\b", True),
    ({"IsNull": True}, None, True),
    ({"IsNull": False}, 0, True),
    ({"IsString": True}, "a", True),
    ({"IsNumeric": True}, True, False),
    ({"IsBoolean": True}, True, True),
    ({"IsTimestamp": True}, "2024-01-01T00:00:00.12Z", True),
    ({"IsTimestamp": True}, "2024-01-01", False),
    ({"IsPresent": True}, None, True),
)


@pytest.mark.parametrize(("comparison", "value", "holds"), RULES)
def test_15_choice_rules(comparison: dict[str, Any], value: Any, holds: bool) -> None:
    assert chosen({"Variable": "$.value", **comparison}, {"value": value, "other": "a"}) is holds


COMBINED: tuple[tuple[dict[str, Any], Any], ...] = (
    ({"Variable": "$.no", "IsPresent": False}, True),
    ({"Variable": "$.no", "IsPresent": True}, False),
    ({"Variable": "$.no", "IsNull": True}, NOTHING),
    ({"Variable": "$.no", "StringEquals": "a"}, NOTHING),
    ({"Not": {"Variable": "$.n", "NumericEquals": 1}}, False),
    ({"And": [{"Variable": "$.n", "NumericEquals": 1}, {"Variable": "$.s", "IsString": True}]}, True),
    ({"And": [{"Variable": "$.no", "IsPresent": True}, {"Variable": "$.no", "NumericEquals": 1}]}, False),
    ({"Or": [{"Variable": "$.n", "NumericEquals": 1}, {"Variable": "$.no", "NumericEquals": 1}]}, True),
)


@pytest.mark.parametrize(("rule", "holds"), COMBINED)
def test_15_combined_rules(rule: dict[str, Any], holds: Any) -> None:
    assert chosen(rule, {"n": 1, "s": "t"}) == holds


def chosen(rule: dict[str, Any], given: Any) -> Any:
    """Whether a rule is taken; the error where there is one."""
    machine = flow(
        C={"Type": "Choice", "Choices": [{**rule, "Next": "Y"}], "Default": "N"},
        Y={"Type": "Pass", "Result": True, "End": True},
        N={"Type": "Pass", "Result": False},
    )
    return result(execute(machine, given))
