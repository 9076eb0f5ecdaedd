"""A run of a machine beside the same run of its DAG: the same calls, in an order that is kept, the same end.

``verdict`` says ``EQUAL``; or by which rows of the ledger the two are equal, that is, when the machine is
changed as the row says (``lifted_rows``); or what is different.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracles.compare_calls import EXCUSED, same
from tests.oracles.lifted_machines import Lifted
from tests.oracles.lifted_rows import Change, changes
from tests.oracles.lifted_scripts import Run, executed

from dagmig.asl import resource as resources
from dagmig.asl.model import written_states
from dagmig.verify.engine import Attempt, Trace, compile_machine
from dagmig.verify.engine.trace import Place

STATES = {"SUCCEEDED": "success", "FAILED": "failed", "TIMED_OUT": "failed"}
LATE = 50  # seconds: all else has ended by then, and no time is up
TOKEN = re.compile(r"token-\d+")


@dataclass(slots=True)
class Call:
    """One call of either side; ``at`` is what tells its order."""

    state: str
    item: int
    arguments: Any
    at: Any

    def text(self) -> str:
        return json.dumps([self.state, self.item, self.arguments], sort_keys=True)


@dataclass(slots=True)
class Verdict:
    """``rows``: the constructs of the rows that explain it; ``difference``: what nothing explains."""

    rows: list[str] = field(default_factory=list)
    difference: str = ""

    @property
    def kind(self) -> str:
        return "different" if self.difference else "by a row" if self.rows else "equal"


def verdict(lifted: Lifted, one: Run, airflow: Mapping[str, Any]) -> Verdict:
    """Compare what Airflow did (of ``lifted_worker``) with what the machine does."""
    if "error" in airflow:
        return Verdict(difference=airflow["error"].strip().splitlines()[-1])
    plain = _difference(lifted, one, airflow, [])
    if not plain:
        return Verdict()
    tried = [change for change in changes(lifted) if change.is_reached(lifted, one)]
    for chosen in (*([one] for one in tried), tried):
        if chosen and not _difference(lifted, one, airflow, chosen):
            return Verdict([change.said for change in chosen])
    return Verdict(difference=f"{plain}; in Airflow failed: {airflow['failures'] or 'nothing'}")


def _difference(
    lifted: Lifted,
    one: Run,
    airflow: Mapping[str, Any],
    changed: list[Change],
) -> str:
    """The first difference; empty where there is none."""
    document = lifted.document
    for change in changed:
        document = change.machine(document)
    in_turn = {name for name, state in written_states(document) if state.get("MaxConcurrency") == 1}
    in_turn |= {change.state for change in changed if change.is_in_turn}
    compiled = compile_machine(document)
    trace = executed(compiled, one)
    if STATES[trace.status] != airflow["state"]:
        return f"the machine ends {trace.status} ({trace.error}), the DAG {airflow['state']}"
    theirs = [_of_dag(lifted, call, number) for number, call in enumerate(airflow["calls"])]
    ours = [_of_machine(lifted, attempt) for attempt in trace.attempts]
    racing = _racing(trace)
    for change in changed:
        ours, theirs = change.calls(trace, ours, theirs)
    whole = {call.state for call in theirs if call.item < 0}  # Maps that are done inside of one task
    for call in ours:
        call.item = -1 if call.state in whole else call.item
    certain = [call for call in ours if not _is_in(call.at.place, racing)]
    if found := _of_calls(certain, theirs, _possible(lifted, one, trace, racing, compiled, changed, whole)):
        return found
    in_order = _of_order(ours, theirs, _Order(airflow["upstream"], lifted.threaded, lifted.single), in_turn)
    return in_order or _of_output(lifted, trace, airflow["returned"])


SHAPING = {"Output", "OutputPath", "ResultPath", "ResultSelector", "Assign", "ResultWriter"}
OPERATOR = "LambdaInvokeFunctionOperator"


def _of_output(lifted: Lifted, trace: Trace, returned: Mapping[str, Any]) -> str:
    """The output, where the last state's own result is it and a task has it."""
    if trace.status != "SUCCEEDED":
        return ""
    last = max((visit for visit in trace.visits if not visit.place), key=lambda visit: visit.order).state
    if SHAPING & lifted.states[last].keys():
        return ""
    tasks = {
        name: returned[f"{name}[-1]"]
        for name in lifted.tasks.get(last, [])
        if f"{name}[-1]" in returned and (lifted.operator(name) == OPERATOR or name.endswith("_results"))
    }
    for name, value in tasks.items():
        kept, wanted = value, trace.output
        if lifted.operator(name) == OPERATOR:
            kept = json.loads(value)
            wanted = wanted if lifted.place(last)["function"] else wanted["Payload"]
        if kept != wanted:
            return f"the machine's output is {json.dumps(wanted)}, that of {name} {json.dumps(kept)}"
    return ""


