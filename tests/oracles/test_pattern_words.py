"""A pattern's ``words`` only save time: over all published files it finds the same without them."""

from __future__ import annotations

import pytest
from tests.oracles.corpora import corpora

from dagmig.lint.pattern import compiled, pattern_specs
from dagmig.lint.rule import FixKind
from dagmig.lint.source import Source

SPECS = {spec["id"]: spec for _, spec in pattern_specs() if "words" in spec["metadata"]}


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    files = {file for corpus in corpora() for file in corpus.files}
    return [
        Source(file.read_text(encoding="utf-8", errors="replace"), str(file), "dag") for file in sorted(files)
    ]


@pytest.mark.parametrize("rule", SPECS)
def test_same_without_words(rule: str, sources: list[Source]) -> None:
    spec = SPECS[rule]
    words = tuple(spec["metadata"]["words"])
    with_words, without = (compiled(spec, "python", FixKind.NONE, given) for given in (words, ()))
    for source in sources:
        assert list(with_words(source)) == list(without(source)), source.file
