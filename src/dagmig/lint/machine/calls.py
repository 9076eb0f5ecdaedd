"""What tasks call: the service's action, and the parameters they give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.asl.fields import JSONATA
from dagmig.asl.model import JSON, State
from dagmig.asl.resource import Resource, parse
from dagmig.asl.services import Action, service
from dagmig.asl.services.optimized import api_action
from dagmig.lint.machine.values import is_open
from dagmig.lint.source import Subject, remembered


@dataclass(frozen=True, slots=True)
class Call:
    """A task with its ``Resource``; ``action`` is the API's, None where it is not known.

    ``given`` are its parameters by name, without ``.$``, each with its key as written; None where they are
    not written out: an expression gives them, the whole input is them, or a template fills keys in.
    """

    state: State
    resource: Resource
    action: Action | None
    field: str
    given: Mapping[str, str] | None

    @property
    def pointer(self) -> str:
        return f"{self.state.pointer}/Resource"

    def value(self, name: str) -> JSON:
        """The value given for a parameter, None where there is none."""
        if self.given is None or name not in self.given:
            return None
        return self.state.fields[self.field][self.given[name]]


@remembered
def calls(subject: Subject) -> Iterator[Call]:
    """Every task that says what it calls."""
    for state in subject.states:
        text = state.fields.get("Resource")
        if state.type == "Task" and isinstance(text, str) and not is_open(text.replace("${AWS::", "")):
            yield _call(state, parse(text))


def _call(state: State, resource: Resource) -> Call:
    field = "Arguments" if state.query_language == JSONATA else "Parameters"
    inputs = state.fields.get(field)
    given = None
    if isinstance(inputs, dict) and not is_open(inputs) and not any(map(is_open, inputs)):
        given = {key.removesuffix(".$"): key for key in inputs}
    return Call(state, resource, _action(resource), field, given)


def _action(resource: Resource) -> Action | None:
    if resource.kind == "optimized":
        return api_action(resource.service, resource.action)
    found = service(resource.service) if resource.kind == "sdk" else None
    return found.actions.get(resource.action) if found else None


@remembered
def callers(subject: Subject) -> Iterator[Call]:
    """The tasks whose action and parameters are both known."""
    yield from (call for call in calls(subject) if call.action is not None and call.given is not None)
