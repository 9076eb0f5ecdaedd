"""Text -> machine: places, repeated keys, and what cannot be read."""

from __future__ import annotations

import json

import pytest

from dagmig.asl.load import load
from dagmig.asl.model import Machine
from dagmig.diagnostics import Report


def read(text: str, file: str = "m.asl.json") -> Machine:
    report = Report()
    machine = load(text, file, report)
    assert machine is not None, list(map(str, report))
    return machine


ALIASES = "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)
)
UNREADABLE = {
    "empty.json": ("", "Expecting value"),
    "list.json": ("[]", "is a JSON object"),
    "nul.json": ('{"a": "\x00"}', "control character"),
    "nan.json": ('{"a": NaN}', "NaN is not JSON"),
    "infinite.json": ('{"a": 1e999}', "too large"),
    "digits.json": (f'{{"a": {"9" * 5000}}}', "4300"),
    "surrogate.json": ('{"a": "\\ud800"}', "surrogates"),
    "deep.json": ("[" * 100_000, "nested too deeply"),
    "deep-objects.json": ('{"a":' * 300 + "1" + "}" * 300, "nested more than 200 levels"),
    "empty.yaml": ("", "is a JSON object"),
    "aliases.yaml": ("a: &a [x, x, x, x, x, x, x, x, x, x]\n" + ALIASES, "too large"),
    "recursive.yaml": ("a: &a [*a]\n", "an alias to what it is in"),
    "deep.yaml": ("a: " + "[" * 300, "nested too deeply"),
    "deeper.yaml": ("a: " + "[" * 100_000, "nest"),  # newer libyaml gives up before us, in its own words
    "tab.yaml": ("a:\n\tb: 1\n", "cannot start any token"),
    "nan.yaml": ("a: .nan\n", "not JSON compliant"),
    "several.yaml": ("a: 1\n---\nb: 2\n", "another document"),
    "key.yaml": ("? [a]\n: 3\n", "unhashable key"),
}


@pytest.mark.parametrize("file", UNREADABLE)
def test_what_cannot_be_read_is_one_diagnostic(file: str) -> None:
    text, message = UNREADABLE[file]
    report = Report()
    assert load(text, file, report) is None
    (diagnostic,) = report
    assert diagnostic.code == "unparsable-file"
    assert message in diagnostic.message


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read('\ufeff{"StartAt": "a", "States": {}}').document["StartAt"] == "a"


def test_keys_written_twice_are_named() -> None:
    text = '{"States": {"a": {"Type": "Pass", "Next": "b"}, "a": {"Type": "Fail"}}}'
    assert read(text).duplicate_keys == ("/States/a",)
    assert read("States:\n  a: {Type: Pass, Type: Fail}\n", "m.yaml").duplicate_keys == ("/States/a/Type",)
    assert read('{"States": {"a": {"x": 1}, "b": {"x": 1}}}').duplicate_keys == ()


@pytest.mark.parametrize("file", ["m.json", "m.yaml"])
def test_every_value_has_its_place(file: str) -> None:
    machine = read('{"States":\n  {"a/b": {"Type": "Pass"}}}', file)
    assert machine.locate("/States/a~1b/Type").line == 2
    assert machine.locate("/States/a~1b", True).column == 4
    assert machine.locate("/States/a~1b/Nowhere/0").line == 2


def test_cloudformation_tags_and_dates_stay_text() -> None:
    text = (
        "A: !Sub '${F}'\nB: !GetAtt F.Arn\nC: !If [x, y]\nD: 2016-03-14T01:59:00Z\nE: !Ref {a: 1}\n1: yes\n"
    )
    assert read(text, "m.yaml").document == {
        "A": "${F}",
        "B": "F.Arn",
        "C": ["x", "y"],
        "D": "2016-03-14T01:59:00Z",
        "E": {"a": 1},
        "1": True,
    }


def test_python_tags_construct_nothing() -> None:
    document = read("a: !!python/object/apply:os.getcwd []\n", "m.yaml").document
    assert document == {"a": []}


@pytest.mark.parametrize("machine_language", ["JSONPath", "JSONata"])
def test_states_inside_of_a_state_have_the_language_of_the_machine(machine_language: str) -> None:
    own = {"Type": "Succeed", "QueryLanguage": "JSONata"}
    inner = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": own}}
    outer = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": True}
    machine = read(json.dumps({"QueryLanguage": machine_language, "StartAt": "M", "States": {"M": outer}}))
    found = {state.name: state.query_language for state in machine.root.all_states()}
    assert found == {"M": "JSONata", "A": machine_language, "B": "JSONata"}
