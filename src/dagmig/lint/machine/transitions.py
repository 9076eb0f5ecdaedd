"""How many states an execution enters: what a Standard workflow is paid by.

https://aws.amazon.com/step-functions/pricing/: a transition is counted each time that a step is executed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from dagmig.asl.flow import loops, reached
from dagmig.asl.model import Scope, State
from dagmig.lint.machine.maps import EXPRESS, config


@dataclass(frozen=True, slots=True)
class Entered:
    """``most`` is None where a loop says how often. Errors and retries are not reckoned with."""

    fewest: int
    most: int | None


def entered(scope: Scope) -> Entered | None:
    """The states entered on the shortest and on the longest way through a level, with the branches of its
    Parallel states and without the items of its Maps; None where no way leads to an end.
    """
    if scope.start_at not in scope.states:
        return None
    there = {name: scope.states[name] for name in reached(scope, scope.start_at)}
    weights: dict[str, Entered] = {}
    for name, state in there.items():
        if (weight := _weight(state)) is None:
            return None
        weights[name] = weight
    fewest = _shortest(scope, weights)
    if fewest is None:
        return None
    is_open = any(group & there.keys() for group in loops(scope)) or any(
        one.most is None for one in weights.values()
    )
    return Entered(fewest, None if is_open else _longest(scope, scope.start_at, weights, {}))


def items(scope: Scope) -> Iterator[tuple[State, Entered]]:
    """The Maps of a machine with what each of their items enters; Express executions are paid otherwise."""
    for state in scope.all_states():
        if state.type == "Map" and config(state).get("ExecutionType") != EXPRESS:
            for inner in state.scopes():
                if (found := entered(inner)) is not None:
                    yield state, found


def _weight(state: State) -> Entered | None:
    fewest = 1
    most: int | None = 1
    for branch in state.scopes() if state.type == "Parallel" else ():
        inside = entered(branch)
        if inside is None:
            return None
        fewest += inside.fewest
        most = None if most is None or inside.most is None else most + inside.most
    return Entered(fewest, most)


def _after(state: State, scope: Scope) -> list[str]:
    """The states that may follow where nothing fails."""
    return [one.target for one in state.transitions() if one.kind != "Catch" and one.target in scope.states]


def _shortest(scope: Scope, weights: dict[str, Entered]) -> int | None:
    waiting = [(weights[scope.start_at].fewest, scope.start_at)]
    done: set[str] = set()
    while waiting:
        length, name = heapq.heappop(waiting)
        if name in done:
            continue
        done.add(name)
        state = scope.states[name]
        if state.is_terminal:
            return length
        for target in _after(state, scope):
            heapq.heappush(waiting, (length + weights[target].fewest, target))
    return None


def _longest(scope: Scope, start: str, weights: dict[str, Entered], known: dict[str, int]) -> int:
    """The same on the longest way, in a level without loops."""
    order: list[str] = []
    waiting = [(start, False)]
    while waiting:
        name, is_left = waiting.pop()
        if is_left:
            order.append(name)
        elif name not in known:
            known[name] = 0
            waiting += [(name, True), *((target, False) for target in _after(scope.states[name], scope))]
    for name in order:
        after = [known[target] for target in _after(scope.states[name], scope)]
        known[name] = (weights[name].most or 0) + max(after, default=0)
    return known[start]
