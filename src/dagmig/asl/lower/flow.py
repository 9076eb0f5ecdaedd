"""Where a state goes on, given what is known there of the states of tasks.

A machine is written forwards. A way on passes the tasks of which it is known that they don't run, and lands
on the first state that has something to do or to decide; what is known there is the union over all ways in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dagmig.asl.lower.outcomes import Facts, Outcomes
from dagmig.asl.lower.plan import Do, Each, Idle, Plan, steps
from dagmig.asl.lower.rules import RUN, States


class Label(str):
    """A state that may not have its name yet; ``resolve`` puts the name in its place."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """A transition to ``target`` (None: the end of the scope), with what has to be assigned on the way."""

    target: Label | None
    facts: Facts
    entries: list[Facts]
    assign: Mapping[str, Any] = field(default_factory=dict)

    def take(self) -> Jump:
        """Say that a state goes this way, so that the target is written."""
        self.entries.append(self.facts)
        return self


Rest = Callable[[Facts], Jump]
Assigned = Callable[[Mapping[str, States]], dict[str, Any]]


@dataclass(slots=True)
class Row:
    """Parts one after the other, and what is known where each is entered: to be done, or to be decided."""

    parts: tuple[Plan, ...]
    outcomes: Outcomes
    rest: Rest
    assigned: Assigned  # the variables to assign for tasks that don't run
    places: Mapping[str, int]
    runs: list[list[Facts]] = field(init=False)
    gates: list[list[Facts]] = field(init=False)
    known: dict[tuple[int, frozenset[tuple[str, States]]], Jump] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.runs = [[] for _ in self.parts]
        self.gates = [[] for _ in self.parts]

    def jump(self, place: int, facts: Facts) -> Jump:
        """The way on to the part at ``place`` and what follows it."""
        passed: list[tuple[tuple[int, frozenset[tuple[str, States]]], dict[str, Any]]] = []
        found: Jump | None = None
        for at in range(place, len(self.parts)):
            part = self.parts[at]
            facts = self.outcomes.live(facts, self.places[next(steps(part))])
            key = at, frozenset(facts.items())
            if (found := self.known.get(key)) is not None:
                break
            idle = settled(part, facts, self.outcomes)
            passed.append((key, self.assigned(idle) if idle else {}))
            if idle is None:
                is_gated = self._is_undecided(part, facts)
                entries = (self.gates if is_gated else self.runs)[at]
                found = Jump(label(part, "gate" if is_gated else "run"), facts, entries)
                break
            facts = {**facts, **idle}
        found = found or self.rest(facts)
        for key, assign in reversed(passed):
            found = replace(found, assign={**assign, **found.assign}) if assign else found
            self.known[key] = found
        return found

    def _is_undecided(self, part: Plan, facts: Facts) -> bool:
        match part:
            case Do(task):
                return task in self.outcomes.ruled and self.outcomes.decisions(task, facts) != {RUN}
            case Each(group):
                return self.outcomes.is_open(group, facts)
            case Idle():
                return True
        return False


def label(part: Plan, kind: str) -> Label:
    """What stands for the entry of a part until it has its name."""
    match part:
        case Do(task):
            return Label(f"\0{kind}:{task}")
        case Idle(task, state):
            return Label(f"\0{kind}:{task}:{state}")
    return Label(f"\0{kind}:{id(part)}")


def settled(part: Plan, facts: Facts, outcomes: Outcomes) -> dict[str, States] | None:
    """The states of a part's tasks where it is known that none of them runs, and why; else None."""
    found: dict[str, States] = {}
    for task in steps(part):
        decisions = outcomes.decisions(task, {**facts, **found} if found else facts)
        if RUN in decisions or len(decisions) > 1:
            return None
        found[task] = decisions
    return found


def resolve(node: Any, names: Mapping[Label, str]) -> Any:
    """The states with their names in the place of labels."""
    match node:
        case Label():
            return names[node]
        case dict():
            return {key: resolve(value, names) for key, value in node.items()}
        case list():
            return [resolve(item, names) for item in node]
    return node