def _of_dag(lifted: Lifted, call: list[Any], number: int) -> Call:
    state, item, task, name, given = call
    operator = lifted.operator(task)
    if name == "lambda:Invoke":
        text = given.get("Payload") or "{}"
        others = {key: one for key, one in given.items() if key not in ("Payload", "FunctionName")}
        defaults = {"InvocationType": "RequestResponse", "LogType": "None", "ClientContext": ""}
        found = {key: one for key, one in others.items() if one not in (None, defaults.get(key))}
        return Call(state, item, [given["FunctionName"], json.loads(text), found], (task, item, number))
    if name.startswith("arn:"):
        return Call(state, item, [name, _without_tokens(given)], (task, item, number))
    arguments = {key: one for key, one in same(given).items() if (operator, key) not in EXCUSED}
    return Call(state, item, [name, arguments], (task, item, number))


def _without_tokens(arguments: Any) -> Any:
    return json.loads(TOKEN.sub("(token)", json.dumps(arguments)))


def _of_machine(lifted: Lifted, attempt: Attempt) -> Call:
    item = attempt.items[0] if attempt.items else -1
    resource = resources.parse(attempt.resource)
    place = lifted.place(attempt.state)
    if place["function"]:
        return Call(attempt.state, item, [place["function"], attempt.arguments, {}], attempt)
    given = attempt.arguments
    if place["operation"] == attempt.resource:
        return Call(attempt.state, item, [attempt.resource, _without_tokens(given)], attempt)
    if (resource.service, resource.action) == ("lambda", "invoke"):
        others = {key: one for key, one in given.items() if key not in ("Payload", "FunctionName")}
        return Call(attempt.state, item, [given["FunctionName"], given.get("Payload", {}), others], attempt)
    operator = lifted.operator(lifted.task_of(attempt.state))
    arguments = {key: one for key, one in same(given).items() if (operator, key) not in EXCUSED}
    return Call(attempt.state, item, [f"{place['service']}:{place['operation']}", arguments], attempt)


# branches and items that end because another has failed


def _racing(trace: Trace) -> list[Place]:
    """The places beside one that has failed: how far they come is a question of time."""
    failed = [raised.place for raised in trace.errors if raised.place and not raised.handling]
    ended = {(raised.state, raised.place) for raised in trace.errors}  # the others tolerate it
    return [place for place in failed if (place[-1].state, place[:-1]) in ended]


def _is_in(place: Place, racing: list[Place]) -> bool:
    """Whether a place is beside one of these."""
    return any(
        place[: len(one) - 1] == one[:-1]
        and len(place) >= len(one)
        and place[len(one) - 1].state == one[-1].state
        and place[len(one) - 1].number != one[-1].number
        for one in racing
    )


def _possible(
    lifted: Lifted,
    one: Run,
    trace: Trace,
    racing: list[Place],
    compiled: Any,
    changed: list[Change],
    whole: set[str],
) -> list[Call]:
    """The calls that others may have come to make, had the failure come last."""
    if not racing:
        return []
    script = {
        state: [{**entry, "after": LATE} if "throw" in entry else entry for entry in entries]
        for state, entries in one.script.items()
    }
    late = executed(compiled, replace(one, script=script))
    found = [_of_machine(lifted, attempt) for attempt in late.attempts if _is_in(attempt.place, racing)]
    for change in changed:
        found, _ = change.calls(late, found, [])
    for call in found:
        call.item = -1 if call.state in whole else call.item
    return found


