"""Distrust of our own output: an emitted machine that does not hold together is our bug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.asl.model import Machine, Scope
from dagmig.asl.quotas import MAX_NAME
from dagmig.diagnostics import Span


def check(document: Mapping[str, Any]) -> None:
    """Raise ``AssertionError`` where a transition leads nowhere, a name is used twice, a choice has no rules,
    or a state is never reached.
    """
    seen: set[str] = set()
    for scope in Machine(document, "", lambda *_: Span("")).root.walk():
        _check(scope, seen)


def _check(scope: Scope, seen: set[str]) -> None:
    reached: set[str] = set()
    waiting = [scope.start_at]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        if name not in scope.states:
            raise AssertionError(f"no state {name!r} in {scope.pointer or 'the machine'}")
        reached.add(name)
        state = scope.states[name]
        arrows = [arrow.target for arrow in state.transitions()]
        if not arrows and not state.is_terminal:
            raise AssertionError(f"state {name!r} leads nowhere")
        if state.type == "Choice" and not state.fields.get("Choices"):
            raise AssertionError(f"state {name!r} has nothing to choose by")
        waiting += arrows
    if unreached := scope.states.keys() - reached:
        raise AssertionError(f"states are never reached: {sorted(unreached)}")
    if twice := scope.states.keys() & seen or [n for n in scope.states if len(n) > MAX_NAME]:
        raise AssertionError(f"names are used twice or too long: {sorted(twice)}")
    seen |= scope.states.keys()
