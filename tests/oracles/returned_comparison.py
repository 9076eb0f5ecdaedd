"""A run of a machine beside the same run of what has come back of it through a DAG.

Equal is what ``lifted_comparison`` says; where the two part, a row of either ledger may say why: one that
changes the machine (``lifted_rows``), or an open one of a task that has failed, or of what no state does. Up
to there the calls are those of the machine. Where a run ends with an error of another name, a row says that
the run of a DAG has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from tests.oracles.lift_table import reason
from tests.oracles.lifted_comparison import Seen, Verdict, as_compared, judged, made_by_machine
from tests.oracles.lifted_order import Call, is_before
from tests.oracles.lifted_rows import Change, changes, replaced
from tests.oracles.lifted_scripts import Run, executed
from tests.oracles.returned_machines import Returned

from dagmig.diagnostics import Row
from dagmig.verify.engine import compile_machine
from dagmig.verify.engine.trace import Place, Step


@dataclass(frozen=True, slots=True)
class At:
    """An attempt of a Task, and the number of a call that is made in it."""

    place: Place
    order: int
    ended_order: int | None
    number: int


@dataclass(frozen=True, slots=True)
class InMachine:
    """What the machine keeps of the order: ``in_turn`` are its Maps that work on one item at a time,
    ``threaded`` the attempts (by ``order``) that work in threads.
    """

    in_turn: Set[str]
    threaded: Set[int]

    def is_in_threads(self, one: At, other: At) -> bool:
        return one.order == other.order and one.order in self.threaded and one.number < other.number

    def keeps(self, one: At, other: At) -> bool:
        if one.order == other.order:
            return one.number < other.number
        return is_before(one, other, self.in_turn)


def verdict(returned: Returned, one: Run, answer: Mapping[str, Any]) -> Verdict:
    """Compare what the machine that has come back did (of ``returned_worker``) with the first."""
    if "error" in answer:
        return Verdict(difference=answer["error"])
    seen = _seen(returned, answer)
    possible = [*changes(returned.lifted), *_retried(returned)]
    found = judged(returned.lifted, one, seen, possible)
    if not found.difference and not _stops(answer):
        return _with_error(found, returned, one, answer)
    for rows, order in _excuses(returned, answer):
        if _is_same_before(order, returned, one, seen):
            said = [f"{row.construct} of {row.task}: {row.difference}" for row in rows]
            return Verdict(said, reasons=list(map(reason, rows)))
    return found


def _with_error(found: Verdict, returned: Returned, one: Run, answer: Mapping[str, Any]) -> Verdict:
    """The verdict with that on the names of the errors that both end with."""
    ended = executed(compile_machine(returned.lifted.document), one).error
    other, _ = answer["ended"]
    if ended == other:
        return found
    rows = [row for row in returned.lifted.rows if row.construct == "error"]
    if not rows:
        return Verdict(difference=f"the machine ends with {ended}, the other with {other}")
    said = [f"{row.construct}: {row.difference}" for row in rows]
    return Verdict([*found.rows, *said], reasons=[*found.reasons, *map(reason, rows)])


RETRIES = ("retry-transport", "retry-several", "retry-error-names")


def _retried(returned: Returned) -> Iterator[Change]:
    """States that are tried again as the state that has come back is, where a row says how that is."""
    for row in returned.lifted.rows:
        name = returned.lifted.state_of(row)
        state = next((one for one, task in returned.tasks.items() if row.target == f"task:{task}"), None)
        if row.construct in RETRIES and name and state:
            retry = returned.states[state].get("Retry", [])

            def changed(fields: Mapping[str, Any], retry: Any = retry) -> Mapping[str, Any]:
                return {**fields, "Retry": retry}

            yield Change(
                row, name, lambda document, name=name, changed=changed: replaced(document, name, changed)
            )


def _seen(returned: Returned, answer: Mapping[str, Any]) -> Seen:
    calls = []
    threaded = set()
    for *call, place, order, ended, number in answer["calls"]:
        at = At(tuple(Step(*step) for step in place), order, ended, number)
        calls.append(Call(call[0], call[1], as_compared(returned.lifted, call), at))
        if call[2] in returned.lifted.threaded:
            threaded.add(order)
    in_turn = {name for name, state in returned.states.items() if state.get("MaxConcurrency") == 1}
    failures = [[state, error, cause] for state, error, cause, *_ in answer["errors"]]
    return Seen(answer["state"], tuple(calls), InMachine(in_turn, threaded), answer["returned"], failures)


def _stops(answer: Mapping[str, Any]) -> bool:
    """Whether it fails at what is not translated, where the first machine may fail as well."""
    return any("not translated" in (cause or "") for _, _, cause, _ in answer["errors"])


UNCALLED = "no state calls it"


def _excuses(returned: Returned, answer: Mapping[str, Any]) -> Iterator[tuple[list[Row], int]]:
    """Open rows of the first task that failed, then those of what no state does where it was come to; and
    when that was.
    """
    failed = [(state, order) for state, _, _, order in answer["errors"]]
    for state, order in failed:
        if rows := returned.open_rows.get(returned.tasks[state]):
            yield rows, order
            break
    for state, order in answer["entered"]:
        rows = returned.open_rows.get(returned.tasks[state], [])
        if left := [row for row in rows if UNCALLED in row.difference]:
            yield left, order
            break


def _is_same_before(order: int, returned: Returned, one: Run, seen: Seen) -> bool:
    """Whether all calls that were made until then are the first machine's as well."""
    before = Counter(call.text() for call in seen.calls if call.at.order < order)
    return not before - made_by_machine(returned.lifted, one, seen)