def _of_calls(certain: list[Call], theirs: list[Call], possible: list[Call]) -> str:
    wanted, made = (Counter(call.text() for call in calls) for calls in (certain, theirs))
    if missing := wanted - made:
        return f"only the machine calls {_some(missing)}; only the DAG {_some(made - wanted)}"
    more = made - wanted
    if surplus := more - Counter(call.text() for call in possible):
        return f"only the DAG calls {_some(surplus)}"
    by_text = {call.text(): call for call in possible}
    for text in more:
        for before in possible:
            is_needed = is_before(before.at, by_text[text].at) and _is_beside(before, by_text[text])
            if is_needed and before.text() not in made:
                return f"the DAG calls {text} without {before.text()}"
    return ""


def _is_beside(one: Call, other: Call) -> bool:
    return bool(one.at.place == other.at.place)


def _some(calls: Counter[str]) -> str:
    return " and ".join(sorted(calls)[:3]) or "nothing else"


# order


@dataclass(frozen=True, slots=True)
class _Order:
    """What Airflow keeps: ``upstream`` by task; the tasks that work in threads; and those of which one
    instance runs at a time, in the order of the items.
    """

    upstream: Mapping[str, list[str]]
    threaded: Set[str]
    single: Set[str]

    def is_in_threads(self, one: Any, other: Any) -> bool:
        """Whether nothing but the run shows which of two calls of a task comes first."""
        return bool(one[:2] == other[:2] and one[0] in self.threaded and one[2] < other[2])

    def keeps(self, one: Any, other: Any) -> bool:
        """Whether one call is always made before the other; each is a task, an item and a number."""
        if one[:2] == other[:2]:
            return bool(one[2] < other[2])
        if one[0] == other[0] and one[0] in self.single:
            return bool(one[1] < other[1])
        if one[0] not in self.upstream[other[0]]:
            return False
        is_same_group = one[1] >= 0 and other[1] >= 0 and one[0].split(".")[0] == other[0].split(".")[0]
        return not is_same_group or bool(one[1] == other[1])


def is_before(one: Attempt, other: Attempt, in_turn: Set[str] = frozenset()) -> bool:
    """Whether the machine always makes one call before the other; the branches or items of states
    ``in_turn`` are one after another.
    """
    for mine, theirs in zip(one.place, other.place, strict=False):
        if mine.state != theirs.state:
            break
        if mine.number != theirs.number and mine.state not in in_turn:
            return False
        if mine.number != theirs.number:
            break
    return one.ended_order is not None and one.ended_order < other.order


def _of_order(ours: list[Call], theirs: list[Call], order: _Order, in_turn: Set[str]) -> str:
    """What comes before what has to be the same, as far as both make the calls."""
    known = _numbered(ours)
    made = {key: call for key, call in _numbered(theirs).items() if key in known}
    for (key, call), (other_key, other) in _pairs(made):
        before = is_before(known[key].at, known[other_key].at, in_turn)
        is_kept = order.keeps(call.at, other.at) if not order.is_in_threads(call.at, other.at) else before
        if before and not is_kept:
            return f"the DAG may call {other.text()} before {call.text()}"
        if is_kept and not before and not _is_kept_by_machine(known[key].at, known[other_key].at):
            return f"the DAG calls {other.text()} only after {call.text()}, the machine beside it"
    return ""


def _is_kept_by_machine(one: Attempt, other: Attempt) -> bool:
    """Whether the machine had no choice: the other was not begun when this failed."""
    return other.order > one.order and one.ended_order is None


def _numbered(calls: list[Call]) -> dict[tuple[str, int], Call]:
    """By what is called and how often it has been."""
    seen: Counter[str] = Counter()
    found = {}
    for call in calls:
        seen[call.text()] += 1
        found[call.text(), seen[call.text()]] = call
    return found


def _pairs(made: Mapping[Any, Call]) -> Iterator[tuple[tuple[Any, Call], tuple[Any, Call]]]:
    entries = list(made.items())
    for one in entries:
        for other in entries:
            if one[0] != other[0]:
                yield one, other
