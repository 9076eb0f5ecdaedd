"""JSONata that a DAG has a library evaluate, in the machine again: it gives what it gave before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.jsonata_run import Execution

from dagmig.diagnostics import Report
from dagmig.pipeline import Converted, airflow_to_asl, asl_to_airflow

GIVEN = {
    "name": "ann",
    "words": ["a", "bread", "c"],
    "numbers": [3, 1, 2],
    "rows": [{"n": 1, "tags": ["x"]}, {"n": 2, "tags": []}],
    "nothing": None,
    "given": "own",
}
INVOKE = "arn:aws:states:::lambda:invoke"


def machine(values: dict[str, str]) -> dict[str, Any]:
    """A state that works values out, and one that is sent them."""
    output = {name: f"{{% {text} %}}" for name, text in values.items()}
    payload = {name: f"{{% $states.input.{name} %}}" for name in values}
    use = {"Type": "Task", "Resource": INVOKE, "Arguments": {"FunctionName": "use", "Payload": payload}}
    states = {"work": {"Type": "Pass", "Output": output, "Next": "use"}, "use": {**use, "End": True}}
    return {"QueryLanguage": "JSONata", "StartAt": "work", "States": states}


def returned(original: dict[str, Any]) -> Converted:
    """The machine that the machine's DAG becomes."""
    there = asl_to_airflow(json.dumps(original), "machine.asl.json", Report(), "d")
    assert there is not None
    assert "from jsonata import" in there.text
    (back,) = airflow_to_asl(there.text, "dag.py", Report())
    return back


def sent(found: dict[str, Any], given: Any) -> Any:
    """What the function ``use`` is sent."""
    calls: list[Any] = []
    Execution(lambda _, arguments: calls.append(arguments["Payload"]) or {"Payload": {}}, given).run(found)
    (payload,) = calls
    return payload


@pytest.mark.parametrize(
    "query",
    [
        "$uppercase($states.input.name)",
        "$states.input.words[$length($) > 3]",
        "[$states.input.words[$length($) > 3]]",
        "$map($states.input.words, function($w) { $length($w) })",
        "$reduce($states.input.numbers, function($a, $b) { $a + $b })",
        "$sort($states.input.numbers)",
        "$states.input.rows[n > 1].tags",
        "$states.input.numbers[0] / 2 > 1 ? $states.input.nothing : 'small'",
        "$states.input.nothing",
        "($given := 2; $sum($states.input.numbers) * $given)",
        "$states.input.given & '}}' & \"'\"",
        "$states.input.rows.{'n': n, 'states': tags}",
        "$replace($states.input.name, /n+/, 'm')",
    ],
)
def test_it_gives_what_it_gave(query: str) -> None:
    original = machine({"a": query, "b": "$count($states.input.rows)"})
    back = returned(original)
    assert [row for row in back.report.rows if row.disposition.is_open] == []
    assert sent(back.machine, {"conf": GIVEN}) == sent(original, GIVEN)


@pytest.mark.parametrize("query", ["$sort($states.input.none)", "$uppercase($states.input.numbers)"])
def test_it_fails_where_it_failed(query: str) -> None:
    original = machine({"a": query})
    for found, given in ((original, GIVEN), (returned(original).machine, {"conf": GIVEN})):
        with pytest.raises(Exception):  # noqa: B017
            sent(found, given)


def test_code_that_does_more_with_it_stays_code() -> None:
    original = machine({"a": "$sort($states.input.numbers)"})
    there = asl_to_airflow(json.dumps(original), "machine.asl.json", Report(), "d")
    assert there is not None
    for old, new in (
        ("if found is None:", "if found is None or found == 0:"),
        ('"a": evaluate', '"b": dag_run.conf.get("a"), "a": evaluate'),
        ('"""The data of work."""', "print(dag_run.conf)"),
    ):
        assert old in there.text
        (back,) = airflow_to_asl(there.text.replace(old, new), "dag.py", Report())
        assert "imports" in {row.construct for row in back.report.rows if row.disposition.is_open}


def test_a_branch_by_conditions() -> None:
    rules = [{"Condition": "{% $count($states.input.words) > 2 %}", "Next": "many"}]
    call = {"Type": "Task", "Resource": INVOKE, "End": True}
    states = {
        "size": {"Type": "Choice", "Choices": rules, "Default": "few"},
        "many": {**call, "Arguments": {"FunctionName": "many"}},
        "few": {**call, "Arguments": {"FunctionName": "few"}},
    }
    back = returned({"QueryLanguage": "JSONata", "StartAt": "size", "States": states})
    assert not back.report.has_open_rows
    called: list[str] = []
    for words in (["a", "b", "c"], ["a"]):
        made = Execution(lambda _, arguments: called.append(arguments["FunctionName"]) or {"Payload": 1},
                         {"conf": {"words": words}})  # fmt: skip
        made.run(back.machine)
    assert called == ["many", "few"]
