"""What an execution did, in virtual time.

Times are seconds since the start. ``order`` numbers count every beginning and every ending, so that two
things at the same moment still have an order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Absent:
    """There is no such value, not even null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class Step(NamedTuple):
    """A way into a Parallel's branch or a Map's item."""

    state: str
    number: int
    is_item: bool


Place = tuple[Step, ...]


@dataclass(slots=True)
class Visit:
    """A state was entered; ``left`` is None where it failed or was aborted."""

    state: str
    place: Place
    entered: float
    order: int
    left: float | None = None
    left_order: int | None = None


@dataclass(slots=True)
class Attempt:
    """One try of a Task: ``number`` counts from 0 within a visit.

    ``ended`` is None while it runs, and where it was aborted. ``result`` is what the Task returned.
    """

    state: str
    place: Place
    number: int
    resource: str
    arguments: Any
    began: float
    order: int
    ended: float | None = None
    ended_order: int | None = None
    result: Any = ABSENT
    error: str | None = None
    cause: str | None = None

    @property
    def items(self) -> tuple[int, ...]:
        """The indexes of the Map items it belongs to, the outermost first."""
        return tuple(step.number for step in self.place if step.is_item)

    @property
    def has_failed(self) -> bool:
        return self.ended is not None and isinstance(self.result, Absent)


@dataclass(slots=True)
class Pause:
    """A Wait state (``is_retry`` False) or the delay before a retry."""

    state: str
    place: Place
    began: float
    seconds: float
    is_retry: bool


@dataclass(slots=True)
class Raised:
    """An error of a state; ``handling`` is ``retry`` or ``catch``, empty where it left the state."""

    state: str
    place: Place
    at: float
    error: str | None
    cause: str | None
    handling: str = ""


@dataclass(slots=True)
class Trace:
    """An execution: ``status`` is SUCCEEDED, FAILED or TIMED_OUT; ``events`` the length of its history."""

    status: str = "RUNNING"
    output: Any = ABSENT
    error: str | None = None
    cause: str | None = None
    seconds: float = 0
    events: int = 0
    visits: list[Visit] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    errors: list[Raised] = field(default_factory=list)

    @property
    def entered(self) -> list[str]:
        """The names of the states entered, in order."""
        return [visit.state for visit in self.visits]
