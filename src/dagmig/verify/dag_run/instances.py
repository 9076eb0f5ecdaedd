"""The task instances of one run, as they are at one moment; each is a number."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from copy import copy
from typing import Any

from dagmig.graph.model import TriggerRule
from dagmig.verify.dag_run.mapping import Combined, Factor
from dagmig.verify.dag_run.program import Node, Program
from dagmig.verify.dag_run.trigger_rules import EARLY, Counts
from dagmig.verify.observed import Instance, State, Vector

PENDING, RUNNING, ENDED = 0, 1, 2
EARLY_IN_2 = EARLY - {TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS}
COMBINE: Mapping[str, Callable[[list[int]], int]] = {"min": min, "max": max, "sum": sum}
UNSAID_LENGTH = 1  # of a list that a vector does not mention


class Instances:
    """``members`` are the instances of each task: one that stands for all (map index -1) until a mapped task
    is expanded. ``status`` and ``state`` are those of each instance; ``refused`` are the tasks directly after
    a chooser that it skipped, by the chooser's place and map index; ``skipped`` all tasks that an instance
    of a chooser skipped, ``fatal`` the instances whose failure stopped the run. ``deciding`` are the states
    of the pass that goes on, which only mapped tasks look at: they ask the database.
    """

    def __init__(self, program: Program, vector: Vector) -> None:
        self.program, self.vector, self.nodes = program, vector, program.nodes
        self.task: list[int] = []
        self.index: list[int] = []
        self.status: list[int] = []
        self.state: list[State | None] = []
        self.attempts: list[int] = []
        self.times: list[tuple[float, float]] = []
        self.ready: list[float] = []
        self.values: dict[int, Any] = {}
        self.refused: dict[tuple[int, int], int] = {}
        self.skipped: dict[int, int] = {}
        self.fatal: list[int] = []
        self.deciding: dict[int, State] = {}
        self.members: list[list[int]] = [[] for _ in program.nodes]
        for place, node in enumerate(program.nodes):
            for index in self._at_first(node):
                self.add(place, index)

    def copy(self) -> Instances:
        """The same, to go on from in another way."""
        other = copy(self)
        for name in ("task", "index", "status", "state", "attempts", "times", "ready", "fatal"):
            setattr(other, name, list(getattr(self, name)))
        for name in ("values", "refused", "skipped", "deciding"):
            setattr(other, name, dict(getattr(self, name)))
        other.members = [list(members) for members in self.members]
        return other

    def key(self) -> Hashable:
        """All that decides how the run goes on."""
        return (
            tuple(self.task), tuple(self.index), tuple(self.status), tuple(self.state), tuple(self.attempts),
            tuple(sorted(self.refused.items())), tuple(sorted(self.values)),
        )  # fmt: skip

    @staticmethod
    def _at_first(node: Node) -> Iterable[int]:
        """A task mapped over what the file says is expanded from the start, unless there is nothing."""
        known = [factor for factor in node.lengths or () if isinstance(factor, int)]
        if node.lengths is None or len(known) < len(node.lengths):
            return (-1,)
        return range(_product(known)) or (-1,)

    def add(self, place: int, index: int) -> int:
        """One more instance of a task."""
        self.task.append(place)
        self.index.append(index)
        self.status.append(PENDING)
        self.state.append(None)
        self.attempts.append(0)
        self.times.append((0.0, 0.0))
        self.ready.append(0.0)
        self.members[place].append(len(self.task) - 1)
        return len(self.task) - 1

    def name(self, one: int) -> Instance:
        """An instance as others know it."""
        return self.nodes[self.task[one]].id, self.index[one]

    def is_unexpanded(self, one: int) -> bool:
        """Whether an instance stands for all of a mapped task."""
        return self.index[one] < 0 and self.nodes[self.task[one]].lengths is not None

    def expand(self, one: int, length: int) -> list[int]:
        """Turn the instance that stands for all of a mapped task into this many."""
        self.index[one] = 0
        place = self.task[one]
        return [one, *(self.add(place, index) for index in range(1, length))]

    def length(self, node: Node) -> int | None:
        """How many instances a mapped task has; None where nobody can know yet, or ever."""
        found = [self._factor(factor) for factor in node.lengths or ()]
        known = [factor for factor in found if factor is not None]
        return _product(known) if len(known) == len(found) else None

    def _factor(self, factor: Factor) -> int | None:
        if isinstance(factor, int):
            return factor
        if isinstance(factor, Combined):
            found = [self._factor(part) for part in factor.parts]
            known = [length for length in found if length is not None]
            return COMBINE[factor.how](known) if len(known) == len(found) else None
        place = self.program.place[factor]
        source, members = self.nodes[place], self.members[place]
        if source.is_mapped:
            if any(self.status[one] != ENDED and one not in self.deciding for one in members):
                return None
            return sum(1 for one in members if self.index[one] >= 0 and one in self.values)
        if source.group is not None or members[0] not in self.values:
            return None
        return self.vector.lengths.get(factor, UNSAID_LENGTH)

    def relevant(self, one: int, other: int) -> list[int]:
        """The instances of another task that one looks at: in a mapped group those of its own index."""
        node, members = self.nodes[self.task[one]], self.members[other]
        if node.group is None or node.group != self.nodes[other].group:
            return members
        index = self.index[one]
        if self.program.airflow >= 3:
            looks_at_all = index < 0 and node.rule in EARLY
        else:
            looks_at_all = node.is_directly_in_group and node.rule in EARLY_IN_2
        if (looks_at_all and other not in node.sources) or not self.length(node):
            return members
        return [member for member in members if self.index[member] < 0 or self.index[member] == index]

    def counts(self, one: int, others: Iterable[int]) -> Counts:
        """How the instances of other tasks that one looks at have ended so far."""
        found, state = Counts(), self.state
        for other in others:
            is_setup = self.nodes[other].is_setup
            for member in self.relevant(one, other):
                found.add(state[member], is_setup)
        return found


def _product(factors: Iterable[int]) -> int:
    found = 1
    for factor in factors:
        found *= factor
    return found
