"""What an expression sees: the state's input, the variables, the context object and, later, the result.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from dagmig.verify.engine.clock import Clock
from dagmig.verify.engine.errors import StatesError
from dagmig.verify.engine.limits import History
from dagmig.verify.engine.trace import ABSENT, Place, Raised, Trace

ACCOUNT = "arn:aws:states:us-east-1:123456789012"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


@dataclass(slots=True)
class Run:
    """What a whole execution shares. ``start`` is the moment it started, UTC."""

    call: Callable[..., Any]
    read: Callable[..., Any]
    clock: Clock
    trace: Trace
    random: Random
    start: datetime.datetime
    functions: dict[str, Any] = field(default_factory=dict)
    orders: int = 0

    def order(self) -> int:
        """The number of the next beginning or ending."""
        self.orders += 1
        return self.orders

    def millis(self) -> int:
        """The present moment in milliseconds since 1970."""
        started = (self.start - EPOCH) // datetime.timedelta(milliseconds=1)
        return started + round(self.clock.now * 1000)

    def moment(self) -> str:
        """The present moment as the context object writes it."""
        return written(self.millis())


def written(millis: int) -> str:
    """Milliseconds since 1970 as ``2024-05-06T07:08:09.123Z``."""
    moment = EPOCH + datetime.timedelta(milliseconds=millis)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03}Z"


@dataclass(slots=True)
class Execution:
    """An execution, or the child execution of a distributed Map's item: its identity and its history.

    ``known`` are the values of expressions that are the same throughout.
    """

    name: str
    machine: str
    input: Any
    started: str
    history: History = field(default_factory=History)
    known: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """``Execution`` and ``StateMachine`` of the context object."""
        execution = {
            "Id": f"{ACCOUNT}:execution:{self.machine}:{self.name}",
            "Input": self.input,
            "StartTime": self.started,
            "Name": self.name,
            "RoleArn": "arn:aws:iam::123456789012:role/machine",
            "RedriveCount": 0,
        }
        machine = {"Id": f"{ACCOUNT}:stateMachine:{self.machine}", "Name": self.machine}
        return {"Execution": execution, "StateMachine": machine}


@dataclass(slots=True)
class Branch:
    """One token's surroundings: a scope of variables, and the Map item it belongs to.

    ``variables`` is replaced, never changed, so that an inner scope's copy stays as it was.
    """

    run: Run
    execution: Execution
    place: Place = ()
    variables: dict[str, Any] = field(default_factory=dict)
    item: Mapping[str, Any] | None = None

    def inner(self, place: Place, item: Mapping[str, Any] | None) -> Branch:
        """A scope inside this one: it reads the variables and assigns to its own."""
        return Branch(self.run, self.execution, place, self.variables, item or self.item)


@dataclass(slots=True)
class Spot:
    """A token in a state: when it was entered (milliseconds since 1970), and by which event."""

    branch: Branch
    state: str
    input: Any
    entered: int
    event: int
    retry_count: int | None = None
    token: str | None = None
    item: Mapping[str, Any] | None = None

    def raised(self, error: StatesError, handling: str = "") -> None:
        """Put an error on record, and say in it where it was."""
        error.locate(self.state, self.event)
        run = self.branch.run
        entry = Raised(self.state, self.branch.place, run.clock.now, error.name, error.cause, handling)
        run.trace.errors.append(entry)

    def context(self) -> dict[str, Any]:
        """The context object."""
        found = self.branch.execution.facts()
        found["State"] = {"Name": self.state, "EnteredTime": written(self.entered)}
        if self.retry_count is not None:
            found["State"]["RetryCount"] = self.retry_count
        if self.token is not None:
            found["Task"] = {"Token": self.token}
        if (item := self.item or self.branch.item) is not None:
            found["Map"] = {"Item": item}
        return found


class Sight:
    """A spot, and what else an expression there may name.

    ``document`` is what ``$`` names in JSONPath at this stage of the processing.
    """

    __slots__ = ("_context", "document", "error", "names", "result", "spot")

    def __init__(self, spot: Spot, document: Any, result: Any = ABSENT, error: Any = ABSENT) -> None:
        self.spot = spot
        self.document = document
        self.result = result
        self.error = error
        self.names: dict[str, Any] | None = None  # made by the first JSONata expression that needs it
        self._context: dict[str, Any] | None = None

    @property
    def context(self) -> dict[str, Any]:
        if self._context is None:
            self._context = self.spot.context()
        return self._context

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.spot.branch.variables
