"""Intrinsic functions of JSONPath states: ``States.Format('{}', $.a)``.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html. Arguments of the two
arithmetic functions are rounded half up, and an object in a text is written as Java does (recorded on AWS).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

from dagmig.verify.engine import paths
from dagmig.verify.engine.digests import digest, uuid_of
from dagmig.verify.engine.errors import INTRINSIC, InvalidMachine, StatesError
from dagmig.verify.engine.filters import kind
from dagmig.verify.engine.sight import Run, Sight

Find = Callable[[Sight], Any]
MAX_CHARACTERS = 10_000
MAX_ITEMS = 1000
_CALL = re.compile(r"\s*States\.(\w+)\s*\(")
_TEXT = re.compile(r"\s*'((?:[^'\\]|\\.)*)'", re.DOTALL)
_LITERAL = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?=\s*[,)])")
_PATH = re.compile(r"\s*(\$(?:[^,()\[\]\s]|\[(?:'[^']*'|\"[^\"]*\"|[^\]'\"])*\])*)")
_HOLE = re.compile(r"\\(.)|(\{\})", re.DOTALL)


def is_call(text: str) -> bool:
    return _CALL.match(text) is not None


@lru_cache(maxsize=20_000)
def compiled(text: str) -> Find:
    """The function of a call, or of a path. Raises ``InvalidMachine`` for anything else."""
    if not is_call(text):
        return paths.compiled(text)
    find, end = _call(text, 0)
    if text[end:].strip():
        raise InvalidMachine(f"{text!r} is not an intrinsic function")
    return find


def _call(text: str, position: int) -> tuple[Find, int]:
    call = _CALL.match(text, position)
    if call is None or call[1] not in FUNCTIONS:
        raise InvalidMachine(f"{text!r} is not an intrinsic function")
    name, position = call[1], call.end()
    arguments: list[Find] = []
    while not (closed := re.compile(r"\s*\)").match(text, position)):
        if arguments:
            comma = re.compile(r"\s*,").match(text, position)
            if comma is None:
                raise InvalidMachine(f"{text!r} is not an intrinsic function")
            position = comma.end()
        find, position = _argument(text, position, is_template=name == "Format" and not arguments)
        arguments.append(find)
    function = FUNCTIONS[name]

    def evaluate(sight: Sight) -> Any:
        values = [argument(sight) for argument in arguments]
        try:
            return function(sight.spot.branch.run, *values)
        except (TypeError, ValueError, LookupError, OverflowError, binascii.Error) as error:
            cause = f"The function '{text}' had the following error: {error}"
            raise StatesError(INTRINSIC, cause, is_evaluation=True) from error

    return evaluate, closed.end()


def _argument(text: str, position: int, *, is_template: bool) -> tuple[Find, int]:
    value: Any
    if quoted := _TEXT.match(text, position):
        value = quoted[1] if is_template else re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
        return (lambda sight: value), quoted.end()
    if literal := _LITERAL.match(text, position):
        value = json.loads(literal[1])
        return (lambda sight: value), literal.end()
    if _CALL.match(text, position):
        return _call(text, position)
    if path := _PATH.match(text, position):
        return paths.compiled(path[1]), path.end()
    raise InvalidMachine(f"{text!r} is not an intrinsic function")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{json.dumps(value)} is not a string")
    return value


def _limited(value: Any) -> str:
    if len(_text(value)) > MAX_CHARACTERS:
        raise ValueError(f"the string has more than {MAX_CHARACTERS} characters")
    return _text(value)


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{json.dumps(value)} is not an array")
    return value


def _integer(value: Any) -> int:
    """A number, rounded half up, of 32 bits."""
    if kind(value) != "number":
        raise ValueError(f"{json.dumps(value)} is not a number")
    found: int = math.floor(value + 0.5)
    if not -(2**31) <= found < 2**31:
        raise ValueError(f"{value} is beyond 32 bits")
    return found


def written(value: Any) -> str:
    """A value inside a text, as Java writes it."""
    match value:
        case str():
            return value
        case dict():
            return "{" + ", ".join(f"{key}={written(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value)


def _format(run: Run, template: Any, *values: Any) -> str:
    waiting = list(values)

    def fill(hole: re.Match[str]) -> str:
        if hole[2] is None:
            return hole[1]
        if not waiting:
            raise ValueError("there are more holes than arguments")
        return written(waiting.pop(0))

    text = _HOLE.sub(fill, _text(template))
    if waiting:
        raise ValueError("there are more arguments than holes")
    return text


def _string_to_json(run: Run, text: Any) -> Any:
    return json.loads(text) if _text(text).strip() else None


def _partition(run: Run, items: Any, length: Any) -> list[Any]:
    step = _integer(length)
    if step <= 0:
        raise ValueError("the length of a part must be positive")
    return [_array(items)[start : start + step] for start in range(0, len(items), step)]


def _range(run: Run, first: Any, last: Any, step: Any) -> list[int]:
    start, end, by = _integer(first), _integer(last), _integer(step)
    if not by:
        raise ValueError("the step must not be zero")
    found = range(start, end + (1 if by > 0 else -1), by)
    if len(found) > MAX_ITEMS:
        raise ValueError(f"the array would have more than {MAX_ITEMS} items")
    return list(found)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal as JSON, where true is not 1."""
    match left, right:
        case list(), list():
            return len(left) == len(right) and all(map(same, left, right))
        case dict(), dict():
            return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return kind(left) == kind(right) and bool(left == right)


