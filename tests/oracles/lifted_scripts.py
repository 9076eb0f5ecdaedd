"""Inputs and scripts under which a machine shows what it can do: all succeed, each Choice goes each way, each
Task fails.

Data are made up (``lifted_data``). Which values a Choice has to see is tried out in ``verify/engine``: those
are kept that make it go where it has not been. The same machine always gets the same runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from random import Random
from typing import Any

from tests.oracles.lifted_data import candidates, data, items_path, of_type
from tests.oracles.scripts import Script, caller

from dagmig.asl.model import written_states
from dagmig.verify.engine import Attempt, Machine, Outcome, Trace, compile_machine, run

Document = Mapping[str, Any]
MOST_ATTEMPTS = 60
MOST_TRIALS = 400
UNFORESEEN = "Unforeseen"
WILD = {"States.ALL", "States.TaskFailed"}
NOT_A_RESULT = {
    "States.HeartbeatTimeout": "a task of Airflow has no heartbeat",
    "States.Runtime": "is of the machine, not of what it calls",
    "States.DataLimitExceeded": "is of the machine, not of what it calls",
    "States.ExceedToleratedFailureThreshold": "is of a Map",
    "States.ItemReaderFailed": "is of a Map",
}
"""Errors that no Task's outcome is scripted with, and why."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a machine; ``name`` says what is tried. ``store`` is what is in S3: the ``object`` that any
    key has, or the objects ``listed``; and ``items``, by Map what its ItemReader makes of them.
    """

    name: str
    input: Any
    script: Script
    store: Mapping[str, Any] = field(default_factory=dict)


class TooLong(Exception):
    """The machine goes round and round."""


def executed(compiled: Machine, one: Run) -> Trace:
    """What the machine does. Raises ``TooLong``."""
    call, count = caller(one.script), 0

    def counted(attempt: Attempt) -> Outcome:
        nonlocal count
        count += 1
        if count > MOST_ATTEMPTS:
            raise TooLong
        return call(attempt)

    return run(
        compiled, one.input, counted, lambda reading: one.store.get("items", {}).get(reading.state, [])
    )


def runs(document: Document, seed: Mapping[str, Any]) -> list[Run]:
    """``seed`` are an ``input`` and ``results`` by state which take the place of those made up."""
    compiled = compile_machine(document)
    ways = list(_ways(document, seed))
    return [*ways, *(one for one in _failures(document, ways) if _ends(compiled, one))]


def _fits(compiled: Machine, one: Run) -> bool:
    """Whether the machine can do something with the data."""
    try:
        error = executed(compiled, one).error or ""
    except TooLong:
        return False
    return not error.startswith("States.")


def _ends(compiled: Machine, one: Run) -> bool:
    try:
        executed(compiled, one)
    except TooLong:
        return False
    return True


# the ways through the machine


def _ways(document: Document, seed: Mapping[str, Any]) -> Iterator[Run]:
    """Those that succeed in all they call: the first is the plain one, each other goes where none has."""
    compiled = compile_machine(_told_apart(document))
    seen: set[str] = set()
    for number, values in enumerate(_trials(document, seed)):
        one = Run(_said(values), *data(document, seed, values), seed.get("store", {}))
        if not _fits(compiled, one):
            continue
        new = {name for name in executed(compiled, one).entered if name.startswith(WAY)} - seen
        if new or not number:
            seen |= new
            yield one if number else replace(one, name="all succeed")
    for state in of_type(document, "Map"):
        yield from (one for one in _other_items(document, seed, state) if _fits(compiled, one))


def _other_items(document: Document, seed: Mapping[str, Any], state: Document) -> Iterator[Run]:
    """A Map over nothing, and over one item."""
    path = items_path(state)
    if path is None:
        return
    for number in (0, 1):
        values = [{("items", path): number}]
        given = data(document, seed, values)
        yield Run(f"{path} has {number} items", *given, seed.get("store", {}))


WAY = "by rule "


def _told_apart(scope: Any) -> Any:
    """The machine with a state of its own behind each rule of each Choice."""
    if isinstance(scope, list):
        return [_told_apart(one) for one in scope]
    if not isinstance(scope, dict):
        return scope
    if not isinstance(scope.get("States"), dict):
        return {key: _told_apart(one) for key, one in scope.items()}
    states: dict[str, Any] = {}
    for name, state in scope["States"].items():
        made = _told_apart(state)
        if state.get("Type") == "Choice":
            for number, rule in enumerate(made.get("Choices", [])):
                way = f"{WAY}{number} of {name}"
                states[way] = {"Type": "Pass", "Next": rule["Next"]}
                rule["Next"] = way
            if "Default" in made:
                way = f"{WAY}none of {name}"
                states[way] = {"Type": "Pass", "Next": made["Default"]}
                made["Default"] = way
        states[name] = made
    return {**scope, "States": states}


def _said(values: list[dict[Any, Any]]) -> str:
    return ", then ".join(
        " and ".join(f"{key} = {json.dumps(value)}" for key, value in one.items()) or "as is"
        for one in values
    )


def _trials(document: Document, seed: Mapping[str, Any]) -> Iterator[list[dict[Any, Any]]]:
    """Values by the name of what is compared, for the first call of each state, its second and so on."""
    known = [(name, value) for name, values in candidates(document).items() for value in values]
    yield [{}]
    yield from (way if isinstance(way, list) else [way] for way in seed.get("ways", []))
    for name, value in known:
        yield [{name: value}]
    random = Random(0)
    pairs = [(one, other) for one, other in product(known, known) if one[0] != other[0]]
    for one, other in random.sample(pairs, min(len(pairs), MOST_TRIALS // 2)):
        yield [dict([one, other])]
    rounds = [(one, other) for one, other in product(known, known) if one != other]
    for one, other in random.sample(rounds, min(len(rounds), MOST_TRIALS // 2)):
        yield [dict([one]), dict([other])]
        yield [dict([one]), dict([one]), dict([other])]


# what can go wrong


def _failures(document: Document, ways: list[Run]) -> Iterator[Run]:
    """Each Task fails, on the first way that leads to it; then those that only an error leads to."""
    compiled = compile_machine(document)
    around = dict(_around(document))
    tasks = {name: state for name, state in written_states(document) if state["Type"] == "Task"}
    tried: set[str] = set()
    known = [*ways]
    for way in known:  # it grows
        attempts = _attempts(compiled, way)
        for name in tasks:
            found = next((one for one in attempts if one.state == name), None)
            if found is None or name in tried:
                continue
            tried.add(name)
            for one in _failing(name, tasks[name], around[name], way, bool(found.items)):
                yield one
                known.append(one)
    yield from _elsewhere(compiled, tasks, ways)


def _elsewhere(compiled: Machine, tasks: Mapping[str, Document], ways: list[Run]) -> Iterator[Run]:
    """Each Task fails on every other way that leads to it."""
    seen: set[str] = set()
    for way in ways:
        for name in dict.fromkeys(one.state for one in _attempts(compiled, way)):
            if name in seen:
                thrown = _thrown(tasks[name], unforeseen(tasks[name]))
                failing = {**way.script, name: [thrown]}
                yield replace(way, name=f"{way.name}, and {name} fails", script=failing)
            seen.add(name)


def _attempts(compiled: Machine, way: Run) -> list[Attempt]:
    try:
        return executed(compiled, way).attempts
    except TooLong:
        return []


def _failing(name: str, state: Document, around: list[Document], way: Run, is_in_map: bool) -> Iterator[Run]:
    """Once, and for ever: in a Map for one item; as often as it is retried, and once more."""
    entries = way.script[name]
    said = "" if way.name == "all succeed" else f"{way.name}, then "
    for error in errors_of(state, around):
        thrown = _thrown(state, error)
        counts = {one.get("MaxAttempts", 3) for one in state.get("Retry", [])} - {0}
        for count in sorted({1, *counts, *(number + 1 for number in counts)}):
            failing = {**way.script, name: [*[thrown] * count, *entries]}
            yield replace(way, name=f"{said}{name}: {error} {count} times", script=failing)
        if is_in_map:
            failing = {**way.script, f"{name}@1": [thrown]}
            yield replace(way, name=f"{said}{name}: {error} in item 1", script=failing)
        yield replace(way, name=f"{said}{name}: {error}", script={**way.script, name: [thrown]})


def _thrown(state: Document, error: str) -> dict[str, str]:
    return {"throw": error, "cause": cause(state, error)}


def cause(state: Document, error: str) -> str:
    """The cause: what Lambda says of an exception of the function."""
    if ":lambda:" in state["Resource"] and not error.startswith(("States.", "Lambda.")):
        return json.dumps({"errorType": error, "errorMessage": "said"})
    return "said"


def errors_of(state: Document, around: list[Document]) -> list[str]:
    """The names that the state, or one around it, tells apart, and one that nobody names."""
    named = [
        name
        for one in (state, *around)
        for key in ("Retry", "Catch")
        for entry in one.get(key, [])
        for name in entry["ErrorEquals"]
    ]
    found = dict.fromkeys(name for name in named if name not in WILD and name not in NOT_A_RESULT)
    return [*found, unforeseen(state)]


def unforeseen(state: Document) -> str:
    """An error that nobody names."""
    return "States.TaskFailed" if state["Resource"].endswith((".sync", ".sync:2")) else UNFORESEEN


def _around(scope: Document, outer: list[Document] | None = None) -> Iterator[tuple[str, list[Document]]]:
    for name, state in scope["States"].items():
        yield name, outer or []
        inner = [*state.get("Branches", []), *(state[k] for k in ("ItemProcessor", "Iterator") if k in state)]
        for one in inner:
            yield from _around(one, [*(outer or []), state])
