"""Runs a machine as Step Functions would, with JSONata evaluated by a library nobody here wrote.

Tasks are calls of a function given; time is a counter that only Wait moves. Retry is not run, Catch is; an
error that is not caught ends the execution. https://states-language.net/spec.html
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import jsonata
from jsonata.functions import Functions
from jsonata.utils import Utils

MAX_STATES = 20_000
TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
)  # with an upper-case T and Z
OUTPUTS = re.compile(r"\$((?:x|y\d+|state\d*_of)_\w+)")  # the variables that hold tasks' outputs
Variables = ChainMap[str, Any]


class Failed(Exception):
    """The execution ended in a Fail state, or with an error of a Task: its name and its cause."""


@dataclass
class Execution:
    """One run: ``call`` gets a Task's resource and arguments; ``seconds`` is the time since the start."""

    call: Callable[[str, Any], Any]
    input: Any = field(default_factory=dict)
    seconds: float = 0
    trace: list[str] = field(default_factory=list)
    start: str = "2024-05-06T07:08:09.123Z"
    item: tuple[int, Any] | None = None  # that of the innermost Map, with its index

    def run(self, machine: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> Any:
        """The output. Raises ``Failed``."""
        return self._run(machine, self.input, ChainMap(dict(variables or {})))

    def value(self, text: str, variables: Mapping[str, Any]) -> Any:
        """What a field with JSONata in it is worth. Raises what the evaluator raises."""
        return self._value(text, {"input": self.input, "context": self.context}, variables)

    @property
    def context(self) -> dict[str, Any]:
        """The context object, as a state sees it."""
        return self._context("state", {})

    def _run(self, machine: Mapping[str, Any], given: Any, variables: Variables) -> Any:
        name: str | None = machine["StartAt"]
        while name is not None:
            self.trace.append(name)
            assert len(self.trace) < MAX_STATES, "the machine does not end"
            state = machine["States"][name]
            try:
                given, name = self._enter(name, state, given, variables)
            except Failed as error:
                given, name = self._catch(name, state, error, given, variables)
        return given

    def _of_item(self, machine: Mapping[str, Any], item: tuple[int, Any], variables: Variables) -> Any:
        outer, self.item = self.item, item
        try:
            return self._run(machine, item[1], variables.new_child())
        finally:
            self.item = outer

    def _catch(
        self, name: str, state: Mapping[str, Any], error: Failed, given: Any, variables: Variables
    ) -> tuple[Any, str]:
        """The output and the next state where an error is caught."""
        raised = {"Error": error.args[0], "Cause": error.args[1]}
        for catcher in state.get("Catch", ()):
            if {"States.ALL", "States.TaskFailed", raised["Error"]} & {*catcher["ErrorEquals"]}:
                states = {"input": given, "context": self._context(name, state), "errorOutput": raised}
                output = self._value(catcher["Output"], states, variables) if "Output" in catcher else raised
                self._assign(catcher, states, variables)
                return output, catcher["Next"]
        raise error

    def _enter(
        self, name: str, state: Mapping[str, Any], given: Any, variables: Variables
    ) -> tuple[Any, str | None]:
        states = {"input": given, "context": self._context(name, state)}
        result: Any = given
        match state["Type"]:
            case "Task":
                default = given if "Arguments" not in state else None
                arguments = self._value(state.get("Arguments", default), states, variables)
                result = self.call(state["Resource"], arguments)
            case "Parallel":
                result = [self._run(branch, given, variables.new_child()) for branch in state["Branches"]]
            case "Map":
                inner, items = state["ItemProcessor"], self._value(state["Items"], states, variables)
                assert isinstance(items, list), f"no list to map over: {items}"
                result = [self._of_item(inner, one, variables) for one in enumerate(items)]
            case "Wait" if "Timestamp" in state:
                said = self._value(state["Timestamp"], states, variables)
                assert TIMESTAMP.fullmatch(said), f"no timestamp: {said}"
                until = _moment(said)
                self.seconds = max(self.seconds, (until - _moment(self.start)).total_seconds())
            case "Wait":
                self.seconds += self._value(state["Seconds"], states, variables)
            case "Fail":
                raise Failed(*(self._value(state.get(key), states, variables) for key in ("Error", "Cause")))
            case "Choice":
                rules = (r for r in state["Choices"] if self._value(r["Condition"], states, variables))
                taken = next(rules, state)
                self._assign(taken, states, variables)
                return given, taken["Next" if taken is not state else "Default"]
        if state["Type"] in ("Task", "Parallel", "Map"):
            states["result"] = result
        output = self._value(state["Output"], states, variables) if "Output" in state else result
        self._assign(state, states, variables)
        return output, state.get("Next")

    def _assign(self, fields: Mapping[str, Any], states: Mapping[str, Any], variables: Variables) -> None:
        """Assign in the innermost scope, which may not use a name of an outer one."""
        found = {
            key: self._value(value, states, variables) for key, value in fields.get("Assign", {}).items()
        }
        assert not found.keys() & variables.parents.keys(), "an inner variable hides an outer one"
        variables.update(found)

    def _context(self, name: str, state: Mapping[str, Any]) -> dict[str, Any]:
        arn = "arn:aws:states:eu-west-1:111122223333:execution:m:run-1"
        execution = {"Id": arn, "Name": "run-1", "Input": self.input, "StartTime": self.start}
        entered = {"Name": name, "EnteredTime": f"{self.start} + {self.seconds}", "RetryCount": 0}
        found = {"Execution": execution, "State": entered, "Task": {"Token": "token"}}
        if self.item is not None:
            found["Map"] = {"Item": {"Index": self.item[0], "Value": self.item[1]}}
        return found

    def _value(self, node: Any, states: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        match node:
            case dict():
                return {key: self._value(item, states, variables) for key, item in node.items()}
            case list():
                return [self._value(item, states, variables) for item in node]
            case str() if node.startswith("{%"):
                return self._evaluate(node[2:-2].strip(), states, variables)
        return node

    def _evaluate(self, source: str, states: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        unassigned = {name for name in OUTPUTS.findall(source) if name not in variables}
        assert not unassigned, f"not assigned before they are read: {unassigned}"
        found = self._jsonata(source, states, variables)
        if found is None:  # null, or nothing at all, which Step Functions refuses
            assert self._jsonata(f"$exists(({source}))", states, variables), f"undefined: {source}"
        return _plain(found)

    def _jsonata(self, source: str, states: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        expression = jsonata.Jsonata(source)
        expression.assign("states", states)
        for name, value in variables.items():
            expression.assign(name, Utils.NULL_VALUE if value is None else value)
        expression.register_lambda("parse", lambda text: _with_nulls(json.loads(text)))
        expression.register_lambda("uuid", lambda: str(uuid.uuid4()))
        expression.register_lambda("toMillis", _millis)
        expression.register_lambda("millis", lambda: 1000 * (_moment(self.start).timestamp() + self.seconds))
        expression.register_lambda("hash", lambda text, _: hashlib.sha256(text.encode()).hexdigest())
        return expression.evaluate(None)


def _with_nulls(found: Any) -> Any:
    """JSON with the evaluator's own null."""
    match found:
        case None:
            return Utils.NULL_VALUE
        case dict():
            return {key: _with_nulls(item) for key, item in found.items()}
        case list():
            return [_with_nulls(item) for item in found]
    return found


def _millis(text: str, picture: str | None = None) -> float | None:
    return Functions.datetime_to_millis(text, picture) if picture else 1000 * _moment(text).timestamp()


def _moment(text: str) -> datetime:
    """An ISO 8601 moment; before Python 3.11 the library's own ``$toMillis`` knows no ``Z``."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _plain(found: Any) -> Any:
    """JSON as the standard library has it; the evaluator's lists, numbers and null are its own."""
    if found is Utils.NULL_VALUE:
        return None
    return json.loads(
        json.dumps(found, default=lambda value: None if value is Utils.NULL_VALUE else list(value))
    )
