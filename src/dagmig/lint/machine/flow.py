"""The ways of a machine's states."""

from __future__ import annotations

from dagmig.asl.model import Scope


def reached(scope: Scope, start: str) -> list[str]:
    """The states of a level that a token comes to from ``start``, itself first; a missing one is none."""
    found = {start: None} if start in scope.states else {}
    waiting = list(found)
    while waiting:
        for arrow in scope.states[waiting.pop()].transitions():
            if arrow.target in scope.states and arrow.target not in found:
                found[arrow.target] = None
                waiting.append(arrow.target)
    return list(found)


def loops(scope: Scope) -> list[frozenset[str]]:
    """The groups of states that lead back to themselves, each a strongly connected component."""
    ahead = {
        name: {one for arrow in state.transitions() for one in reached(scope, arrow.target)}
        for name, state in scope.states.items()
    }
    found: list[frozenset[str]] = []
    for name, after in ahead.items():
        group = frozenset(other for other in after if name in ahead[other])
        if name in after and group not in found:
            found.append(group)
    return found
