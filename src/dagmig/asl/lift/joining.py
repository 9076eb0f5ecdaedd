"""A place that several paths lead to: the task that finds out which one was taken, and picks its data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagmig.asl.lift import code
from dagmig.asl.lift.document import OTHERS, UNSET, Doc, Lost, Obj, Ref, losses, members
from dagmig.asl.lift.expression import python, quote
from dagmig.asl.model import Scope, State
from dagmig.graph.values import Function

DOCUMENT = "input"  # the place of what a state is given; those of variables are ``$name``
Path = tuple[str, ...]
Place = tuple[Path, list[Doc]]  # where the paths differ, and what each has there


@dataclass(frozen=True, slots=True)
class Way:
    """The data of one path, and the task that succeeds when it is taken. A branch task that leads here
    itself succeeds in any case: ``is_chosen``. ``variables`` are those that anybody reads.
    """

    task: str
    document: Doc
    variables: Mapping[str, Doc]
    is_chosen: bool


def picked(ways: Sequence[Way]) -> list[Place]:
    """The places of the data where the paths differ and each has some, with what each path has there.

    Nothing where it cannot be told which path was taken.
    """
    by_branch = [(way.document, dict(way.variables)) for way in ways if way.is_chosen]
    if len({way.task for way in ways}) < len(ways) or any(one != by_branch[0] for one in by_branch):
        return []
    return [(path, docs) for path, docs in _places(ways) if not any(map(_is_spoilt, docs))]


def _is_spoilt(doc: Doc) -> bool:
    return doc is not UNSET and any(losses(doc))


def spoilt(ways: Sequence[Way]) -> Iterator[str]:
    """Why nothing can be picked in a place where each path has data, and only a part of one's is lost."""
    for _, docs in _places(ways):
        if not any(isinstance(doc, Lost) for doc in docs):
            yield from (reason for doc in docs for reason in losses(doc))


def _places(ways: Sequence[Way]) -> Iterator[Place]:
    """The places of the data where the paths differ; what a path has not set is ``UNSET``."""
    yield from _differences([way.document for way in ways], (DOCUMENT,))
    for name in dict.fromkeys(name for way in ways for name in way.variables):
        yield from _differences([way.variables.get(name, UNSET) for way in ways], (f"${name}",))


def _differences(docs: list[Doc], path: Path) -> Iterator[tuple[Path, list[Doc]]]:
    if all(doc == docs[0] for doc in docs):
        return
    objects = [doc for doc in docs if isinstance(doc, Obj)]
    if len(objects) == len(docs) and all(one.fields.keys() == objects[0].fields.keys() for one in objects):
        for key in objects[0].fields:
            yield from _differences([one.fields[key] for one in objects], (*path, key))
    else:
        yield path, docs


def function(state: State, task_id: str, ways: Sequence[Way], places: list[Place]) -> Function:
    """The body of the task that picks: what the path that was taken has in those places."""
    order = sorted(range(len(ways)), key=lambda number: ways[number].is_chosen)
    lines: list[str] = []
    for number in order:
        returned = f"return {python(_value(places, number))}"
        is_last = number == order[-1]
        test = f'if state_of(ti, {quote(ways[number].task)}) == "success":'
        lines += [returned] if is_last else [test, f"    {returned}"]
    doc = f"The data of the path that was taken to {state.name}."
    return code.function(code.identifier("pick", task_id), doc, lines)


def _value(places: list[Place], number: int) -> Doc:
    if [path for path, _ in places] == [(DOCUMENT,)]:
        return places[0][1][number]
    return members({_key(path): docs[number] for path, docs in places})


def _key(path: Path) -> str:
    """The key of a place in what the task returns: a variable's is its name."""
    first = path[0] if path[0] == f"${DOCUMENT}" else path[0].removeprefix("$")
    return ".".join([first, *("*" if key == OTHERS else key for key in path[1:])])


@dataclass(frozen=True, slots=True)
class Taken:
    """What the task that picks returned; ``index`` chooses its instance in a mapped group."""

    task: str
    places: list[Place]
    index: str

    def put(self, doc: Doc, here: Path) -> Doc:
        """The merged ``doc`` that is at ``here``, with references to the task in the places that it picks."""
        paths = [place for place, _ in self.places]
        if here in paths:
            path = () if paths == [(DOCUMENT,)] else (_key(here),)
            may_lack = any(one is UNSET or _may_lack(one) for one in dict(self.places)[here])
            return Ref(self.task, path, index=self.index, may_lack=may_lack)
        if isinstance(doc, Obj) and any(place[: len(here)] == here for place in paths):
            return Obj({key: self.put(child, (*here, key)) for key, child in doc.fields.items()})
        return doc


def _may_lack(doc: Doc) -> bool:
    return isinstance(doc, Ref) and doc.may_lack


def variables_read(state: State, scope: Scope, names: Iterable[str]) -> set[str]:
    """Those of the variables that a state, or one after it, may look at."""
    unread, found = set(names), set[str]()
    waiting, seen = [state], {state.name}
    while waiting and unread:
        one = waiting.pop()
        text = json.dumps(one.fields)
        found |= {name for name in unread if is_read(name, text)}
        unread -= found
        after = {arrow.target for arrow in one.transitions()} & scope.states.keys() - seen
        seen |= after
        waiting += [scope.states[name] for name in after]
    return found


def is_read(name: str, text: str) -> bool:
    """Whether a variable is used in the text of states."""
    return re.search(rf"\${re.escape(name)}(?!\w)", text) is not None


def reads_input(state: State, scope: Scope) -> bool:
    """Whether a state, or one after it, may look at what the state is given, or a scope ends with it."""
    waiting, seen = [state], {state.name}
    while waiting:
        one = waiting.pop()
        if _reads(one):
            return True
        if not _passes_on(one):
            continue
        if one.is_terminal and scope.pointer:
            return True
        names = {arrow.target for arrow in one.transitions()} & scope.states.keys() - seen
        seen |= names
        waiting += [scope.states[name] for name in names]
    return False


def _reads(state: State) -> bool:
    if state.type in ("Succeed", "Fail", "Wait"):
        return _looks(state.fields)
    if state.type != "Task":
        return True
    given = state.fields.get("Arguments" if state.query_language == "JSONata" else "Parameters")
    rest = {key: value for key, value in state.fields.items() if key not in _PLACES}
    return given is None or _looks(rest)


_PLACES = ("Resource", "ResultPath", "ResultSelector", "Retry", "Catch", "Comment", "Next", "End")


def _looks(value: Any) -> bool:
    text = json.dumps(value)
    return '"$' in text or "{%" in text or "States." in text


def _passes_on(state: State) -> bool:
    if state.type == "Fail":
        return False
    is_task = state.type == "Task" and state.query_language != "JSONata" and "Catch" not in state.fields
    return not is_task or state.fields.get("ResultPath", "$") != "$"
