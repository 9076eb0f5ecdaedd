"""``dagmig fmt`` and the rule ``field-order``: another text, the same machine."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from dagmig.asl.dump import dump
from dagmig.asl.layout import laid_out
from dagmig.asl.load import load
from dagmig.asl.order import ordered, ordered_parts
from dagmig.cli import main
from dagmig.diagnostics import Report
from dagmig.lint.check import check, rules
from dagmig.lint.fix import fixed
from dagmig.lint.source import Source

TESTS = Path(__file__).parent
MACHINES = {
    **{
        str(path.relative_to(TESTS.parent)): path.read_text(encoding="utf-8")
        for folder in ("dags", "machines", "verify")
        for path in sorted((TESTS.parent / "fixtures" / folder).rglob("*.asl.json"))
    },
    **{
        name: json.dumps(case["machine"])
        for name, case in yaml.safe_load((TESTS / "silent_machines.yaml").read_text(encoding="utf-8")).items()
        if "machine" in case
    },
}
(FIELD_ORDER,) = [rule for rule in rules() if rule.id == "field-order"]


def formatted(text: str) -> str:
    machine = load(text, "a.asl.json", Report())
    assert machine is not None
    return laid_out(text, machine)


def shuffled(value: Any, pointer: str, named: set[str], chance: random.Random) -> Any:
    """The document with the fields that the language names in another order."""
    if isinstance(value, list):
        return [shuffled(one, f"{pointer}/{n}", named, chance) for n, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    if pointer in named:
        chance.shuffle(keys)
    escaped = {key: key.replace("~", "~0").replace("/", "~1") for key in keys}
    return {key: shuffled(value[key], f"{pointer}/{escaped[key]}", named, chance) for key in keys}


@pytest.mark.parametrize("name", MACHINES)
def test_layout_is_one_and_keeps_the_machine(name: str) -> None:
    text = MACHINES[name]
    machine = load(text, "a.asl.json", Report())
    assert machine is not None
    new = laid_out(text, machine)
    assert json.loads(new) == json.loads(text)
    assert formatted(new) == new
    named = {part.pointer for part in ordered_parts(machine)}
    other = shuffled(machine.document, "", named, random.Random(name))
    is_known = all(
        ordered(part.values, part.of) == ordered(list(part.values)[::-1], part.of)
        for part in ordered_parts(machine)
    )  # fields that the language does not name keep their order
    if is_known:
        texts = (json.dumps(one, ensure_ascii=False) for one in (machine.document, other))
        assert len(set(map(formatted, texts))) == 1


@pytest.mark.parametrize("name", MACHINES)
def test_rule_mends_to_the_order_of_the_layout(name: str) -> None:
    text = MACHINES[name]
    for _ in range(10):
        found = check(Source(text, "a.asl.json", "machine"), (FIELD_ORDER,)).found
        if not found:
            break
        text = fixed(text, found)
    assert json.loads(text) == json.loads(MACHINES[name])
    assert formatted(text) == formatted(MACHINES[name])
    assert check(Source(formatted(text), "a.asl.json", "machine"), (FIELD_ORDER,)).found == ()


ODD = r"""{"States" : {"b": {"Seconds": 1e1, "Type":"Wait","Next" :"a"},
  "a": {"Result": {"z": 1.50, "Type": "\u00e9\/", "a": [ ], "o": {}}, "Odd": -0.0,
    "End": true, "Type": "Pass"}}, "StartAt": "b"}"""
LAID_OUT = r"""{
  "StartAt": "b",
  "States": {
    "b": {
      "Type": "Wait",
      "Seconds": 1e1,
      "Next": "a"
    },
    "a": {
      "Type": "Pass",
      "Result": {
        "z": 1.50,
        "Type": "\u00e9\/",
        "a": [],
        "o": {}
      },
      "End": true,
      "Odd": -0.0
    }
  }
}
"""


def test_states_data_and_spelling_stay() -> None:
    assert formatted(ODD) == LAID_OUT


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["fmt", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_are_written_once(inside: Path) -> None:
    (inside / "a.asl.json").write_text(ODD)
    (inside / "b.json").write_text(ODD)
    assert run(".", "--check") == (1, "a.asl.json: would be written otherwise\n", "")
    assert (inside / "a.asl.json").read_text() == ODD
    assert run(".") == (0, "a.asl.json: written\n", "")
    assert (inside / "a.asl.json").read_text() == LAID_OUT
    assert run(".", "--check") == (0, "", "")
    assert run("b.json") == (0, "b.json: written\n", "")


def test_line_ends_and_mark_stay(inside: Path) -> None:
    (inside / "a.asl.json").write_bytes(b"\xef\xbb\xbf" + ODD.replace("\n", "\r\n").encode())
    assert run("a.asl.json")[0] == 0
    assert (inside / "a.asl.json").read_bytes() == b"\xef\xbb\xbf" + LAID_OUT.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.asl.yaml", "StartAt: a # here\nStates: {a: {Type: Succeed}}\n", "only JSON is laid out"),
        (
            "a.asl.json",
            '{"StartAt": "a", "States": {"a": {"Type": "Pass", "Type": "Wait"}}}',
            "written twice",
        ),
        ("a.asl.json", '{"Resources": {}}', "no state machine"),
        ("a.asl.json", '{"StartAt": "a", "States": {"a": {"Seconds": ${Limit}}}}', "cannot be read"),
        ("a.asl.json", "[" * 100_000, "cannot be read"),
    ],
)
def test_what_is_left_as_it_is(inside: Path, name: str, text: str, said: str) -> None:
    (inside / name).write_text(text)
    code, out, err = run(name)
    assert (code, out) == (3, "")
    assert said in err
    assert (inside / name).read_text() == text


def test_rule_leaves_yaml_and_texts_in_templates_without_a_fix() -> None:
    machine = '{"States": {"a": {"Type": "Succeed"}}, "StartAt": "a"}'
    properties = {"Definition": None, "DefinitionString": machine}
    template = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    for text, file in ((machine, "a.asl.yaml"), (json.dumps(template), "t.json")):
        (finding,) = check(Source(text, file, "machine"), (FIELD_ORDER,)).found
        assert finding.fix is None


@pytest.mark.parametrize("name", MACHINES)
def test_convert_writes_the_layout_of_fmt(name: str) -> None:
    machine = load(MACHINES[name], "a.asl.json", Report())
    assert machine is not None
    named = {part.pointer for part in ordered_parts(machine)}
    document = shuffled(machine.document, "", named, random.Random(name))
    written = dump(document)
    assert formatted(written) == written
    assert json.loads(written) == machine.document
