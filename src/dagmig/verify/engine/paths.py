"""JSONPath as Step Functions evaluates it: paths, reference paths, the context object, variables.

https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html. A definite path (names
and indexes only) names one value and must find it; any other gives an array, empty where nothing matches,
even where what it would look into is missing (recorded on AWS).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from dagmig.asl.paths import closing
from dagmig.verify.engine import filters
from dagmig.verify.engine.errors import RESULT_PATH, InvalidMachine, StatesError, runtime
from dagmig.verify.engine.sight import Sight

Find = Callable[[Sight], Any]
Select = Callable[[Any], Iterable[Any]]
MISSING = object()
_ROOT = re.compile(r"\$\$|\$([^\W\d]\w*)|\$")
_NAME = re.compile(r"\.([^\s.\[\]()*?@'\"=<>!&|,]+)")
_QUOTED = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")\s*(,)?")
_INDEXES = re.compile(r"-?\d+(?:\s*,\s*-?\d+)*")
_SLICE = re.compile(r"(-?\d*):(-?\d*)(?::(-?\d+))?")


@lru_cache(maxsize=20_000)
def compiled(text: str) -> Find:
    """The function of a path (``$.a[0]``, ``$$.Execution.Id``, ``$variable.a``).

    Raises ``InvalidMachine`` for what is no path. It raises ``States.Runtime`` where there is no value.
    """
    root = _ROOT.match(text)
    if root is None:
        raise InvalidMachine(f"{text!r} is not a path")
    steps = _steps(text, root.end())
    start = _start(root)
    if all(isinstance(step, str | int) for step in steps):
        return _definite(text, start, steps)
    selects = [step if callable(step) else _single(step) for step in steps]

    def find(sight: Sight) -> Any:
        found = [value] if (value := start(sight)) is not MISSING else []
        for select in selects:
            found = [item for value in found for item in select(value)]
        return found

    return find


def _definite(text: str, start: Find, steps: Sequence[Any]) -> Find:
    def find(sight: Sight) -> Any:
        value = start(sight)
        for step in steps:
            value = _step(value, step)
        if value is MISSING:
            raise runtime(f"The JSONPath '{text}' could not be found in the input.")
        return value

    return find


def exists(find: Find) -> Callable[[Sight], bool]:
    """Whether a compiled path finds anything."""

    def is_there(sight: Sight) -> bool:
        try:
            return bool(find(sight) != [])
        except StatesError:
            return False

    return is_there


def _start(root: re.Match[str]) -> Find:
    if root[0] == "$$":
        return lambda sight: sight.context
    if root[1] is not None:
        name = root[1]
        return lambda sight: sight.variables.get(name, MISSING)
    return lambda sight: sight.document


def _step(value: Any, step: str | int) -> Any:
    if type(step) is str:
        return value.get(step, MISSING) if type(value) is dict else MISSING
    if type(value) is list and type(step) is int and -len(value) <= step < len(value):
        return value[step]
    return MISSING


def _single(step: str | int) -> Select:
    def select(value: Any) -> Iterable[Any]:
        found = _step(value, step)
        return () if found is MISSING else (found,)

    return select


def _steps(text: str, position: int) -> list[Any]:
    """Names, indexes, and functions for what may select several values."""
    steps: list[Any] = []
    while position < len(text):
        step, position = _next_step(text, position)
        steps.append(step)
    return steps


def _next_step(text: str, position: int) -> tuple[Any, int]:
    if text.startswith("..", position):
        if text.startswith("[", position + 2):
            inner, end = _bracketed(text, position + 2)
        elif text.startswith("*", position + 2):
            inner, end = _children, position + 3
        elif named := _NAME.match(text, position + 1):
            inner, end = named[1], named.end()
        else:
            raise InvalidMachine(f"{text!r} is not a path")
        return _deep(inner if callable(inner) else _single(inner)), end
    if text.startswith(".*", position):
        return _children, position + 2
    if named := _NAME.match(text, position):
        return named[1], named.end()
    if text[position] == "[" or text.startswith(".[", position):
        return _bracketed(text, text.index("[", position))
    raise InvalidMachine(f"{text!r} is not a path")


def _bracketed(text: str, position: int) -> tuple[Any, int]:
    end = closing(text, position)
    if end is None:
        raise InvalidMachine(f"{text!r}: a bracket is not closed")
    inside = text[position + 1 : end].strip()
    if inside == "*":
        return _children, end + 1
    if inside.startswith("?"):
        return _filtered(filters.compiled(inside[1:].strip())), end + 1
    if _INDEXES.fullmatch(inside):
        indexes = [int(part) for part in inside.split(",")]
        return indexes[0] if len(indexes) == 1 else _union(indexes), end + 1
    if sliced := _SLICE.fullmatch(inside):
        return _sliced(slice(*(int(part) if part else None for part in sliced.groups()))), end + 1
    names = _names(inside)
    if not names:
        raise InvalidMachine(f"{text!r} is not a path")
    return names[0] if len(names) == 1 else _union(names), end + 1


def _names(inside: str) -> list[str]:
    names: list[str] = []
    position = 0
    while found := _QUOTED.match(inside, position):
        names.append(re.sub(r"\\(.)", r"\1", found[1] if found[1] is not None else found[2]))
        position = found.end()
        if not found[3]:
            break
    return names if position == len(inside) else []


def _children(value: Any) -> Iterable[Any]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
    return ()


def _union(steps: Sequence[str | int]) -> Select:
    return lambda value: [found for step in steps if (found := _step(value, step)) is not MISSING]


def _sliced(part: slice) -> Select:
    return lambda value: value[part] if isinstance(value, list) else ()


def _filtered(holds: Callable[[Any], bool]) -> Select:
    return lambda value: [item for item in _children(value) if holds(item)]


def _deep(select: Select) -> Select:
    def walk(value: Any) -> Iterator[Any]:
        yield from select(value)
        for child in _children(value):
            yield from walk(child)

    return walk


def inserted(document: Any, steps: Sequence[str | int], value: Any) -> Any:
    """A copy of the document with the value at a reference path.

    Raises ``States.ResultPathMatchFailure`` where the way leads through something that is no object.
    """
    if not steps:
        return value
    step, *rest = steps
    if isinstance(step, str) and isinstance(document, dict):
        return {**document, step: inserted(document.get(step, {}), rest, value)}
    if isinstance(step, int) and isinstance(document, list) and step < len(document):
        return [inserted(item, rest, value) if index == step else item for index, item in enumerate(document)]
    cause = f"Unable to apply step {step!r} to input {document!r}"
    raise StatesError(RESULT_PATH, cause, is_evaluation=True)


def reference(text: Any) -> tuple[str | int, ...]:
    """The steps of a reference path. Raises ``InvalidMachine`` for what may name several values."""
    if not isinstance(text, str) or not text.startswith("$") or text.startswith("$$"):
        raise InvalidMachine(f"{text!r} is not a reference path")
    steps = _steps(text, 1)
    if not all(isinstance(step, str | int) for step in steps):
        raise InvalidMachine(f"{text!r} may name several values")
    return tuple(steps)
