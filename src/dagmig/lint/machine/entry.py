"""Where a machine reads the input of its execution: what whoever starts it may have left out.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
"""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.jsonata import Node
from dagmig.asl.model import State
from dagmig.asl.paths import used
from dagmig.lint.machine.choices import tests
from dagmig.lint.machine.expressions import steps, tree
from dagmig.lint.machine.places import Place, evaluated
from dagmig.lint.machine.values import is_expression
from dagmig.lint.source import Subject, remembered

Keys = tuple[str, ...]
_HAND_ON = frozenset({"Wait", "Pass", "Choice"})
_CHANGE = frozenset(
    {"InputPath", "OutputPath", "Parameters", "Result", "ResultPath", "ResultSelector", "Output"}
)
_OF_STATE: Keys = ("states", "input")
_OF_CONTEXT: Keys = ("states", "context", "Execution", "Input")


@remembered
def entered(subject: Subject) -> Iterator[str]:
    """The pointers of the states that may get the execution's input as it is."""
    scope = subject.machine.root
    found: set[str] = set()
    waiting = [scope.start_at]
    while waiting:
        name = waiting.pop()
        state = scope.states.get(name)
        if state is None or name in found:
            continue
        found.add(name)
        yield state.pointer
        if state.type in _HAND_ON and not state.fields.keys() & _CHANGE:
            waiting += [arrow.target for arrow in state.transitions()]


def keys_of_path(text: str, state: State, subject: Subject) -> Keys:
    """The keys of the execution's input that a path goes through, which a state evaluates over its input;
    empty where it reads no part of it.
    """
    has_input = state.fields.get("InputPath", "$") == "$" and state.pointer in entered(subject)
    for one in used(text):
        if one.root == "$$" and one.keys[:2] == ("Execution", "Input"):
            return one.keys[2:]
        if one.root == "$" and has_input:
            return one.keys
    return ()


def keys_of_expression(node: Node, place: Place, subject: Subject) -> Keys:
    """The same of a part of an expression, where it is a path."""
    names = steps(node)
    if names[:4] == _OF_CONTEXT:
        return names[4:]
    return names[2:] if names[:2] == _OF_STATE and place.state.pointer in entered(subject) else ()


@remembered
def asked_for(subject: Subject) -> Iterator[Keys]:
    """The keys of which some state asks whether they are there: ``IsPresent``, ``$exists``, ``$type``."""
    for state in subject.states:
        for _, test in tests(state):
            if "IsPresent" in test:
                yield keys_of_path(str(test["Variable"]), state, subject)
    for place in evaluated(subject):
        node = tree(place.source) if is_expression(place.text) else None
        for part, _ in node.walk() if isinstance(node, Node) else ():
            if part.kind == "call" and part.value in ("exists", "type"):
                yield from (names[2:] for names in map(steps, part.parts) if names[:2] == _OF_STATE)
                yield from (names[4:] for names in map(steps, part.parts) if names[:4] == _OF_CONTEXT)


def is_asked_for(keys: Keys, subject: Subject) -> bool:
    """Whether the machine asks for the keys, or for the object that holds them."""
    return any(asked and keys[: len(asked)] == asked for asked in asked_for(subject))
