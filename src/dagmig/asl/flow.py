"""The ways of a machine's states."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import Scope


def reached(scope: Scope, start: str) -> list[str]:
    """The states of a level that a token comes to from ``start``, itself first; a missing one is none."""
    found = {start: None} if start in scope.states else {}
    waiting = list(found)
    while waiting:
        for target in following(scope, waiting.pop()):
            if target not in found:
                found[target] = None
                waiting.append(target)
    return list(found)


def following(scope: Scope, name: str) -> list[str]:
    """The states of the level that a state has an arrow to, each once."""
    targets = (arrow.target for arrow in scope.states[name].transitions())
    return list(dict.fromkeys(target for target in targets if target in scope.states))


def loops(scope: Scope) -> list[frozenset[str]]:
    """The groups of states that lead back to themselves, each a strongly connected component, in the order
    of their first states.
    """
    position = {name: number for number, name in enumerate(scope.states)}
    found = [group for group in _components(scope) if len(group) > 1 or group <= set(_after(scope, group))]
    return sorted(found, key=lambda group: min(position[name] for name in group))


def _after(scope: Scope, group: frozenset[str]) -> Iterator[str]:
    for name in group:
        yield from following(scope, name)


def _components(scope: Scope) -> Iterator[frozenset[str]]:
    """Tarjan's algorithm (Depth-first search and linear graph algorithms, 1972), without recursion."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_states: dict[str, None] = {}
    for start in scope.states:
        stack = [] if start in index else [(start, iter(following(scope, start)))]
        while stack:
            name, waiting = stack[-1]
            if name not in index:
                index[name] = lowest[name] = len(index)
                open_states[name] = None
            for target in waiting:
                if target not in index:
                    stack.append((target, iter(following(scope, target))))
                    break
                if target in open_states:
                    lowest[name] = min(lowest[name], lowest[target])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == index[name]:
                    yield frozenset(_popped(open_states, name))


def _popped(states: dict[str, None], until: str) -> Iterator[str]:
    """The states taken from the end, the last of them ``until``."""
    member = None
    while member != until:
        member, _ = states.popitem()
        yield member
