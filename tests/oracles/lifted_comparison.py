"""A run of a machine beside the same run of its DAG: the same calls, in an order that is kept, the same end.

``verdict`` says ``EQUAL``; or by which rows of the ledger the two are equal, that is, when the machine is
changed as the row says (``lifted_rows``); or what is different.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracles.call_forms import same
from tests.oracles.compare_calls import EXCUSED
from tests.oracles.lift_table import reason
from tests.oracles.lifted_machines import Lifted, of_api
from tests.oracles.lifted_order import Call, InAirflow, Order, is_before, of_order
from tests.oracles.lifted_rows import Change, changes
from tests.oracles.lifted_scripts import Run, executed
from tests.oracles.on_moto import cases, excused

from dagmig.asl import resource as resources
from dagmig.asl.model import written_states
from dagmig.verify.engine import Attempt, Trace, compile_machine
from dagmig.verify.engine.trace import Place

STATES = {"SUCCEEDED": "success", "FAILED": "failed", "TIMED_OUT": "failed"}
LATE = 50  # seconds: all else has ended by then, and no time is up
DIFFERENT = {
    *EXCUSED,
    *((operator, one.name) for operator in cases() for one in excused(operator) if ":" in one.where),
}  # operators' parameters that may differ from the call's
TOKEN = re.compile(r"token-\d+")


@dataclass(slots=True)
class Verdict:
    """``rows``: what the rows say that explain it; ``reasons``: that without the names of tasks;
    ``difference``: what nothing explains.
    """

    rows: list[str] = field(default_factory=list)
    difference: str = ""
    reasons: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "different" if self.difference else "by a row" if self.rows else "equal"


@dataclass(frozen=True, slots=True)
class Seen:
    """A run of what the machine has become: how it ended (``success`` or ``failed``), the calls, what is kept
    of their order, what its tasks returned (by ``task[index]``), and what failed.
    """

    state: str
    calls: tuple[Call, ...]
    order: Order
    returned: Mapping[str, Any]
    failures: Any


def verdict(lifted: Lifted, one: Run, airflow: Mapping[str, Any]) -> Verdict:
    """Compare what Airflow did (of ``lifted_worker``) with what the machine does."""
    if "error" in airflow:
        return Verdict(difference=airflow["error"].strip().splitlines()[-1])
    return judged(lifted, one, _seen(lifted, airflow), changes(lifted))


def _seen(lifted: Lifted, airflow: Mapping[str, Any]) -> Seen:
    calls = tuple(
        Call(call[0], call[1], as_compared(lifted, call), (call[2], call[1], number))
        for number, call in enumerate(airflow["calls"])
    )
    order = InAirflow(airflow["upstream"], lifted.threaded, lifted.single)
    return Seen(airflow["state"], calls, order, airflow["returned"], airflow["failures"])


def judged(lifted: Lifted, one: Run, seen: Seen, possible: list[Change]) -> Verdict:
    """Equal as it is, by one of the possible changes, or by all of them together."""
    plain = difference(lifted, one, seen, [])
    if not plain:
        return Verdict()
    tried = [change for change in possible if change.is_reached(lifted, one)]
    for chosen in (*([one] for one in tried), tried):
        if chosen and not difference(lifted, one, seen, chosen):
            return Verdict([one.said for one in chosen], reasons=[reason(one.row) for one in chosen])
    return Verdict(difference=f"{plain}; failed: {seen.failures or 'nothing'}")


def difference(lifted: Lifted, one: Run, seen: Seen, changed: list[Change]) -> str:
    """The first difference; empty where there is none."""
    document = lifted.document
    for change in changed:
        document = change.machine(document)
    in_turn = {name for name, state in written_states(document) if state.get("MaxConcurrency") == 1}
    in_turn |= {change.state for change in changed if change.is_in_turn}
    compiled = compile_machine(document)
    trace = executed(compiled, one)
    if STATES[trace.status] != seen.state:
        return f"the machine ends {trace.status} ({trace.error}), the other {seen.state}"
    theirs = [replace(call) for call in seen.calls]
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
    return of_order(ours, theirs, seen.order, in_turn) or _of_output(lifted, trace, seen.returned)


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


def as_compared(lifted: Lifted, call: list[Any]) -> list[Any]:
    """What a call of a worker's calls, and with what, as it is compared."""
    _, _, task, name, given = call
    operator = lifted.operator(task)
    if name == "lambda:Invoke":
        text = given.get("Payload") or "{}"
        others = {key: one for key, one in given.items() if key not in ("Payload", "FunctionName")}
        defaults = {"InvocationType": "RequestResponse", "LogType": "None", "ClientContext": ""}
        found = {key: one for key, one in others.items() if one not in (None, defaults.get(key))}
        return [given["FunctionName"], json.loads(text), found]
    if name.startswith("arn:"):
        return [name, _without_tokens(given)]
    given = of_api(name.partition(":")[2], given)
    return [name, {key: one for key, one in same(given).items() if (operator, key) not in DIFFERENT}]


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
    given = of_api(place["operation"], given)
    arguments = {key: one for key, one in same(given).items() if (operator, key) not in DIFFERENT}
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


def made_by_machine(lifted: Lifted, one: Run, seen: Seen) -> Counter[str]:
    """All calls that the machine makes, or may come to make, as texts."""
    compiled = compile_machine(lifted.document)
    trace = executed(compiled, one)
    whole = {call.state for call in seen.calls if call.item < 0}
    calls = [_of_machine(lifted, attempt) for attempt in trace.attempts]
    for call in calls:
        call.item = -1 if call.state in whole else call.item
    more = _possible(lifted, one, trace, _racing(trace), compiled, [], whole)
    return Counter(call.text() for call in calls) | Counter(call.text() for call in more)


def _of_calls(certain: list[Call], theirs: list[Call], possible: list[Call]) -> str:
    wanted, made = (Counter(call.text() for call in calls) for calls in (certain, theirs))
    if missing := wanted - made:
        return f"only the machine calls {_some(missing)}; only the other {_some(made - wanted)}"
    more = made - wanted
    if surplus := more - Counter(call.text() for call in possible):
        return f"only the other calls {_some(surplus)}"
    by_text = {call.text(): call for call in possible}
    for text in more:
        for before in possible:
            is_needed = is_before(before.at, by_text[text].at) and _is_beside(before, by_text[text])
            if is_needed and before.text() not in made:
                return f"the other calls {text} without {before.text()}"
    return ""


def _is_beside(one: Call, other: Call) -> bool:
    return bool(one.at.place == other.at.place)


def _some(calls: Counter[str]) -> str:
    return " and ".join(sorted(calls)[:3]) or "nothing else"