def _unique(run: Run, items: Any) -> list[Any]:
    found: list[Any] = []
    for item in _array(items):
        if not any(same(item, other) for other in found):
            found.append(item)
    return found


def _get_item(run: Run, items: Any, index: Any) -> Any:
    number = _integer(index)
    if not 0 <= number < len(_array(items)):
        raise ValueError(f"there is no item {number}")
    return items[number]


def _merge(run: Run, left: Any, right: Any, is_deep: Any) -> dict[str, Any]:
    if is_deep is not False:
        raise ValueError("only a shallow merge is supported: the third argument must be false")
    if not isinstance(left, dict) or not isinstance(right, dict):
        raise ValueError("both arguments must be objects")
    return {**left, **right}


def _random(run: Run, start: Any, end: Any, seed: Any = None) -> int:
    first, after = _integer(start), _integer(end)
    if first >= after:
        raise ValueError("the start must be below the end")
    chance = run.random if seed is None else Random(_integer(seed))
    return chance.randrange(first, after)


def _add(run: Run, left: Any, right: Any) -> int:
    return _integer(_integer(left) + _integer(right))


def _split(run: Run, text: Any, delimiters: Any) -> list[str]:
    """Every character of the delimiters is one; empty parts are left out."""
    if not _text(delimiters):
        return [_text(text)]
    return [part for part in re.split(f"[{re.escape(delimiters)}]", _text(text)) if part]


def _hash(run: Run, data: Any, algorithm: Any) -> str:
    return digest(_limited(data), _text(algorithm))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Format": _format,
    "StringToJson": _string_to_json,
    "JsonToString": lambda run, value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    "Array": lambda run, *items: list(items),
    "ArrayPartition": _partition,
    "ArrayContains": lambda run, items, item: any(same(item, other) for other in _array(items)),
    "ArrayRange": _range,
    "ArrayGetItem": _get_item,
    "ArrayLength": lambda run, items: len(_array(items)),
    "ArrayUnique": _unique,
    "Base64Encode": lambda run, text: base64.b64encode(_limited(text).encode()).decode(),
    "Base64Decode": lambda run, text: base64.b64decode(_limited(text), validate=True).decode(),
    "Hash": _hash,
    "JsonMerge": _merge,
    "MathRandom": _random,
    "MathAdd": _add,
    "StringSplit": _split,
    "UUID": lambda run: uuid_of(run.random),
}
