"""The law of fixes over a sample of published machines, where there are some, and of the project's own.

``tests/oracles/test_fixes.py`` asks it of all published machines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tests.mending import FIXING, complaints, forms
from tests.oracles import corpus

from dagmig.diagnostics import Fix
from dagmig.lint.check import check
from dagmig.lint.fix import fixed
from dagmig.lint.rule import Finding, FixKind, Rule
from dagmig.lint.source import Source

MACHINES = sorted({*corpus.machines()[::20], *corpus.fixture_machines()[::5]})
CASES = yaml.safe_load(Path(__file__).with_name("silent_machines.yaml").read_text(encoding="utf-8"))
BAD = [(rule.id, one.bad) for rule in FIXING for one in rule.examples if one.language == "json"]
TEXT = '{"StartAt": "a", "States": {"a": {"Type": "Pass", "End": true}}}'


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_law_holds_for_a_machine(path: Path) -> None:
    assert complaints(path.read_text(encoding="utf-8"), path.name) == []


@pytest.mark.parametrize(("rule", "text"), BAD, ids=[rule for rule, _ in BAD])
def test_law_holds_for_an_example_in_other_files(rule: str, text: str) -> None:
    for file, other in forms(json.loads(text)):
        assert complaints(other, file) == [], file


@pytest.mark.parametrize("name", CASES)
def test_law_holds_for_a_machine_that_is_right(name: str) -> None:
    case = CASES[name]
    text = json.dumps(case.get("machine") or case["template"], indent=1)
    assert complaints(text, "a.asl.json" if "machine" in case else "template.json") == []


COMMENTED = """\
# a template
Globals: {}
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine  # the machine
    Properties:
      # no role yet
      Definition:
        StartAt: "Load it"   # first
        States:
          "Load it":
            Type: Task       # work

            # what is called
            Resource: arn:aws:states:::lambda:invoke
            Parameters:
              FunctionName: !GetAtt F.Arn   # alias
              Payload:
                text: >
                  folded
                  text
            ResultPath: $
            Next: Each
          Each:
            Type: Map
            OutputPath: $
            Iterator:
              StartAt: W
              States:
                W: {Type: Task, Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", End: true}
            Retry:
            - ErrorEquals:
              - States.TaskFailed   # any
              BackoffRate: 1

            # after
            End: true
"""


def test_law_holds_for_a_template_with_comments() -> None:
    assert complaints(COMMENTED, "t.yaml") == []


def test_comments_stay() -> None:
    found = check(Source(COMMENTED, "t.yaml", "machine"), FIXING).found
    new = fixed(COMMENTED, found, unsafe=True)
    assert len([one for one in found if one.fix]) > 8
    assert re.findall(" *#.*", new) == re.findall(" *#.*", COMMENTED)


def broken(name: str, value: object, safe: bool = False) -> Rule:
    """A rule whose fix adds a field that is not what it asks for."""

    def ask(source: Source) -> Iterator[Finding]:
        (subject,) = source.subjects
        fix = subject.members.added("/States/a", name, value)
        if fix is not None or safe:
            yield Finding("no", subject.machine.locate("/States/a"), Fix(fix.edits, safe) if fix else None)

    return replace(FIXING[0], id="broken", check=ask, fix=FixKind.UNSAFE)


def test_law_sees_a_finding_that_stays() -> None:
    (said,) = complaints(TEXT, "a.asl.json", (broken("Comment", "x", safe=True),))
    assert said.endswith("is still there after its fix")


def test_law_sees_a_safe_fix_that_leads_elsewhere() -> None:
    said = complaints(TEXT, "a.asl.json", (broken("Next", "a", safe=True),))
    assert any("it would change the machine" in one for one in said)


def test_law_sees_fixes_that_do_not_end() -> None:
    def ask(source: Source) -> Iterator[Finding]:
        (subject,) = source.subjects
        type_ = subject.machine.document["States"]["a"]["Type"]
        fix = subject.members.replaced("/States/a/Type", "Succeed" if type_ == "Pass" else "Pass")
        yield Finding("no", subject.machine.locate("/States/a"), fix)

    said = complaints(TEXT, "a.asl.json", (replace(FIXING[0], id="broken", check=ask),))
    assert "the fixes of a.asl.json do not end: ['broken']" in said


def test_law_sees_two_fixes_that_write_the_same_field() -> None:
    two = (broken("Comment", "x"), replace(broken("Comment", "y"), id="other"))
    assert "a.asl.json cannot be read, or has a key twice, after its fixes" in complaints(
        TEXT, "a.asl.json", two
    )
