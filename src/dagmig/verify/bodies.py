"""What stands for the work of a task's state: the outcome that a vector gives it, as the service's answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.asl.lower.run import GET_PARAMETER
from dagmig.asl.model import written_states
from dagmig.verify.dag_run.program import Node, Program
from dagmig.verify.dag_run.retries import comes_to
from dagmig.verify.engine import Attempt, Outcome, failure
from dagmig.verify.observed import Instance, State, Vector

ERRORS = {State.FAILED: "WorkFailed", State.SKIPPED: "AirflowSkipException"}
FOR_GOOD = "AirflowFailException"
PATH = r"((?:\.(?:[A-Za-z_]\w*|`[^`]+`)|\[\d+\])*)"
RESULT = re.compile(r"\$states\.result" + PATH)
CONF = re.compile(r"\$states\.context\.Execution\.Input\.conf" + PATH)
STEP = re.compile(r"\.(\w+|`[^`]+`)|\[\d+\]")


@dataclass(slots=True)
class Bodies:
    """The bodies of one execution, called by the engine. ``attempts`` are those of each instance, ``others``
    the states that do work which is no task's.
    """

    program: Program
    vector: Vector
    tasks: Mapping[str, str]  # by the name of the state that does the work
    answers: Mapping[str, Any]  # by the same: where in the state's result the value is
    attempts: dict[Instance, list[Attempt]] = field(default_factory=dict)
    others: dict[str, None] = field(default_factory=dict)
    ended: dict[Instance, State] = field(default_factory=dict)

    def __call__(self, attempt: Attempt) -> Outcome:
        """The outcome of one attempt. A state that is no task's succeeds with nothing to give."""
        task = self.tasks.get(attempt.state)
        if task is None:
            if attempt.resource != GET_PARAMETER:
                self.others[attempt.state] = None
            return Outcome({})
        node = self.program.nodes[self.program.place[task]]
        instance = self.instance(node, attempt)
        tried = self.attempts.setdefault(instance, [])
        tried.append(attempt)
        number = len(tried)
        outcome, seconds = self.vector.outcome(instance), self.vector.duration(instance)
        state = comes_to(outcome, number, node.retries)
        self.ended[instance] = state or State.FAILED
        if state is None:
            return failure(ERRORS[State.FAILED], "this attempt fails", seconds)
        if state is State.SUCCESS:
            return Outcome(self._answer(attempt.state, value(self.program, self.vector, instance)), seconds)
        is_for_good = state is State.FAILED and outcome.failures is not None and number <= node.retries
        return failure(FOR_GOOD if is_for_good else ERRORS[state], "the work ends so", seconds)

    @staticmethod
    def instance(node: Node, attempt: Attempt) -> Instance:
        """The task instance that an attempt is of."""
        return node.id, attempt.items[-1] if node.lengths is not None and attempt.items else -1

    def _answer(self, state: str, value: Any) -> Any:
        shape = self.answers.get(state, {})
        return _filled(shape, value) if shape else {}


def value(program: Program, vector: Vector, instance: Instance) -> Any:
    """What an instance returns: what a chooser chose, a list where others are mapped over it, else a text."""
    task, index = instance
    node, chosen = program.nodes[program.place[task]], vector.outcome(instance).chosen
    if node.chooser is not None and node.chooser.is_branch:
        return chosen[0] if chosen and len(chosen) == 1 else list(chosen or ())
    if node.chooser is not None:
        return chosen != ()
    if task in vector.lengths:
        return [f"{task} {number}" for number in range(vector.lengths[task])]
    return task if index < 0 else f"{task}[{index}]"


def answers(machine: Mapping[str, Any]) -> dict[str, Any]:
    """By state: the shape of the result that its expressions look into."""
    return {name: _shape(state) for name, state in written_states(machine) if state.get("Type") == "Task"}


def is_taken_apart(shape: Mapping[str, Any]) -> bool:
    """Whether members of what a Lambda function returns are looked at, so that an object stands for it."""
    return bool(shape.get("Payload"))


def _shape(state: Mapping[str, Any]) -> Any:
    """Objects down to the members that are looked at; an empty one stands for what is returned."""
    fields = {name: state[name] for name in ("Output", "Assign", "ResultSelector") if name in state}
    return _looked_at(RESULT, json.dumps(fields))


def conf(machine: Mapping[str, Any]) -> dict[str, Any]:
    """What an execution is given as ``conf``: a text for each member that the machine looks at."""
    shape = _looked_at(CONF, json.dumps(machine))
    return _filled(shape, "given") if shape else {}


def _looked_at(pattern: re.Pattern[str], text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in {match[1] for match in pattern.finditer(text)}:
        place = found
        for key in (name.strip("`") for name in STEP.findall(path) if name):
            place = place.setdefault(key, {})
    return found


def _filled(shape: Any, value: Any) -> Any:
    return {name: _filled(inner, value) for name, inner in shape.items()} if shape else value
