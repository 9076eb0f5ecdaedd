"""A machine run in our interpreter and in LocalStack's, and where they part.

``Outcome``: ``status``, ``error``, ``output``, and ``steps`` by (scope, Map indexes): the names of the states
entered, and of each attempt its outcome and its arguments. Our tasks take no time, so that the order among
concurrent branches is not compared; neither is what a failing sibling cut short. Which of two failing
siblings is the first is a race on AWS as well: there ours are run one after the other, as LocalStack's are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.oracles.line_worker import LineWorker
from tests.oracles.scripts import Script, caller

from dagmig.asl.model import written_states
from dagmig.verify.engine import Trace, compile_machine, run

Machine = Mapping[str, Any]
Where = tuple[tuple[str, ...], tuple[int, ...]]
PATIENCE = 60  # seconds
DELAY = "delay "
NO_TIMESTAMP = "is not a valid RFC 3339 timestamp"
TOO_LONG = "TOO_LONG"  # the worker's word
# on AWS an object may be mapped over as well; LocalStack refuses it
# (https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html)
OBJECT_AS_ITEMS = re.compile(
    "field 'Items' returned an unexpected result type.*was 'object'"
    "|Map state input must be an array but was: <class 'dict'>"
)
WORKER = Path(__file__).with_name("localstack_worker.py")
_VOLATILE = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|token-\d+"), "TOKEN"),
    (re.compile(r"20\d\d-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)"), "MOMENT"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),  # of a moment
    # what went wrong in an evaluation: each says it in its own words
    (re.compile(r'"Cause": "(?:[^"\\]|\\.)*", ("Error": "States\.(?:QueryEvaluationError|Runtime)")'), r"\1"),
    (re.compile(r"\b1[78]\d{11}\b"), "MILLIS"),
)


@dataclass(frozen=True)
class Outcome:
    status: str
    error: str | None
    output: Any
    steps: Mapping[Where, list[Any]]
    cause: str | None = None
    order: Sequence[Any] = ()  # of LocalStack's: all steps as they came, ``[state, items, attempt]``


class LocalStack(LineWorker):
    """The worker's process; one at a time answers."""

    def __init__(self, python: Path) -> None:
        super().__init__(python, WORKER, patience=PATIENCE)

    def run(self, definition: Machine, script: Script, given: Any) -> Outcome:
        """Raises ``TimeoutError`` where there is no answer."""
        job = {"definition": _with_services(definition), "script": script, "input": given}
        answer = self.ask(job)
        scopes = dict(_scopes(definition))
        steps: dict[Where, list[Any]] = {}
        for state, items, attempt in answer["steps"]:
            steps.setdefault((scopes[state], tuple(items)), []).append([state, attempt])
        ended = (answer["status"], answer["error"], answer["output"])
        return Outcome(*ended, steps, answer["cause"], answer["steps"])


def ours(definition: Machine, script: Script, given: Any) -> tuple[Outcome, Trace]:
    trace = run(compile_machine(definition), given, caller(script))
    events: list[tuple[int, Any, Any]] = [(visit.order, visit, None) for visit in trace.visits]
    for attempt in trace.attempts:
        if attempt.ended_order is not None:
            outcome = f"throw:{attempt.error}" if attempt.has_failed else "return"
            events.append((attempt.ended_order, attempt, [outcome, attempt.arguments]))
    steps: dict[Where, list[Any]] = {}
    for _, event, made in sorted(events, key=lambda event: event[0]):
        if event.state.startswith(DELAY):
            continue
        steps.setdefault(where(event.place), []).append([event.state, made])
    output = trace.output if trace.status == "SUCCEEDED" else None
    return Outcome(trace.status, trace.error, output, steps, trace.cause), trace


def is_known_difference(trace: Trace) -> bool:
    """LocalStack has no ``States.ResultPathMatchFailure``: what it does instead depends on its library.

    Which error a Timestamp that an expression makes wrongly is, nobody has recorded on AWS.
    """
    return any(
        raised.error == "States.ResultPathMatchFailure" or NO_TIMESTAMP in (raised.cause or "")
        for raised in trace.errors
    )


