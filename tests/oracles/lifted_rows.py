"""What a row of the ledger says is different, as a change of the machine or of what is compared.

A change is about one state, and about nothing but what its row names: a run that is equal only with changes
is equal by their rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracles import asl_engines
from tests.oracles.lifted_machines import Lifted
from tests.oracles.lifted_scripts import Run, executed

from dagmig.diagnostics import Row
from dagmig.verify.engine import Trace, compile_machine

Document = Mapping[str, Any]
Calls = list[Any]
CLIENT_TRIES = 5
ANY = "(any)"
RETRIED = ("retry-several", "retry-error-names")


def _same_machine(document: Document) -> Document:
    return document


def _same_calls(trace: Trace, ours: Calls, theirs: Calls) -> tuple[Calls, Calls]:
    return ours, theirs


@dataclass(frozen=True)
class Change:
    """``row`` is about ``state``; ``machine`` changes the definition, ``calls`` what is compared;
    ``is_in_turn``: its branches or items are one after another.
    """

    row: Row
    state: str
    machine: Callable[[Document], Document] = _same_machine
    calls: Callable[[Trace, Calls, Calls], tuple[Calls, Calls]] = _same_calls
    is_in_turn: bool = False

    @property
    def said(self) -> str:
        return f"{self.row.construct} of {self.state}: {self.row.difference}"

    def is_reached(self, lifted: Lifted, one: Run) -> bool:
        """Whether the run enters the state at all."""
        return self.state in executed(compile_machine(lifted.document), one).entered


def changes(lifted: Lifted) -> list[Change]:
    """What the rows of a ledger change."""
    return [change for row in lifted.rows for change in _changes(lifted, row)]


def _changes(lifted: Lifted, row: Row) -> Iterator[Change]:
    state = lifted.state_of(row)
    if not state:
        return
    if row.disposition.value in ("redesign", "impossible") and row.construct in ("Task", "Map"):
        yield Change(row, state, lambda document: replaced(document, state, _placeholder))
    if row.construct == "retry-transport" or (row.construct in RETRIED and row.disposition.is_open):
        retries = lifted.workflow.tasks[row.target.removeprefix("task:")].policy.retries

        def retried(fields: Document) -> Document:
            return {**fields, "Retry": _retriers(fields, retries)}

        yield Change(row, state, lambda document: replaced(document, state, retried))
    if row.construct == "Catch":
        is_group = "group of tasks" in row.difference
        yield Change(row, state, calls=lambda *given: _told(state, is_group, *given))
    if row.construct == "MaxConcurrency":
        yield Change(row, state, lambda document: replaced(document, state, _without("MaxConcurrency")))
    if row.construct == "Retry" and row.disposition.is_open:
        yield Change(row, state, lambda document: replaced(document, state, _without("Retry")))
    if "worked on one after another" in row.difference:

        def in_turn(fields: Document) -> Document:
            return asl_engines.state_one_by_one(fields)

        yield Change(row, state, lambda document: replaced(document, state, in_turn), is_in_turn=True)
    yield from _of_calls(row, state)


def _of_calls(row: Row, state: str) -> Iterator[Change]:
    """What the row changes of the calls that are compared."""
    if row.construct == "parameter-added":
        yield Change(row, state, calls=lambda trace, *given: _added(row.difference, state, *given))
    if row.difference.startswith("the operator asks:"):
        yield Change(row, state, calls=lambda trace, *given: _unasked(state, *given))
    if row.construct == "rendered-arguments":
        yield Change(row, state, calls=lambda trace, *given: _as_text(state, *given))


def replaced(scope: Any, name: str, change: Callable[[Document], Document]) -> Any:
    """The definition with one state changed."""
    if isinstance(scope, list):
        return [replaced(one, name, change) for one in scope]
    if not isinstance(scope, dict):
        return scope
    made = {key: replaced(one, name, change) for key, one in scope.items()}
    if isinstance(made.get("States"), dict) and name in made["States"]:
        made["States"] = {**made["States"], name: change(made["States"][name])}
    return made


def _placeholder(fields: Document) -> Document:
    """What stands for a state that is not converted: it fails."""
    return {"Type": "Fail", "Error": "NotConverted"}


def _without(name: str) -> Callable[[Document], Document]:
    return lambda fields: {key: one for key, one in fields.items() if key != name}


def _retriers(fields: Document, retries: int) -> list[Document]:
    """One number of retries, whatever the error; a client tries again by itself what is the service's own, as
    often in each attempt of the task.
    """
    transport = [
        name
        for one in fields["Retry"]
        for name in one["ErrorEquals"]
        if name.startswith("Lambda.") and name != "Lambda.Unknown"
    ]
    soon = {"IntervalSeconds": 1, "BackoffRate": 1}
    own = {"ErrorEquals": transport, "MaxAttempts": CLIENT_TRIES * (retries + 1) - 1, **soon}
    others = {"ErrorEquals": ["States.ALL"], "MaxAttempts": retries, **soon}
    return [*([own] if transport else []), *([others] if retries else [])]


def _told(state: str, is_group: bool, trace: Trace, ours: Calls, theirs: Calls) -> tuple[Calls, Calls]:
    """An error under the name that the DAG gives it, with any cause."""
    for raised in trace.errors:
        if raised.state != state or raised.handling != "catch":
            continue
        short = (raised.error or "").rpartition(".")[2]
        names = ["States.TaskFailed"] if is_group else [raised.error, short]
        told = {"Error": raised.error, "Cause": raised.cause}
        for call in ours:
            call.arguments = _exchanged(call.arguments, lambda one, told=told: one == told)
        for call in theirs:
            call.arguments = _exchanged(
                call.arguments,
                lambda one, names=names: one.keys() == {"Error", "Cause"} and one["Error"] in names,
            )
    return ours, theirs


def _exchanged(value: Any, is_one: Callable[[Any], bool]) -> Any:
    if isinstance(value, list):
        return [_exchanged(one, is_one) for one in value]
    if isinstance(value, dict):
        if is_one(value):
            return ANY
        return {key: _exchanged(one, is_one) for key, one in value.items()}
    return value


ADDED = {"a delay of 0 seconds": ("delayseconds", 0), "AwsDataCatalog": ("queryexecutioncontext", None)}
"""What an operator sends that the machine does not, by what the row says of it: None stands for any value."""


def _added(difference: str, state: str, ours: Calls, theirs: Calls) -> tuple[Calls, Calls]:
    """Without what the row says that the operator adds."""
    added = [one for said, one in ADDED.items() if said in difference]
    for call in theirs:
        if call.state == state:
            name, given = call.arguments
            kept = {k: one for k, one in given.items() if (k, one) not in added and (k, None) not in added}
            call.arguments = [name, kept]
    return ours, theirs


def _unasked(state: str, ours: Calls, theirs: Calls) -> tuple[Calls, Calls]:
    """Without the calls that ask how work stands: how many there are is a question of time."""
    kept = ([call for call in calls if call.state != state] for calls in (ours, theirs))
    return next(kept), next(kept)


def _as_text(state: str, ours: Calls, theirs: Calls) -> tuple[Calls, Calls]:
    """Values inside of arguments as text."""
    for call in (*ours, *theirs):
        if call.state == state:
            call.arguments = _text(call.arguments)
    return ours, theirs


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_text(one) for one in value]
    return value if isinstance(value, str) else json.dumps(value)
