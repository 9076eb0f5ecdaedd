"""Loops, also those of which nobody knows how often they run."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from dagmig.airflow.read.doubts import ONE_ROUND, reason
from dagmig.airflow.read.evaluation import (
    MAX_STEPS,
    Exhausted,
    LoopControl,
)
from dagmig.airflow.read.objects import Scope, Unsure
from dagmig.airflow.read.statements import MAYBE, Statements
from dagmig.airflow.read.texts import has_hidden_order


class Loops(Statements):
    """``for`` and ``while``."""

    def _do_For(self, node: ast.For, scope: Scope) -> None:
        over = self.value(node.iter, scope)
        items = self._iterate(over)
        if items is not None and has_hidden_order(over):
            self._in_any_order(node, items, scope)
            return
        if items is None:
            self.risks += 1
            why = f"what the loop goes over is not known{reason(over)}"
            self._some_times(node, node.iter, why, scope)
            return
        self._passes(node, items, scope)

    def _in_any_order(self, node: ast.For, items: Sequence[Any], scope: Scope) -> None:
        """A loop over a set: its last round and the order of what it appends are not known."""
        self.journals.append({})
        try:
            self._passes(node, items, scope)
        finally:
            journal = self.journals.pop()
            for container, before in journal.values():
                self.note(container, journal)
                self.forget_order(container, before, node.iter)

    def _passes(self, node: ast.For, items: Sequence[Any], scope: Scope) -> None:
        pending = len(self.pending)
        for number, item in enumerate(items):
            self.bind(node.target, item, scope)
            if self._is_broken(node.body, scope):
                return
            if self._may_be_over(pending):
                rest = items[number + 1 :]
                self.either(node.iter, scope, lambda: self._passes(node, rest, scope), lambda: None, MAYBE)  # noqa: B023
                self._drop_breaks(pending)
                return
        self.run(node.orelse, scope)

    def _is_broken(self, body: Any, scope: Scope) -> bool:
        """Run a loop's body once; whether it ends the loop."""
        try:
            self.run(body, scope)
        except LoopControl as control:
            return control.is_break
        return False

    def _may_be_over(self, pending: int) -> bool:
        """Whether a loop may have ended; a ``continue`` that may have been taken is done with."""
        self.pending[pending:] = [
            one for one in self.pending[pending:] if not isinstance(one, LoopControl) or one.is_break
        ]
        return len(self.pending) > pending

    def _drop_breaks(self, pending: int) -> None:
        self.pending[pending:] = [one for one in self.pending[pending:] if not isinstance(one, LoopControl)]

    def _some_times(self, node: Any, at: ast.AST, why: str, scope: Scope) -> None:
        """A loop of which nobody knows how often it runs: what one round changes is unknown afterwards."""
        pending = len(self.pending)

        def times(number: int) -> None:
            for _ in range(number):
                if isinstance(node, ast.For):
                    self.bind(node.target, Unsure(at, "an item of an unknown collection"), scope)
                self._is_broken(node.body, scope)
            self.run(node.orelse, scope)

        self.ways(at, scope, [lambda: times(1), lambda: times(0)], why, ONE_ROUND)
        self._drop_breaks(pending)

    def _do_While(self, node: ast.While, scope: Scope) -> None:
        pending = len(self.pending)
        while True:
            test = self.truth(self.value(node.test, scope))
            if test is None:
                self._some_times(node, node.test, "how often the loop runs is not known", scope)
                return
            if not test:
                self.run(node.orelse, scope)
                return
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise Exhausted
            if self._is_broken(node.body, scope):
                return
            if self._may_be_over(pending):
                self.either(node.test, scope, lambda: self._do_While(node, scope), lambda: None, MAYBE)
                self._drop_breaks(pending)
                return
