"""Machines that are right as they are (``silent_machines.yaml``): no rule raises a false alarm."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagmig.diagnostics import Severity
from dagmig.lint.check import check, default_rules, rules
from dagmig.lint.source import Source

CASES: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("silent_machines.yaml").read_text(encoding="utf-8")
)
ABOUT_COMMENTS = {"unused-suppression"}


def found(case: dict[str, Any]) -> dict[str, Severity]:
    """The rules on by default that find something in a case, which is a machine or a template."""
    text = json.dumps(case.get("machine") or case["template"], indent=1)
    file = "a.asl.json" if "machine" in case else "template.json"
    source = Source(text, file, "machine")
    assert len(source.subjects) == 1
    return {one.code: one.severity for one in check(source).found}


@pytest.mark.parametrize("name", CASES)
def test_no_false_alarm(name: str) -> None:
    findings = found(CASES[name])
    assert set(CASES[name]["silent"]) & findings.keys() == set()
    assert {rule for rule, severity in findings.items() if severity is Severity.ERROR} == set()


ODD: tuple[Any, ...] = (
    None,
    [],
    {},
    5,
    -1,
    1.5,
    "x",
    "$",
    "{% ( %}",
    "States.",
    True,
    [None],
    {"a": 5},
    1e20,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or list in a document with each of its keys or indexes."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


@pytest.mark.parametrize("name", CASES)
def test_no_rule_crashes_on_what_is_broken(name: str) -> None:
    random_ = random.Random(name)
    chosen = tuple(rule for rule in rules() if "machine" in rule.languages)
    for _ in range(30):
        broken = copy.deepcopy(CASES[name].get("machine") or CASES[name]["template"])
        for holder, key in random_.sample(list(places(broken)), 2):
            if isinstance(holder, list) or key in holder:
                holder[key] = random_.choice(ODD)
        file = "a.asl.json" if "machine" in CASES[name] else "template.json"
        codes = {one.code for one in check(Source(json.dumps(broken), file, "machine"), chosen).found}
        assert "rule-crashed" not in codes, broken


def test_every_rule_has_three_cases() -> None:
    named = Counter(rule for case in CASES.values() for rule in case["silent"])
    on = {rule.id for rule in default_rules() if "machine" in rule.languages} - ABOUT_COMMENTS
    assert named.keys() == on
    assert {rule: named[rule] for rule in sorted(on) if named[rule] < 3} == {}
