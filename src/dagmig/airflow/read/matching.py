"""``match`` over known values."""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

from dagmig.airflow.read.evaluation import NotKnown, is_known
from dagmig.airflow.read.failures import Failures
from dagmig.airflow.read.objects import Ref, Scope, Unsure

CLASSES: dict[str, type] = {
    f"builtins.{kind.__name__}": kind for kind in (str, int, float, bool, bytes, list, tuple, dict, set)
}


class Matching(Failures):
    """Chooses a case; where nobody can say which, all that may fit are run."""

    def _do_Match(self, node: ast.Match, scope: Scope) -> None:
        subject = self.value(node.subject, scope)
        for number, case in enumerate(node.cases):
            bound: dict[str, Any] = {}
            try:
                if not self._fits(case.pattern, subject, bound, scope):
                    continue
                for name, value in bound.items():
                    self.bind_name(name, value, scope)
                if case.guard is not None and not self._sure(self.value(case.guard, scope)):
                    continue
            except NotKnown:
                self._any_of(node, node.cases[number:], scope)
                return
            self.run(case.body, scope)
            return

    def _sure(self, value: Any) -> bool:
        found = self.truth(value)
        if found is None:
            raise NotKnown
        return found

    def _any_of(self, node: ast.Match, cases: Any, scope: Scope) -> None:
        def go(case: ast.match_case) -> None:
            for name in _captured(case.pattern):
                self.bind_name(name, Unsure(case.pattern), scope)
            self.run(case.body, scope)

        ways: list[Any] = [partial(go, case) for case in cases]
        self.ways(node, scope, [*ways, lambda: None], "which case is taken is not known")

    def _fits(self, pattern: Any, subject: Any, bound: dict[str, Any], scope: Scope) -> bool:
        method = getattr(self, f"_fits_{type(pattern).__name__}", None)
        if method is None:
            raise NotKnown
        return bool(method(pattern, subject, bound, scope))

    def _fits_MatchAs(self, pattern: ast.MatchAs, subject: Any, bound: dict[str, Any], scope: Scope) -> bool:
        if pattern.pattern is not None and not self._fits(pattern.pattern, subject, bound, scope):
            return False
        if pattern.name is not None:
            bound[pattern.name] = subject
        return True

    def _fits_MatchOr(self, pattern: ast.MatchOr, subject: Any, bound: dict[str, Any], scope: Scope) -> bool:
        return any(self._fits(one, subject, bound, scope) for one in pattern.patterns)

    def _fits_MatchValue(
        self, pattern: ast.MatchValue, subject: Any, bound: dict[str, Any], scope: Scope
    ) -> bool:
        value = self.value(pattern.value, scope)
        if not self.is_deeply_known(subject) or not self.is_deeply_known(value):
            raise NotKnown
        return bool(subject == value)

    def _fits_MatchSingleton(
        self, pattern: ast.MatchSingleton, subject: Any, bound: dict[str, Any], scope: Scope
    ) -> bool:
        if isinstance(subject, (Unsure, Ref)):
            raise NotKnown
        return pattern.value is subject

    def _fits_MatchSequence(self, pattern: Any, subject: Any, bound: dict[str, Any], scope: Scope) -> bool:
        if not is_known(subject) or id(subject) in self.blurred:
            raise NotKnown
        if not isinstance(subject, (list, tuple)):
            return False
        parts = pattern.patterns
        stars = [n for n, part in enumerate(parts) if isinstance(part, ast.MatchStar)]
        if not stars:
            return len(parts) == len(subject) and all(
                self._fits(part, one, bound, scope) for part, one in zip(parts, subject, strict=True)
            )
        at, after = stars[0], len(parts) - stars[0] - 1
        if len(subject) < at + after:
            return False
        if parts[at].name is not None:
            bound[parts[at].name] = list(subject[at : len(subject) - after])
        pairs = [*zip(parts[:at], subject, strict=False)]
        pairs += zip(parts[at + 1 :], subject[len(subject) - after :], strict=True)
        return all(self._fits(part, one, bound, scope) for part, one in pairs)

    def _fits_MatchMapping(
        self, pattern: ast.MatchMapping, subject: Any, bound: dict[str, Any], scope: Scope
    ) -> bool:
        if not is_known(subject) or id(subject) in self.blurred:
            raise NotKnown
        if not isinstance(subject, dict):
            return False
        if "**" in subject:
            raise NotKnown
        used = []
        for wanted, inner in zip(pattern.keys, pattern.patterns, strict=True):
            key = self.value(wanted, scope)
            if not self.is_deeply_known(key):
                raise NotKnown
            if key not in subject or not self._fits(inner, subject[key], bound, scope):
                return False
            used.append(key)
        if pattern.rest is not None:
            bound[pattern.rest] = {key: one for key, one in subject.items() if key not in used}
        return True

    def _fits_MatchClass(
        self, pattern: ast.MatchClass, subject: Any, bound: dict[str, Any], scope: Scope
    ) -> bool:
        kind = self.value(pattern.cls, scope)
        known = CLASSES.get(kind.name) if isinstance(kind, Ref) else None
        if known is None or not is_known(subject) or pattern.kwd_attrs or len(pattern.patterns) > 1:
            raise NotKnown
        if not isinstance(subject, known):
            return False
        return all(self._fits(one, subject, bound, scope) for one in pattern.patterns)


def _captured(pattern: ast.AST) -> list[str]:
    names: list[str] = []
    for node in ast.walk(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name is not None:
            names.append(node.name)
        if isinstance(node, ast.MatchMapping) and node.rest is not None:
            names.append(node.rest)
    return names
