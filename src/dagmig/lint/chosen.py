"""The rules of a run, and which of them have something to look at in a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from dagmig.lint.rule import Rule
from dagmig.lint.source import Source


class Chosen(tuple[Rule, ...]):
    """Rules that run together, in their order: which of their words a file has is found out once for all."""

    def over(self, source: Source) -> Iterator[Rule]:
        """Those that have something to look at in a file."""
        places = {*self._without_words}
        given, named = self._by_word
        for word in given.keys() & source.given if given else ():
            places.update(given[word])
        for word in named.keys() & source.syntax.names if named else ():
            places.update(named[word])
        return (self[place] for place in sorted(places))

    @cached_property
    def _without_words(self) -> list[int]:
        return [place for place, rule in enumerate(self) if not rule.words]

    @cached_property
    def _by_word(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """The places of the rules that a word concerns: of ``given``, and of names in code."""
        given: dict[str, list[int]] = defaultdict(list)
        named: dict[str, list[int]] = defaultdict(list)
        for place, rule in enumerate(self):
            for word in rule.words:
                (given if rule.is_over_dags else named)[word].append(place)
        return given, named
