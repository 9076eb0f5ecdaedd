"""The edits of members, over every way in which a machine is written: what a person would have written."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dagmig.diagnostics import Edit, Fix
from dagmig.lint.source import Source, Subject
from dagmig.lint.spelling import respelled, spells

RETRIER = {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}
TEMPLATE = "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n"
STRING = "Resources:\n  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n"
ONE_LINE = '{"StartAt": "a", "States": {"a": {"Type": "Task", "Resource": "x", "End": true}}}'
MINIFIED = ONE_LINE.replace(": ", ":").replace(", ", ",")
EXPANDED = json.dumps(json.loads(ONE_LINE), indent=4)
TABS = json.dumps(json.loads(ONE_LINE), indent="\t")
FLOW = "StartAt: a\nStates:\n  a: {Type: Task, Resource: x, End: true}  # one\n"
FLOW_BELOW = (
    "StartAt: a\nStates:\n  a: {\n    Type: Task,\n    Resource: x,  # the work\n    End: true  # last\n  }\n"
)
BLOCK = "StartAt: a\nStates:\n  a:\n    Type: Task\n    Resource: x  # the work\n    End: true\n"
INLINE = TEMPLATE + "".join(
    f"      {line}\n" for line in ["Definition:", *(f"  {x}" for x in BLOCK.split("\n")[:-1])]
)
TEXT = STRING + "      DefinitionString: |\n" + "".join(f"        {line}\n" for line in EXPANDED.split("\n"))
SUB = TEXT.replace("DefinitionString: |", "DefinitionString: !Sub |").replace('"x"', '"${Arn}"')
SINGLE = f"{STRING}      DefinitionString: '{ONE_LINE}'\n"
ESCAPED = json.dumps(
    {
        "Resources": {
            "M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": ONE_LINE}}
        }
    }
)
HEREDOC = f'resource "aws_sfn_state_machine" "m" {{\n  definition = <<EOF\n{EXPANDED}\nEOF\n}}\n'
ENCODED = """\
resource "aws_sfn_state_machine" "m" {
  definition = jsonencode({
    StartAt = "a"
    States = {
      a = {
        Type     = "Task"
        Resource = "x" # the work
        End      = true
      }
    }
  })
}
"""
LAYOUTS = {
    "one line": ("a.asl.json", ONE_LINE),
    "minified": ("a.asl.json", MINIFIED),
    "expanded": ("a.asl.json", EXPANDED),
    "tabs": ("a.asl.json", TABS),
    "flow": ("a.asl.yaml", FLOW),
    "flow below": ("a.asl.yaml", FLOW_BELOW),
    "block": ("a.asl.yaml", BLOCK),
    "in a template": ("t.yaml", INLINE),
    "in a text": ("t.yaml", TEXT),
    "in a text with variables": ("t.yaml", SUB),
    "in single quotes": ("t.yaml", SINGLE),
    "in a JSON string": ("t.json", ESCAPED),
    "heredoc": ("m.tf", HEREDOC),
    "jsonencode": ("m.tf", ENCODED),
}
each_layout = pytest.mark.parametrize(("file", "text"), LAYOUTS.values(), ids=LAYOUTS)


def subject(text: str, file: str) -> Subject:
    (found,) = Source(text, file, "machine").subjects
    return found


def applied(text: str, fix: Fix | None) -> str:
    assert fix is not None
    for edit in sorted(fix.edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def state(text: str, file: str) -> dict[str, object]:
    document = subject(text, file).machine.document
    found: dict[str, object] = document["States"]["a"]
    return found


@each_layout
def test_field_is_added_after_another(file: str, text: str) -> None:
    old = state(text, file)
    new = applied(text, subject(text, file).members.added("/States/a", "TimeoutSeconds", 60, ("Resource",)))
    assert state(new, file) == old | {"TimeoutSeconds": 60}
    assert list(state(new, file)) == ["Type", "Resource", "TimeoutSeconds", "End"]
    assert new.count("#") == text.count("#")


@each_layout
def test_field_of_objects_is_added_after_the_last(file: str, text: str) -> None:
    old = state(text, file)
    once = applied(text, subject(text, file).members.added("/States/a", "Retry", [RETRIER]))
    assert state(once, file) == old | {"Retry": [RETRIER]}
    twice = applied(
        once, subject(once, file).members.appended("/States/a/Retry", RETRIER | {"MaxAttempts": 1})
    )
    assert state(twice, file) == old | {"Retry": [RETRIER, RETRIER | {"MaxAttempts": 1}]}
    back = applied(twice, subject(twice, file).members.removed("/States/a/Retry/1"))
    assert state(back, file) == state(once, file)


@each_layout
def test_member_is_renamed_and_replaced(file: str, text: str) -> None:
    members = subject(text, file).members
    assert "Comment" in state(applied(text, members.renamed("/States/a/Resource", "Comment")), file)
    assert state(applied(text, members.replaced("/States/a/Type", "Pass")), file)["Type"] == "Pass"
    assert state(applied(text, members.replaced("/States/a/End", False)), file)["End"] is False


@each_layout
@pytest.mark.parametrize("name", ["Type", "Resource", "End"])
def test_member_is_removed_if_no_comment_goes_with_it(file: str, text: str, name: str) -> None:
    fix = subject(text, file).members.removed(f"/States/a/{name}")
    if fix is None:
        assert "#" in text
        return
    new = applied(text, fix)
    assert state(new, file) == {key: held for key, held in state(text, file).items() if key != name}
    assert new.count("#") == text.count("#")


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("one line", '"Resource": "x", "Wait": {"Seconds": 5}, "End"'),
        ("minified", '"Resource":"x","Wait":{"Seconds":5},"End"'),
        (
            "expanded",
            '"x",\n            "Wait": {\n                "Seconds": 5\n            },\n            "End"',
        ),
        ("tabs", '"x",\n\t\t\t"Wait": {\n\t\t\t\t"Seconds": 5\n\t\t\t},\n\t\t\t"End"'),
        ("flow", "Resource: x, Wait: {Seconds: 5}, End"),
        ("flow below", "    Resource: x,  # the work\n    Wait: {\n      Seconds: 5\n    },\n    End"),
        ("block", "    Resource: x  # the work\n    Wait:\n      Seconds: 5\n    End"),
        ("in a JSON string", r"\"Resource\": \"x\", \"Wait\": {\"Seconds\": 5}, \"End\""),
        ("jsonencode", 'Resource = "x" # the work\n        Wait = {'),
    ],
)
def test_what_is_added_looks_like_what_stands_there(layout: str, expected: str) -> None:
    file, text = LAYOUTS[layout]
    assert expected in applied(
        text, subject(text, file).members.added("/States/a", "Wait", {"Seconds": 5}, ("Resource",))
    )


@pytest.mark.parametrize(
    "text",
    [
        "x: &a {Type: Task, Resource: x, End: true}\nStartAt: a\nStates:\n  a: *a\n",
        "x: &a {Resource: x}\nStartAt: a\nStates:\n  a:\n    <<: *a\n    Type: Task\n    End: true\n",
    ],
)
def test_what_stands_elsewhere_is_left(text: str) -> None:
    members = subject(text, "a.asl.yaml").members
    assert members.replaced("/States/a/Resource", "y") is None
    assert members.removed("/States/a/Resource") is None


def test_definition_in_another_file_is_left() -> None:
    one = subject(ONE_LINE, "a.asl.json")
    other = Subject(one.machine, text=ONE_LINE, file="template.yaml")
    assert other.members.added("/States/a", "TimeoutSeconds", 60) is None


def test_text_that_would_end_the_quotes_is_not_written() -> None:
    members = subject(SINGLE, "t.yaml").members
    assert members.replaced("/States/a/Resource", "it's") is None
    assert members.added("/States/a", "Comment", "it's") is None


def test_elements_are_exchanged() -> None:
    text = '{"StartAt": "a", "States": {"a": {"Type": "Task", "Retry": [{"b": [1]},  {"c": 2}]}}}'
    fix = subject(text, "a.asl.json").members.swapped("/States/a/Retry/1", "/States/a/Retry/0")
    assert '[{"c": 2},  {"b": [1]}]' in applied(text, fix)


@given(st.text(max_size=8), st.text(max_size=8))
def test_spelling_is_kept(old: str, new: str) -> None:
    for written in (json.dumps(old), json.dumps(old, ensure_ascii=False)):
        assert json.loads(str(respelled(written, old, new))) == new
    inner = json.dumps(json.dumps(old))[1:-1]
    assert json.loads(json.loads(f'"{respelled(inner, old, new)}"')) == new
    assert respelled(json.dumps(old), f"{old}.", new) is None


@given(
    st.sampled_from(
        [
            "yes",
            "no",
            "On",
            "a: b",
            "a b",
            "a/b",
            "x #",
            "1",
            "",
            "null",
            "~",
            "a-b",
            "- a",
            "Rest",
            "a:",
            "a:b",
            "arn:aws:states:::lambda:invoke",
            "name.$",
        ]
    )
)
def test_plain_text_stays_a_text(new: str) -> None:
    spelled = respelled("old", "old", new)
    assert yaml.safe_load(f"a: {spelled}") == yaml.safe_load(f"{{a: {spelled}}}") == {"a": new}
    assert not spells("1", True)


def test_edit_of_a_value_is_no_wider_than_the_value() -> None:
    fix = subject(ONE_LINE, "a.asl.json").members.replaced("/States/a/Resource", "y")
    start = ONE_LINE.index('"x"')
    assert fix is not None
    assert fix.edits == (Edit(start, start + 3, '"y"'),)
