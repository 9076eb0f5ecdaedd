"""Comprehensions and generator expressions over collections that may be unknown."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from dagmig.airflow.read.doubts import ONE_ROUND, reason
from dagmig.airflow.read.evaluation import (
    MAX_SIZE,
    Exhausted,
)
from dagmig.airflow.read.objects import Lazy, Scope, Unsure
from dagmig.airflow.read.strings import Strings
from dagmig.airflow.read.texts import has_hidden_order


class Comprehensions(Strings):
    """Makes one member after the other."""

    def _may_make(self, make: Callable[[Scope], Any], scope: Scope) -> bool:
        """One round of which nobody knows whether there is any; whether it changes the graph."""
        effects = self.effects
        self.undecided += 1
        try:
            make(scope)
        finally:
            self.undecided -= 1
        return self.effects != effects

    def _comprehend(self, node: Any, scope: Scope, make: Callable[[Scope], Any]) -> list[Any] | None:
        found: list[Any] = []

        shuffled = False

        def go(parts: list[ast.comprehension], inner: Scope) -> bool:
            nonlocal shuffled
            part, *others = parts
            over = self.value(part.iter, inner)
            shuffled = shuffled or has_hidden_order(over)
            items = self._iterate(over)
            if items is None:
                self.risks += 1
                self.bind(part.target, Unsure(part.iter), inner)
                if self._may_make(make, inner):
                    self.doubt(
                        part.iter, f"what the loop goes over is not known{reason(over)}", follows=ONE_ROUND
                    )
                return False
            for item in items:
                self.bind(part.target, item, inner)
                tests = self._all_true(part.ifs, inner)
                if tests is None:
                    if self._may_make(make, inner):
                        self.doubt(part.iter, "which items are taken is not known")
                    return False
                if not tests:
                    continue
                if others:
                    if not go(others, inner):
                        return False
                else:
                    found.append(make(inner))
                    if len(found) > MAX_SIZE:
                        raise Exhausted
            return True

        is_whole = go(node.generators, Scope({}, scope, is_inner=True))
        if shuffled and not isinstance(node, ast.SetComp) and len(found) > 1 and self.is_deeply_known(found):
            return None  # in an order that nobody knows
        return found if is_whole else None

    def _all_true(self, tests: Any, scope: Scope) -> bool | None:
        for test in tests:
            truth = self.truth(self.value(test, scope))
            if not truth:
                return truth
        return True

    def _see_ListComp(self, node: Any, scope: Scope) -> Any:
        found = self._comprehend(node, scope, lambda inner: self.value(node.elt, inner))
        return found if found is not None else Unsure(node, "a list with unknown members")

    def _see_GeneratorExp(self, node: Any, scope: Scope) -> Any:
        found = self._see_ListComp(node, scope)
        return Lazy(found) if isinstance(found, list) else found

    def _see_SetComp(self, node: Any, scope: Scope) -> Any:
        found = self._comprehend(node, scope, lambda inner: self.value(node.elt, inner))
        plain = found is not None and all(map(self.is_key, found))
        return set(found or ()) if plain else Unsure(node, "a set with unknown members")

    def _see_DictComp(self, node: Any, scope: Scope) -> Any:
        pairs = self._comprehend(node, scope, lambda i: (self.value(node.key, i), self.value(node.value, i)))
        if pairs is None or not all(self.is_key(key) for key, _ in pairs):
            return Unsure(node, "a dict with unknown members")
        return dict(pairs)
