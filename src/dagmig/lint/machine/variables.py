"""Workflow variables: which states assign them, and of which it is certain that they are there.

https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.asl.jsonata import Node
from dagmig.asl.model import JSON, Scope, State
from dagmig.asl.paths import used
from dagmig.lint.machine import maps
from dagmig.lint.machine.expressions import free_variables, guarded, tree
from dagmig.lint.machine.places import Place, evaluated, path_texts
from dagmig.lint.machine.values import is_expression
from dagmig.lint.source import Subject, remembered

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that a text refers to; ``position`` counts the text's characters from 0."""

    name: str
    place: Place
    position: int
    is_guarded: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """The variables that are there when a state begins: ``always``, or ``sometimes``, on some way to it."""

    always: Names
    sometimes: Names


def assigned(fields: Mapping[str, JSON]) -> Names:
    """The variables that an ``Assign`` of a state, a catcher or a rule names."""
    found = fields.get("Assign")
    return frozenset(key.removesuffix(".$") for key in found) if isinstance(found, dict) else frozenset()


def assigns(state: State) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    """Every ``Assign`` of a state, of its rules and of its catchers, with the pointer of it."""
    members: list[tuple[str, Mapping[str, JSON]]] = [(state.pointer, state.fields)]
    for key in ("Choices", "Catch"):
        found = state.fields.get(key)
        for index, member in enumerate(found if isinstance(found, list) else ()):
            if isinstance(member, dict):
                members.append((f"{state.pointer}/{key}/{index}", member))
    for pointer, fields in members:
        if isinstance(given := fields.get("Assign"), dict):
            yield f"{pointer}/Assign", given


def all_assigned(state: State) -> Names:
    """The variables that a state assigns in its own scope, whichever way it ends."""
    return assigned(state.fields) | assigned_inside(state)


def assigned_inside(state: State) -> Names:
    """The variables that its catchers, or its rules if it is a Choice, assign."""
    members = [one for key in ("Choices", "Catch") for one in _objects(state.fields.get(key))]
    return frozenset[str]().union(*map(assigned, members))


def _objects(value: JSON) -> list[dict[str, JSON]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _arrows(state: State) -> Iterator[tuple[str, Names]]:
    """The states that may follow, each with what is assigned on the way."""
    own = assigned(state.fields)
    for kind in ("Next", "Default"):
        if isinstance(target := state.fields.get(kind), str):
            yield target, own
    for kind in ("Choices", "Catch"):
        for member in _objects(state.fields.get(kind)):
            if isinstance(target := member.get("Next"), str):
                yield target, assigned(member)


@remembered
def befores(subject: Subject) -> Iterator[tuple[str, Before]]:
    """What is there before each state that can be reached, by the state's pointer."""
    yield from _in_scope(subject.machine.root, Before(frozenset(), frozenset()))


def _in_scope(scope: Scope, given: Before) -> Iterator[tuple[str, Before]]:
    known: dict[str, Before] = {scope.start_at: given} if scope.start_at in scope.states else {}
    waiting = list(known)
    while waiting:
        state = scope.states[waiting.pop()]
        before = known[state.name]
        for target, new in _arrows(state):
            if target not in scope.states:
                continue
            after = Before(before.always | new, before.sometimes | new)
            old = known.get(target)
            joined = after if old is None else _joined(old, after)
            if joined != old:
                known[target] = joined
                waiting.append(target)
    for name, before in known.items():
        state = scope.states[name]
        yield state.pointer, before
        inner = Before(frozenset(), frozenset()) if maps.is_distributed(state) else before
        for one in state.scopes():
            yield from _in_scope(one, inner)


def _joined(one: Before, other: Before) -> Before:
    return Before(one.always & other.always, one.sometimes | other.sometimes)


@remembered
def uses(subject: Subject) -> Iterator[Use]:
    """Every variable that an expression or a path of the machine refers to, in the order of the places."""
    for place in evaluated(subject):
        if is_expression(place.text) and isinstance(node := tree(place.source), Node):
            asked = guarded(node)
            for variable in free_variables(node):
                name = str(variable.value)
                yield Use(name, place, variable.position + 2, name in asked)
    for place in path_texts(subject):
        for one in used(place.text):
            if one.root not in ("$", "$$"):
                yield Use(
                    one.root, place, one.position, "IsPresent" in str(place.state.fields.get("Choices"))
                )


def hidden(scope: Scope, outer: Names = frozenset()) -> Iterator[tuple[State, Names]]:
    """The states that assign a variable of an outer scope, with those variables."""
    own = frozenset().union(*map(all_assigned, scope.states.values())) if scope.states else frozenset()
    for state in scope.states.values():
        if wrong := all_assigned(state) & outer:
            yield state, wrong
        for inner in state.scopes():
            yield from hidden(inner, frozenset() if maps.is_distributed(state) else outer | own)
