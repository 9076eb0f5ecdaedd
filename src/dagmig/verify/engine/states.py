"""The states that do nothing but pass, decide, wait and end.

A state's ``enter`` gives its output, what it assigns and the next state's name (None: the end of its scope);
where it takes time it is a fiber.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.verify.engine.choice import Test, test
from dagmig.verify.engine.clock import Running
from dagmig.verify.engine.data import Data, JsonPathData, assignment, data
from dagmig.verify.engine.errors import QUERY, RUNTIME, InvalidMachine, StatesError, runtime
from dagmig.verify.engine.filters import kind
from dagmig.verify.engine.sight import Sight, Spot
from dagmig.verify.engine.templates import JSONATA, Value, constant, path, template
from dagmig.verify.engine.times import nanoseconds
from dagmig.verify.engine.trace import ABSENT, Pause

JSON = Mapping[str, Any]
Left = tuple[Any, dict[str, Any] | None, str | None]


@dataclass(frozen=True, slots=True)
class Pass:
    """``result`` is a JSONPath Result; a JSONata Pass has only Output."""

    data: Data
    result: Any
    next: str | None
    takes_time = False

    def enter(self, spot: Spot) -> Left:
        if not isinstance(self.data, JsonPathData):
            return *self.data.done(spot, ABSENT), self.next
        given = self.data.arguments(self.data.sight(spot))
        return *self.data.done(spot, given if self.result is ABSENT else self.result), self.next


@dataclass(frozen=True, slots=True)
class Succeed:
    """It ends its own scope; no other state of the execution."""

    data: Data
    takes_time = False

    def enter(self, spot: Spot) -> Left:
        return *self.data.done(spot, ABSENT), None


@dataclass(frozen=True, slots=True)
class Fail:
    data: Data
    error: Value
    cause: Value
    takes_time = False

    def enter(self, spot: Spot) -> Left:
        sight = Sight(spot, spot.input)
        raise StatesError(_text(self.error(sight), "Error"), _text(self.cause(sight), "Cause"))


def _text(value: Any, field: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise runtime(f"The {field} of a Fail state must be a string, not a {kind(value)}.")
    return value


@dataclass(frozen=True, slots=True)
class Rule:
    holds: Test
    next: str
    assign: Value | None
    output: Value | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The first rule that holds, with its own Assign and Output; those of the state belong to Default."""

    data: Data
    rules: tuple[Rule, ...]
    default: str | None
    takes_time = False

    def enter(self, spot: Spot) -> Left:
        sight = self.data.sight(spot)
        for rule in self.rules:
            if rule.holds(sight):
                assigned = None if rule.assign is None else rule.assign(sight)
                if rule.output is not None:
                    return rule.output(sight), assigned, rule.next
                return _passed(self.data, spot), assigned, rule.next
        if self.default is None:
            raise runtime("No choices matched, and no default state is given.")
        return *self.data.done(spot, ABSENT), self.default


def _passed(fields: Data, spot: Spot) -> Any:
    """What a rule without an Output of its own passes on."""
    if not isinstance(fields, JsonPathData):
        return spot.input
    document = fields.sight(spot).document
    return document if fields.output_path is None else fields.output_path(Sight(spot, document))


@dataclass(frozen=True, slots=True)
class Wait:
    """``seconds`` or ``timestamp`` is given; a moment that has passed does not wait."""

    data: Data
    seconds: Value | None
    timestamp: Value | None
    next: str | None
    error: str
    takes_time = True

    def enter(self, spot: Spot) -> Running:
        sight = self.data.sight(spot)
        run = spot.branch.run
        seconds = self._seconds(sight)
        run.trace.pauses.append(Pause(spot.state, spot.branch.place, run.clock.now, seconds, is_retry=False))
        yield seconds
        return *self.data.done(spot, ABSENT), self.next

    def _seconds(self, sight: Sight) -> float:
        if self.seconds is not None:
            found = self.seconds(sight)
            if kind(found) != "number" or found < 0 or found != int(found):
                raise self._wrong(f"Seconds must be an integer that is not negative, not {found!r}.")
            return float(found)
        assert self.timestamp is not None
        found = self.timestamp(sight)
        moment = nanoseconds(found)
        if moment is None:
            raise self._wrong(f"The timestamp {found!r} is not a valid RFC 3339 timestamp.")
        return max(0.0, moment / 1e9 - sight.spot.branch.run.millis() / 1000)

    def _wrong(self, cause: str) -> StatesError:
        return StatesError(self.error, cause, is_evaluation=True)


def pass_state(state: JSON, language: str) -> Pass:
    return Pass(data(state, language), state.get("Result", ABSENT), state.get("Next"))


def succeed(state: JSON, language: str) -> Succeed:
    return Succeed(data(state, language))


def fail(state: JSON, language: str) -> Fail:
    error, cause = (_field(state, name, language) or constant(None) for name in ("Error", "Cause"))
    return Fail(data({}, language), error, cause)


def choice(state: JSON, language: str) -> Choice:
    rules = tuple(
        Rule(
            test(rule, language),
            rule["Next"],
            assignment(rule, language),
            template(rule["Output"], language, "Output") if "Output" in rule else None,
        )
        for rule in state["Choices"]
    )
    return Choice(data(state, language), rules, state.get("Default"))


def wait(state: JSON, language: str) -> Wait:
    seconds, timestamp = (_field(state, name, language) for name in ("Seconds", "Timestamp"))
    if (seconds is None) is (timestamp is None):
        raise InvalidMachine("a Wait state needs either Seconds or Timestamp")
    error = QUERY if language == JSONATA else RUNTIME
    return Wait(data(state, language), seconds, timestamp, state.get("Next"), error)


def _field(state: JSON, name: str, language: str) -> Value | None:
    if language != JSONATA and f"{name}Path" in state:
        return path(state[f"{name}Path"])
    if name not in state:
        return None
    return template(state[name], language, name) if language == JSONATA else constant(state[name])
