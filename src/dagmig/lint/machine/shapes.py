"""Where JSONPath states read what the state before them surely did not hand on.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html. Only a state whose
output is known by name is judged: a catcher's error, the list of a Parallel or Map, the answer of an API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.asl.fields import JSONPATH
from dagmig.asl.model import JSON, Scope, State
from dagmig.asl.paths import used
from dagmig.diagnostics import Fix
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.machine.places import INPUT, Place, paths, templates
from dagmig.lint.source import Subject, remembered

CATCH, LIST, ANSWER = "catch", "list", "answer"
_READ = frozenset(
    {
        *("Parameters", "ItemSelector", "InputPath", "ItemsPath", "Variable"),
        *("SecondsPath", "TimestampPath", "ErrorPath", "CausePath"),
    }
)
_METADATA = frozenset(
    {"sdkhttpmetadata", "sdkresponsemetadata"}
)  # beside the answer of optimized integrations
_TEMPLATES = frozenset({"Parameters", "ItemSelector"})
_QUIET = frozenset({"InputPath", "OutputPath", "Parameters", "Result", "ResultPath", "ResultSelector"})


@dataclass(frozen=True, slots=True)
class Lost:
    """A place that reads ``key``, which ``before`` does not hand on to ``target``; ``kind`` as above.

    ``handed`` are the keys that it does hand on, in lower case.
    """

    kind: str
    before: State
    key: str
    place: Place
    position: int
    target: str
    handed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Output:
    kind: str
    keys: frozenset[str]  # in lower case; none of a list


@remembered
def lost(subject: Subject) -> Iterator[Lost]:
    """Every read of something that is surely not there, each once."""
    reads: dict[str, list[tuple[str, Place, int]]] = {}
    for place in (*paths(subject), *templates(subject)):
        if place.stage == INPUT and place.field in _READ and not _asks_first(place.state):
            is_path = place.is_template or place.field not in _TEMPLATES
            for one in used(place.text) if is_path else ():
                if one.root == "$" and one.keys and _is_of_input(place):
                    reads.setdefault(place.state.pointer, []).append((one.keys[0], place, one.position))
    called = {call.state.pointer: call for call in calls(subject)}
    seen: set[str] = set()
    for scope in subject.scopes if reads else ():
        for state in scope.states.values():
            for target, output in _outputs(state, called.get(state.pointer)):
                for name in _readers(target, scope):
                    for key, place, position in reads.get(scope.states[name].pointer, ()):
                        if key.lower() not in output.keys and place.pointer not in seen:
                            seen.add(place.pointer)
                            yield Lost(output.kind, state, key, place, position, target, output.keys)


def kept(one: Lost, subject: Subject, pointer: str, path: str | None) -> Fix | None:
    """A ``ResultPath`` for the state or catcher at ``pointer``, so that the input goes on.

    None where something in the machine reads what was handed on instead.
    """
    read = {name.lower() for name in re.findall(r"\$\.(\w+)", json.dumps(subject.machine.document))}
    if read & one.handed:
        return None
    at = f"{pointer}/ResultPath"
    replaced = subject.members.replaced(at, path)
    return replaced or subject.members.added(pointer, "ResultPath", path, after=("ErrorEquals", "Resource"))


def _is_of_input(place: Place) -> bool:
    """Whether a path of a state reads the state's whole input: an ``InputPath`` stands before all others."""
    given = place.state.fields.get("InputPath", "$")
    return place.field == "InputPath" or given == "$"


def _asks_first(state: State) -> bool:
    return state.type == "Choice" and "IsPresent" in str(state.fields.get("Choices"))


def _readers(target: str, scope: Scope) -> list[str]:
    """The states that get what is handed to ``target``: itself, and those behind it that change nothing."""
    found: dict[str, None] = {}
    waiting = [target]
    while waiting:
        name = waiting.pop()
        if name not in scope.states or name in found:
            continue
        found[name] = None
        state = scope.states[name]
        if state.type in ("Wait", "Pass") and not state.fields.keys() & _QUIET:
            waiting += [arrow.target for arrow in state.transitions()]
    return list(found)


def _outputs(state: State, call: Call | None) -> Iterator[tuple[str, _Output]]:
    if state.query_language != JSONPATH:
        return
    for catcher in _objects(state.fields.get("Catch")):
        if isinstance(target := catcher.get("Next"), str) and catcher.get("ResultPath", "$") == "$":
            yield target, _Output(CATCH, frozenset({"error", "cause"}))
    following = state.fields.get("Next")
    replaces = all(state.fields.get(key, "$") == "$" for key in ("ResultPath", "OutputPath"))
    if isinstance(following, str) and replaces and (output := _own(state, call)) is not None:
        yield following, output


def _own(state: State, call: Call | None) -> _Output | None:
    if "ResultSelector" in state.fields:
        return None
    if state.type in ("Parallel", "Map"):
        return _Output(LIST, frozenset()) if "ResultWriter" not in state.fields else None
    if call is None or call.action is None or call.resource.pattern or call.resource.is_lambda:
        return None
    if not call.action.results:
        return None
    return _Output(ANSWER, frozenset(name.lower() for name in call.action.results) | _METADATA)


def _objects(value: JSON) -> list[Mapping[str, JSON]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
