"""The law of fixes, over any machine: each mends its finding, all together end, and the file can be read."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from dagmig.asl.load import load
from dagmig.diagnostics import Diagnostic, Report
from dagmig.lint import MAX_ROUNDS
from dagmig.lint.check import check, rules
from dagmig.lint.fix import changes, fixed
from dagmig.lint.rule import FixKind, Rule
from dagmig.lint.source import Source

FIXING = tuple(rule for rule in rules() if "machine" in rule.languages and rule.fix is not FixKind.NONE)
KIND = "AWS::StepFunctions::StateMachine"


def forms(document: Any) -> Iterator[tuple[str, str]]:
    """A machine in other files: (name, text), as YAML, Terraform and inside of templates."""
    indented = json.dumps(document, indent=2, ensure_ascii=False)
    yield "a.asl.yaml", yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    yield "flow.asl.yaml", yaml.safe_dump(document, sort_keys=False, default_flow_style=True, width=80)
    in_text = {"Resources": {"M": {"Type": KIND, "Properties": {"DefinitionString": indented}}}}
    yield "text.json", json.dumps(in_text)
    parts = re.split(r"(?<=arn:)(?=aws)", indented)
    joined = {"Fn::Join": ["", [one for part in parts for one in (part, {"Ref": "P"})][:-1]]}
    yield (
        "join.json",
        json.dumps({"Resources": {"M": {"Type": KIND, "Properties": {"DefinitionString": joined}}}}),
    )
    machine = 'resource "aws_sfn_state_machine" "m" {\n  definition = '
    yield "heredoc.tf", f"{machine}<<EOF\n{indented}\nEOF\n}}\n"
    yield "encoded.tf", f"{machine}jsonencode({indented})\n}}\n"
    inline = {"Resources": {"M": {"Type": KIND, "Properties": {"Definition": document}}}}
    yield "inline.yaml", yaml.safe_dump(inline, sort_keys=False, allow_unicode=True)


def complaints(text: str, file: str, chosen: tuple[Rule, ...] = FIXING) -> list[str]:
    """What is wrong with the fixes of a file; empty where the law holds."""
    found = _found(text, file, chosen)
    return [*_each(text, file, found, chosen), *_together(text, file, chosen)]


def _each(text: str, file: str, found: list[Diagnostic], chosen: tuple[Rule, ...]) -> Iterator[str]:
    by_id = {rule.id: (rule,) for rule in chosen}
    counts = Counter((one.code, one.message) for one in found)
    for one in found:
        if one.fix is not None:
            left = _found(fixed(text, [one], unsafe=True), file, by_id[one.code])
            if sum(other.message == one.message for other in left) >= counts[one.code, one.message]:
                yield f"{one} is still there after its fix"


def _together(text: str, file: str, chosen: tuple[Rule, ...]) -> Iterator[str]:
    notes, repeated = Report(), _repeated(text, file)
    for _ in range(MAX_ROUNDS):
        made = list(changes(_found(text, file, chosen), {file: text}, notes, unsafe=True))
        yield from (one.message for one in notes)
        if not made:
            return
        text = made[0].new
        if _repeated(text, file) != repeated:
            yield f"{file} cannot be read, or has a key twice, after its fixes"
    left = sorted({one.code for one in _found(text, file, chosen) if one.fix})
    yield f"the fixes of {file} do not end: {left}"


def _found(text: str, file: str, chosen: tuple[Rule, ...]) -> list[Diagnostic]:
    return list(check(Source(text, file, "machine"), chosen).found)


def _repeated(text: str, file: str) -> tuple[str, ...] | None:
    """The keys that stand twice in an object, in a template's text as well; None for what cannot be read."""
    loaded = load(text, file, Report())
    if loaded is None:
        return None
    subjects = Source(text, file, "machine").subjects
    return (*loaded.duplicate_keys, *(key for one in subjects for key in one.machine.duplicate_keys))
