"""Running a machine: strict, in virtual time, with every Task's outcome given from outside."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from dagmig.verify.engine.clock import Clock, Fiber
from dagmig.verify.engine.definition import Machine, machine
from dagmig.verify.engine.errors import TIMEOUT, StatesError
from dagmig.verify.engine.flow import follow
from dagmig.verify.engine.map_state import Reading
from dagmig.verify.engine.sight import Branch, Execution, Run
from dagmig.verify.engine.task import Call, Outcome
from dagmig.verify.engine.trace import Trace

START = datetime.datetime(2024, 5, 6, 7, 8, 9, 123_000, tzinfo=datetime.timezone.utc)
Read = Callable[[Reading], Any]


def compile_machine(document: Mapping[str, Any]) -> Machine:
    """Compile a definition for many runs. Raises ``InvalidMachine``."""
    return machine(document)


@dataclass(frozen=True, slots=True)
class Setting:
    """What an execution does not take from its definition and its input.

    ``seed`` is that of jitter, of random functions and, with ``is_shuffled``, of the order of what is due at
    the same moment. ``start`` is in UTC; the names are those of the execution and of the machine.
    """

    seed: int = 0
    is_shuffled: bool = False
    start: datetime.datetime = START
    name: str = "run-1"
    machine: str = "machine"


def run(
    compiled: Machine,
    given: Any = None,
    call: Call = lambda attempt: Outcome(),
    read: Read = lambda reading: [],
    setting: Setting = Setting(),
) -> Trace:
    """Execute with an input (None: ``{}``).

    ``call`` is asked for each attempt's outcome, ``read`` for the items of an ItemReader.
    """
    trace = Trace()
    clock = Clock(Random(setting.seed) if setting.is_shuffled else None)
    shared = Run(call, read, clock, trace, Random(setting.seed), setting.start)
    given = {} if given is None else given
    execution = Execution(setting.name, setting.machine, given, shared.moment())
    execution.known = compiled.known_of((json.dumps(given), setting))
    execution.history.add()

    def ended(output: Any, error: StatesError | None) -> None:
        if error is None:
            trace.status, trace.output = "SUCCEEDED", output
        else:
            trace.status, trace.error, trace.cause = "FAILED", error.name, error.cause

    token = Fiber(follow(compiled.flow, Branch(shared, execution), execution.input), ended)
    if not clock.run(token, compiled.timeout):
        trace.status, trace.error = "TIMED_OUT", TIMEOUT
    trace.seconds = clock.now
    trace.events = execution.history.events + 1
    return trace