def is_beyond_localstack(definition: Machine) -> bool:
    """Whether a Map reads or writes S3, which is not there, or batches its items, which LocalStack cannot."""
    own = ("ItemReader", "ItemBatcher", "ResultWriter")
    return any(name in state for _, state in written_states(definition) for name in own)


def where(place: Any) -> Where:
    scope = tuple(f"{step.state}[]" if step.is_item else f"{step.state}[{step.number}]" for step in place)
    return scope, tuple(step.number for step in place if step.is_item)


def differences(definition: Machine, script: Script, given: Any, other: LocalStack) -> list[str]:
    """Where the two part; nothing where they agree."""
    theirs = other.run(definition, script, given)
    if OBJECT_AS_ITEMS.search(theirs.cause or ""):
        return []
    mine, trace = ours(definition, script, given)
    found = _parting(mine, trace, theirs)
    if found and any(visit.left is None and visit.place for visit in trace.visits):
        if theirs.status == TOO_LONG and mine.status == "FAILED":
            return []  # it runs all branches to their end, and what a failing sibling cut short has none
        return _parting(*ours(one_by_one(definition), script, given), theirs)
    return found


def one_by_one(scope: Machine, delay: int = 10**9) -> dict[str, Any]:
    """The scope with branches that begin when the one before has long ended, and items one at a time.

    That is LocalStack's order here, one of those that AWS may take.
    """
    states = {name: state_one_by_one(state, delay) for name, state in scope["States"].items()}
    return {**scope, "States": states}


def state_one_by_one(state: Mapping[str, Any], delay: int = 10**9) -> dict[str, Any]:
    """As ``one_by_one``, of one state."""
    found = dict(state)
    if "Branches" in state:
        found["Branches"] = [
            _delayed(one_by_one(branch, delay // 1000), number * delay)
            for number, branch in enumerate(state["Branches"])
        ]
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            found |= {key: one_by_one(state[key], delay // 1000), "MaxConcurrency": 1}
    return found


def _delayed(branch: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    name = f"{DELAY}{branch['StartAt']}"
    wait = {"Type": "Wait", "Seconds": seconds, "Next": branch["StartAt"]}
    return {**branch, "StartAt": name, "States": {name: wait, **branch["States"]}}


def _parting(mine: Outcome, trace: Trace, theirs: Outcome) -> list[str]:
    ends = [(one.status, one.error, _scrubbed(one.output)) for one in (mine, theirs)]
    if ends[0] != ends[1]:
        return [f"ours {ends[0]} ({mine.cause}), LocalStack's {ends[1]} ({theirs.cause})"]
    cut_short = {step.state for visit in trace.visits if visit.left is None for step in visit.place}
    found = []
    for scope, items in sorted({*mine.steps, *theirs.steps}):
        if any(part.partition("[")[0] in cut_short for part in scope):
            continue
        mine_there, theirs_there = (_scrubbed(one.steps.get((scope, items), [])) for one in (mine, theirs))
        if mine_there != theirs_there:
            found.append(f"in {scope}{items}: ours {mine_there}, LocalStack's {theirs_there}")
    return found


def _with_services(value: Any) -> Any:
    """A definition whose Tasks all call services: they are not called, and LocalStack has one way then."""
    match value:
        case {"Type": "Task", "Resource": str(resource)} if ":states:::" not in resource:
            return {**value, "Resource": "arn:aws:states:::lambda:invoke"}
        case dict():
            return {key: _with_services(item) for key, item in value.items()}
        case list():
            return [_with_services(item) for item in value]
    return value


def _scopes(machine: Machine, scope: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every state's name, and the branches and items it is in."""
    for name, state in machine["States"].items():
        yield name, scope
        for number, branch in enumerate(state.get("Branches", ())):
            yield from _scopes(branch, (*scope, f"{name}[{number}]"))
        for key in ("ItemProcessor", "Iterator"):
            if key in state:
                yield from _scopes(state[key], (*scope, f"{name}[]"))


def _scrubbed(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    return text
