"""The ``words`` of rules only save time: over all published files they find the same without them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.oracles.corpora import corpora

from dagmig.lint.check import rules
from dagmig.lint.pattern import compiled, pattern_specs
from dagmig.lint.rule import FixKind, Rule
from dagmig.lint.source import Source

SPECS = {spec["id"]: spec for _, spec in pattern_specs() if "words" in spec["metadata"]}


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    files = {file for corpus in corpora() for file in corpus.files}
    return [
        Source(file.read_text(encoding="utf-8", errors="replace"), str(file), "dag") for file in sorted(files)
    ]


@pytest.mark.parametrize("rule", SPECS)
def test_pattern_finds_the_same_without_words(rule: str, sources: list[Source]) -> None:
    spec = SPECS[rule]
    words = tuple(spec["metadata"]["words"])
    with_words, without = (compiled(spec, "python", FixKind.NONE, given) for given in (words, ()))
    for source in sources:
        assert list(with_words(source)) == list(without(source)), source.file


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.words], ids=lambda rule: rule.id)
def test_rule_finds_the_same_without_words(rule: Rule, sources: list[Source]) -> None:
    without = replace(rule, words=frozenset())
    for source in sources:
        assert list(rule(source)) == list(without(source)), source.file
