"""What is given to one run of a workflow, and what is seen of it: the same for a DAG and for its machine.

A task instance is ``(task id, map index)``; the index is -1 for a task that is not mapped, and for a mapped
task that was never expanded. Times are virtual seconds since the run began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Instance = tuple[str, int]
ALL = -1  # as an index in a vector: of every instance of the task that is not named


def named(one: Instance) -> str:
    """A task instance in words."""
    return one[0] if one[1] < 0 else f"{one[0]} [{one[1]}]"


class State(str, Enum):
    """How a task instance, or a run (``SUCCESS`` or ``FAILED`` only), ends."""

    SUCCESS = "success"
    FAILED = "failed"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the body of a task instance does, should it run.

    ``state`` is ``SUCCESS``, ``FAILED`` or ``SKIPPED`` (it raises AirflowSkipException). ``failures`` are
    the attempts that fail in an ordinary way before; a task that has no retry left by then is failed. Of a
    failed one ``None`` means that every attempt fails, a number that the attempt after them fails for good
    (AirflowFailException). ``chosen`` are the ids of tasks or groups that a branch returns; of a short
    circuit, none (``()``) is a falsy result. ``None`` goes on with everything. ``value`` is what is returned,
    and seen by other tasks as the XCom ``return_value``: ``None`` is no XCom.
    """

    state: State = State.SUCCESS
    failures: int | None = None
    chosen: tuple[str, ...] | None = None
    value: Any = True


SUCCEEDS = Outcome()
FAILS = Outcome(State.FAILED)
SKIPS = Outcome(State.SKIPPED)


@dataclass(frozen=True, slots=True)
class Vector:
    """One way that all bodies can go; what is not said succeeds at once.

    ``lengths`` are those of the lists that tasks return to be mapped over, by the task that returns it; 1
    unless said. ``durations`` are the seconds that one attempt takes: 1 unless said, and no task waits for a
    worker.
    """

    outcomes: Mapping[Instance, Outcome] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)
    durations: Mapping[Instance, float] = field(default_factory=dict)

    def outcome(self, instance: Instance) -> Outcome:
        """What one instance does."""
        found = self.outcomes.get(instance)
        return found if found is not None else self.outcomes.get((instance[0], ALL), SUCCEEDS)

    def duration(self, instance: Instance) -> float:
        """The seconds that an attempt of one instance takes."""
        found = self.durations.get(instance)
        return found if found is not None else self.durations.get((instance[0], ALL), 1.0)


ALL_SUCCESS = Vector()


Outcomes = tuple[State, frozenset[tuple[Instance, State | None, int]]]  # see Observed.outcome


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one instance. ``state`` is None where the run ended without a decision about it.

    ``attempts`` is 0 where its body never ran; then there are no times. ``started`` is when the first attempt
    did, ``finished`` when the last ended.
    """

    state: State | None
    attempts: int = 0
    started: float | None = None
    finished: float | None = None

    @property
    def executed(self) -> bool:
        """Whether its body ran."""
        return self.attempts > 0


@dataclass(frozen=True, slots=True)
class Observed:
    """The observables of a run.

    ``before`` says of each instance whose body ran which other bodies had to end first, however long each of
    them takes. ``values`` are the XComs ``return_value`` that are there in the end.
    """

    state: State
    instances: Mapping[Instance, Ended]
    before: Mapping[Instance, frozenset[Instance]] = field(default_factory=dict)
    values: Mapping[Instance, Any] = field(default_factory=dict)

    @property
    def executed(self) -> frozenset[Instance]:
        """The instances whose bodies ran."""
        return frozenset(name for name, ended in self.instances.items() if ended.executed)

    @property
    def states(self) -> dict[Instance, State | None]:
        """The state of each instance."""
        return {name: ended.state for name, ended in self.instances.items()}

    def outcome(self) -> Outcomes:
        """What does not depend on time: the run's state and, of each instance, its state and attempts."""
        ends = ((name, ended.state, ended.attempts) for name, ended in self.instances.items())
        return self.state, frozenset(ends)
