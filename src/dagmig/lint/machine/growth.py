"""What grows while an execution runs: variables of loops that keep what each round adds."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.flow import loops
from dagmig.asl.jsonata import Node
from dagmig.asl.model import State
from dagmig.lint.machine.expressions import tree
from dagmig.lint.machine.places import Place, evaluated
from dagmig.lint.machine.values import is_expression
from dagmig.lint.source import Subject

_ORDERS = frozenset({"<", ">", "<=", ">=", "=", "!="})
_GROWS = frozenset({"array", "&"})


def growing(subject: Subject) -> Iterator[Place]:
    """The places in loops where a variable gets itself and more; none of a loop that a number ends."""
    for scope in subject.scopes:
        for group in loops(scope):
            states = [state for name, state in scope.states.items() if name in group]
            found = [place for place in _of(states, subject) if _adds_to_itself(place)]
            if found and not any(_counts(place) for place in _of(states, subject)):
                yield from found


def _of(states: list[State], subject: Subject) -> Iterator[Place]:
    pointers = {state.pointer for state in states}
    yield from (
        place for place in evaluated(subject) if place.state.pointer in pointers and is_expression(place.text)
    )


def _adds_to_itself(place: Place) -> bool:
    node = tree(place.source)
    if place.field != "Assign" or not isinstance(node, Node):
        return False
    appends = node.kind == "call" and node.value == "append"
    is_itself = any(part.kind == "variable" and part.value == place.key for part in _members(node))
    return is_itself and (appends or node.kind in _GROWS) and len(node.parts) > 1


def _members(node: Node) -> Iterator[Node]:
    """What an expression joins, however many."""
    for part in node.parts:
        yield from _members(part) if part.kind == "&" == node.kind else (part,)


def _counts(place: Place) -> bool:
    """Whether a condition compares with a number."""
    node = tree(place.source) if place.field == "Condition" else None
    return isinstance(node, Node) and any(
        part.kind in _ORDERS and any(isinstance(one.value, float) for one in part.parts)
        for part, _ in node.walk()
    )
