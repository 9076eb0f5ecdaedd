"""The states of a scope that become one task: a loop with one entry, and the Fails that it ends in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dagmig.asl.flow import following, loops, reached
from dagmig.asl.model import Scope, State

END = ""  # where a token goes that ends the scope


@dataclass(frozen=True, slots=True)
class Region:
    """``states`` in the scope's order; the token comes to them at ``entry`` only."""

    entry: str
    states: Mapping[str, State]

    @property
    def exits(self) -> list[str]:
        """The states outside that a token may go on to, ``END`` where it may end inside; each once."""
        found = {
            arrow.target: None
            for state in self.states.values()
            for arrow in state.transitions()
            if arrow.target not in self.states
        }
        if any(state.is_terminal and state.type != "Fail" for state in self.states.values()):
            found[END] = None
        return list(found)


def regions(scope: Scope) -> dict[str, Region]:
    """The regions of a scope by their entries."""
    going = Scope(scope.start_at, {n: _going(s) for n, s in scope.states.items()}, scope.pointer)
    live = set(reached(going, scope.start_at))
    found: dict[str, Region] = {}
    for group in loops(going):
        inside = {name for region in found.values() for name in region.states}
        if group <= live and not group & inside:
            region = _region(going, group, live)
            found = {n: r for n, r in found.items() if not r.states.keys() & region.states.keys()}
            found[region.entry] = region
    return found


def contracted(scope: Scope, found: Mapping[str, Region]) -> Scope:
    """The scope with one state in place of each region, under the name of its entry.

    That state is a Choice between the region's exits, so that the scope's ways stay what they are.
    """
    if not found:
        return scope
    inside = {name for region in found.values() for name in region.states}
    states: dict[str, State] = {}
    for name, state in scope.states.items():
        if name in found:
            choices = [{"Next": target} for target in found[name].exits if target]
            fields = {"Type": "Choice", "Choices": choices}
            states[name] = replace(state, name=name, fields=fields)
        elif name not in inside:
            states[name] = state
    return Scope(scope.start_at, states, scope.pointer)


def _going(state: State) -> State:
    """The state without a Next that no token takes."""
    has_next = state.type != "Choice" and not state.is_terminal
    fields = {key: value for key, value in state.fields.items() if key != "Next" or has_next}
    return state if len(fields) == len(state.fields) else replace(state, fields=fields)


def _region(scope: Scope, group: frozenset[str], live: set[str]) -> Region:
    """The smallest set of states around a loop that has one entry, with the Fails that only it leads to."""
    before = _before(scope, live)
    inside = set(group)
    while len(entries := _entries(scope, inside, before)) > 1:
        inside |= {source for name in entries for source in before[name]}
    names = [name for name in scope.states if name in inside]
    failures = {
        name
        for name, state in scope.states.items()
        if state.type == "Fail" and name not in inside and before[name] and before[name] <= inside
    }
    inside |= failures
    (entry,) = entries or names[:1]
    return Region(entry, {name: state for name, state in scope.states.items() if name in inside})


def _entries(scope: Scope, inside: Iterable[str], before: Mapping[str, set[str]]) -> list[str]:
    found = set(inside)
    return [
        name for name in scope.states if name in found and (before[name] - found or name == scope.start_at)
    ]


def _before(scope: Scope, live: set[str]) -> dict[str, set[str]]:
    """The states that lead to each, of those that a token may come to."""
    found: dict[str, set[str]] = {name: set() for name in scope.states}
    for name in live:
        for target in following(scope, name):
            found[target].add(name)
    return found
