"""The calls of a run, and which of them always comes before which."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol

from dagmig.verify.engine.trace import Place


@dataclass(slots=True)
class Call:
    """One call of either side; ``at`` is what tells its order."""

    state: str
    item: int
    arguments: Any
    at: Any

    def text(self) -> str:
        return json.dumps([self.state, self.item, self.arguments], sort_keys=True)


class Order(Protocol):
    """Of two calls (``Call.at``) of the side that is compared with the machine."""

    def is_in_threads(self, one: Any, other: Any) -> bool:
        """Whether nothing but the run shows which of two calls of a task comes first."""

    def keeps(self, one: Any, other: Any) -> bool:
        """Whether one call is always made before the other."""


@dataclass(frozen=True, slots=True)
class InAirflow:
    """What Airflow keeps: ``upstream`` by task; the tasks that work in threads; and those of which one
    instance runs at a time, in the order of the items. A call's ``at`` is a task, an item and a number.
    """

    upstream: Mapping[str, list[str]]
    threaded: Set[str]
    single: Set[str]

    def is_in_threads(self, one: Any, other: Any) -> bool:
        return bool(one[:2] == other[:2] and one[0] in self.threaded and one[2] < other[2])

    def keeps(self, one: Any, other: Any) -> bool:
        if one[:2] == other[:2]:
            return bool(one[2] < other[2])
        if one[0] == other[0] and one[0] in self.single:
            return bool(one[1] < other[1])
        if one[0] not in self.upstream[other[0]]:
            return False
        is_same_group = one[1] >= 0 and other[1] >= 0 and one[0].split(".")[0] == other[0].split(".")[0]
        return not is_same_group or bool(one[1] == other[1])


class Timed(Protocol):
    """When a Task was tried, as ``Attempt`` has it."""

    @property
    def place(self) -> Place: ...

    @property
    def order(self) -> int: ...

    @property
    def ended_order(self) -> int | None: ...


def is_before(one: Timed, other: Timed, in_turn: Set[str] = frozenset()) -> bool:
    """Whether a machine always makes one call before the other; the branches or items of states
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


def of_order(ours: list[Call], theirs: list[Call], order: Order, in_turn: Set[str]) -> str:
    """What comes before what has to be the same, as far as both make the calls."""
    known = _numbered(ours)
    made = {key: call for key, call in _numbered(theirs).items() if key in known}
    for (key, call), (other_key, other) in _pairs(made):
        before = is_before(known[key].at, known[other_key].at, in_turn)
        is_kept = order.keeps(call.at, other.at) if not order.is_in_threads(call.at, other.at) else before
        if before and not is_kept:
            return f"the other may call {other.text()} before {call.text()}"
        if is_kept and not before and not _is_kept_by_machine(known[key].at, known[other_key].at):
            return f"the other calls {other.text()} only after {call.text()}, the machine beside it"
    return ""


def _is_kept_by_machine(one: Timed, other: Timed) -> bool:
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
