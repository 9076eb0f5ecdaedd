"""A state's input and output processing, in either query language.

JSONPath: InputPath, Parameters, (work,) ResultSelector, ResultPath, OutputPath, in this order. JSONata:
Arguments, (work,) Output. Assign and Output see the same: the values at the state's entry and its result. In
JSONPath ``$`` of an Assign is the raw result, before ResultSelector.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dagmig.verify.engine import paths
from dagmig.verify.engine.errors import StatesError
from dagmig.verify.engine.limits import checked
from dagmig.verify.engine.sight import Sight, Spot
from dagmig.verify.engine.templates import JSONATA, Value, constant, path, template
from dagmig.verify.engine.trace import ABSENT

Done = tuple[Any, dict[str, Any] | None]  # the output, and what is assigned
JSON = Mapping[str, Any]


class Data(Protocol):
    """What comes before a state's work and after it."""

    def sight(self, spot: Spot) -> Sight:
        """What fields see before the work."""

    def arguments(self, sight: Sight) -> Any:
        """What the work is given."""

    def done(self, spot: Spot, result: Any) -> Done:
        """What becomes of the work's result; ABSENT for a state that only passes its input on."""

    def caught(self, spot: Spot, catcher: Catcher, error: StatesError) -> Done:
        """What becomes of an error that is caught."""


@dataclass(frozen=True, slots=True)
class Catcher:
    """One entry of a Catch; ``output`` is a JSONata Output, ``result_path`` a JSONPath ResultPath's steps."""

    names: tuple[str, ...]
    next: str
    assign: Value | None
    output: Value | None = None
    result_path: tuple[str | int, ...] | None = ()


@dataclass(frozen=True, slots=True)
class JsonPathData:
    """``result_path`` is None where the result is thrown away."""

    input_path: Value | None
    parameters: Value | None
    result_selector: Value | None
    result_path: tuple[str | int, ...] | None
    output_path: Value | None
    assign: Value | None

    def sight(self, spot: Spot) -> Sight:
        if self.input_path is None:
            return Sight(spot, spot.input)
        return Sight(spot, self.input_path(Sight(spot, spot.input)))

    def arguments(self, sight: Sight) -> Any:
        return sight.document if self.parameters is None else self.parameters(sight)

    def done(self, spot: Spot, result: Any) -> Done:
        if result is ABSENT:
            result = self.sight(spot).document
        sight = Sight(spot, result)
        assigned = None if self.assign is None else self.assign(sight)
        if self.result_selector is not None:
            result = self.result_selector(sight)
        output = _placed(spot.input, self.result_path, result)
        if self.output_path is not None:
            output = self.output_path(Sight(spot, output))
        return output, assigned

    def caught(self, spot: Spot, catcher: Catcher, error: StatesError) -> Done:
        output = _placed(spot.input, catcher.result_path, error.output)
        assigned = None if catcher.assign is None else catcher.assign(Sight(spot, error.output))
        return output, assigned


def _placed(document: Any, steps: tuple[str | int, ...] | None, value: Any) -> Any:
    if steps is None:
        return document
    return paths.inserted(document, steps, value) if steps else value


@dataclass(frozen=True, slots=True)
class JsonataData:
    given: Value | None
    output: Value | None
    assign: Value | None

    def sight(self, spot: Spot) -> Sight:
        return Sight(spot, spot.input)

    def arguments(self, sight: Sight) -> Any:
        return sight.spot.input if self.given is None else self.given(sight)

    def done(self, spot: Spot, result: Any) -> Done:
        plain = spot.input if result is ABSENT else result
        if self.output is None and self.assign is None:
            return plain, None
        sight = Sight(spot, spot.input, result)
        output = plain if self.output is None else self.output(sight)
        return output, None if self.assign is None else self.assign(sight)

    def caught(self, spot: Spot, catcher: Catcher, error: StatesError) -> Done:
        sight = Sight(spot, spot.input, error=error.output)
        output = error.output if catcher.output is None else catcher.output(sight)
        return output, None if catcher.assign is None else catcher.assign(sight)


def data(state: JSON, language: str) -> Data:
    """The processing that a state's fields ask for."""
    assign = assignment(state, language)
    if language == JSONATA:
        return JsonataData(
            _template(state, "Arguments", JSONATA), _template(state, "Output", JSONATA), assign
        )
    result_path = state.get("ResultPath", "$")
    return JsonPathData(
        _path(state, "InputPath"),
        _template(state, "Parameters", language),
        _template(state, "ResultSelector", language),
        None if result_path is None else paths.reference(result_path),
        _path(state, "OutputPath"),
        assign,
    )


def catcher(fields: JSON, language: str) -> Catcher:
    result_path = fields.get("ResultPath", "$")
    return Catcher(
        tuple(fields["ErrorEquals"]),
        fields["Next"],
        assignment(fields, language),
        _template(fields, "Output", JSONATA) if language == JSONATA else None,
        None if result_path is None else paths.reference(result_path),
    )


def assignment(fields: JSON, language: str) -> Value | None:
    """The function of an ``Assign``, whose object is within the quota for one."""
    assign = _template(fields, "Assign", language)
    return None if assign is None else lambda sight: checked(assign(sight), "Assign")


def _template(fields: JSON, name: str, language: str) -> Value | None:
    return template(fields[name], language, name) if name in fields else None


def _path(fields: JSON, name: str) -> Value | None:
    """None where the field leaves everything as it is; null gives an empty object."""
    if name not in fields or fields[name] == "$":
        return None
    return constant({}) if fields[name] is None else path(fields[name])
