"""A state machine as it stands in its file, and names for walking it.

The document stays plain JSON, so that nothing is lost and broken machines can be looked at; ``State``
and ``Scope`` are views of it. Pointers are JSON pointers (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.diagnostics import Span

JSON = Any
TERMINAL_TYPES = frozenset({"Succeed", "Fail"})


def escape(key: str) -> str:
    """One token of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True, slots=True)
class Transition:
    """An arrow out of a state; ``kind`` is Next, Default, Choices or Catch; ``pointer`` the name's place."""

    target: str
    kind: str
    pointer: str


@dataclass(frozen=True, slots=True)
class State:
    """``query_language`` is its own, else the machine's, which is that of the states inside as well."""

    name: str
    fields: Mapping[str, JSON]
    pointer: str
    query_language: str
    machine_language: str = "JSONPath"

    @property
    def type(self) -> str:
        """The state's type, empty where it is missing or not a string."""
        found = self.fields.get("Type")
        return found if isinstance(found, str) else ""

    @property
    def is_terminal(self) -> bool:
        return self.type in TERMINAL_TYPES or self.fields.get("End") is True

    def transitions(self) -> Iterator[Transition]:
        """Every arrow out of this state that is written as a string."""
        for kind in ("Next", "Default"):
            if isinstance(target := self.fields.get(kind), str):
                yield Transition(target, kind, f"{self.pointer}/{kind}")
        for kind in ("Choices", "Catch"):
            for index, rule in enumerate(_list(self.fields.get(kind))):
                if isinstance(rule, dict) and isinstance(target := rule.get("Next"), str):
                    yield Transition(target, kind, f"{self.pointer}/{kind}/{index}/Next")

    def scopes(self) -> Iterator[Scope]:
        """The machines inside this one: a Parallel's branches, a Map's item processor."""
        for index, branch in enumerate(_list(self.fields.get("Branches"))):
            yield from _scope(branch, f"{self.pointer}/Branches/{index}", self.machine_language)
        for key in ("ItemProcessor", "Iterator"):
            if key in self.fields:
                yield from _scope(self.fields[key], f"{self.pointer}/{key}", self.machine_language)


@dataclass(frozen=True, slots=True)
class Scope:
    """One level of a machine: the states a token can move among. Only states that are objects are in it."""

    start_at: str
    states: Mapping[str, State]
    pointer: str

    def walk(self) -> Iterator[Scope]:
        """This scope and every scope below it, outermost first."""
        yield self
        for state in self.states.values():
            for inner in state.scopes():
                yield from inner.walk()

    def all_states(self) -> Iterator[State]:
        for scope in self.walk():
            yield from scope.states.values()


@dataclass(frozen=True, slots=True)
class Machine:
    """A whole definition. ``locate(pointer)`` gives the span of the value at a pointer;
    ``locate(pointer, True)`` the span of its key; an unknown pointer gives its nearest known parent.
    """

    document: Mapping[str, JSON]
    file: str
    locate: Callable[..., Span] = field(compare=False, repr=False)
    duplicate_keys: tuple[str, ...] = ()  # pointers of keys that were written twice in one object

    @property
    def root(self) -> Scope:
        return next(_scope(self.document, "", _language(self.document, "JSONPath")))


def _scope(document: JSON, pointer: str, language: str) -> Iterator[Scope]:
    if not isinstance(document, dict):
        return
    start, found = document.get("StartAt"), document.get("States")
    states = {
        name: State(name, fields, f"{pointer}/States/{escape(name)}", _language(fields, language), language)
        for name, fields in (found if isinstance(found, dict) else {}).items()
        if isinstance(fields, dict)
    }
    yield Scope(start if isinstance(start, str) else "", states, pointer)


def _language(fields: Mapping[str, JSON], inherited: str) -> str:
    found = fields.get("QueryLanguage")
    return found if isinstance(found, str) else inherited


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def written_states(scope: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state of a machine that is JSON, with its name, at any depth."""
    for name, state in scope.get("States", {}).items():
        yield name, state
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor", {}), state.get("Iterator", {})):
            yield from written_states(inner)
