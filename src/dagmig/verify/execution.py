"""The machine's side: an execution with the bodies of a vector, and what is seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.verify.bodies import Bodies, answers, conf
from dagmig.verify.dag_run.program import Program
from dagmig.verify.engine import Attempt, compile_machine, run
from dagmig.verify.engine.definition import Machine
from dagmig.verify.observed import Instance, State, Vector

MOMENT = "2024-05-06T07:08:09+00:00"


@dataclass(frozen=True, slots=True)
class Execution:
    """``error`` is what the execution ended with; ``attempts`` are those of each instance that ran."""

    state: State
    error: str
    attempts: Mapping[Instance, list[Attempt]]
    ended: Mapping[Instance, State]
    others: tuple[str, ...] = ()  # states that did work which is no task's

    @property
    def executed(self) -> frozenset[Instance]:
        """The instances whose bodies ran."""
        return frozenset(self.attempts)

    def precedes(self, first: Instance, second: Instance) -> bool:
        """Whether one had ended when the other began."""
        if first not in self.attempts:
            return False
        end = self.attempts[first][-1].ended_order
        return end is not None and end < self.attempts[second][0].order


class Machines:
    """A machine made ready to be executed many times. Raises ``InvalidMachine``."""

    def __init__(self, program: Program, machine: Mapping[str, Any], tasks: Mapping[str, str]) -> None:
        self.program, self.machine, self.tasks = program, machine, tasks
        self.compiled: Machine = compile_machine(machine)
        self.answers = answers(machine)
        self.input = {"logical_date": MOMENT, "conf": conf(machine)}

    def execute(self, vector: Vector) -> Execution:
        """One execution; what has not ended when it did was stopped."""
        bodies = Bodies(self.program, vector, self.tasks, self.answers)
        trace = run(self.compiled, self.input, bodies)
        state = State.SUCCESS if trace.status == "SUCCEEDED" else State.FAILED
        return Execution(state, trace.error or "", bodies.attempts, bodies.ended, tuple(bodies.others))
