"""The ``words`` of a rule only save time: in every example and case the rule finds the same without them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from tests.test_lint_cases import FLAGGED, PRELUDE, cases

from dagmig.lint.check import rules
from dagmig.lint.rule import Rule
from dagmig.lint.source import Source

WITH_WORDS = [rule for rule in rules() if rule.words]


@cache
def sources() -> list[Source]:
    examples = [example for rule in rules() for example in rule.examples if example.language == "python"]
    texts = [text for example in examples for text in (example.bad, example.good)]
    texts += [PRELUDE + FLAGGED.sub("", text) for _, _, text in cases()]
    return [Source(text, "dag.py", "dag") for text in dict.fromkeys(texts)]


@pytest.mark.parametrize("rule", WITH_WORDS, ids=lambda rule: rule.id)
def test_same_without_words(rule: Rule) -> None:
    without = replace(rule, words=frozenset())
    found = [list(without(source)) for source in sources()]
    assert any(found)
    assert [list(rule(source)) for source in sources()] == found


@pytest.mark.parametrize("rule", WITH_WORDS, ids=lambda rule: rule.id)
def test_words_save_time(rule: Rule) -> None:
    looked_at = []
    watching = replace(rule, check=lambda source: looked_at.append(source) or ())
    for source in sources():
        assert list(watching(source)) == []
    assert 0 < len(looked_at) < len(sources())
