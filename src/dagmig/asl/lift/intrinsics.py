"""The functions of data that a written DAG carries along, word for word: intrinsic functions and paths.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html; arithmetic rounds half up to
32 bits. They raise ``ValueError`` where Step Functions fails the state. Each stands alone
but for the standard library and the functions here that it names.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import re
import uuid
from datetime import datetime, timezone
from typing import Any


def whole(value: Any) -> int:
    """A number as Step Functions counts: rounded half up, of 32 bits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is not a number")
    found = math.floor(value + 0.5)
    if not -(2**31) <= found < 2**31:
        raise ValueError(f"{value} is beyond 32 bits")
    return found


def a_list(value: Any) -> Any:
    """The value, which has to be a list."""
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    return value


def a_text(value: Any) -> Any:
    """The value, which has to be a string."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a string")
    return value


def short_text(value: Any) -> bytes:
    """The bytes of a string of at most 10,000 characters."""
    text: str = a_text(value)
    if len(text) > 10_000:
        raise ValueError("the string has more than 10,000 characters")
    return text.encode()


def json_kind(value: Any) -> str:
    """JSON's name for the kind of a value."""
    for name, types in (("boolean", bool), ("number", (int, float)), ("string", str), ("array", list)):
        if isinstance(value, types):
            return name
    return "null" if value is None else "object"


def is_same(left: Any, right: Any) -> bool:
    """Whether two values are equal as JSON, where true is not 1."""
    if json_kind(left) != json_kind(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(is_same(left[key], right[key]) for key in left)
    return bool(left == right)


def written(value: Any) -> str:
    """A value inside of a text as States.Format writes it: objects and lists as Java does."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={written(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def string_to_json(value: Any) -> Any:
    """The value that a JSON text stands for; an empty text is null."""
    return json.loads(value) if a_text(value).strip() else None


def json_to_string(value: Any) -> str:
    """A value as JSON text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def array_partition(value: Any, length: Any) -> list[Any]:
    """The list cut into lists of this length."""
    step = whole(length)
    if step <= 0:
        raise ValueError("the length of a part must be positive")
    return [a_list(value)[start : start + step] for start in range(0, len(value), step)]


def array_range(first: Any, last: Any, step: Any) -> list[Any]:
    """The numbers from the first to the last, both included."""
    by = whole(step)
    if not by:
        raise ValueError("the step must not be zero")
    found = list(range(whole(first), whole(last) + (1 if by > 0 else -1), by))
    if len(found) > 1000:
        raise ValueError("the list has more than 1000 items")
    return found


def array_contains(value: Any, item: Any) -> bool:
    """Whether the list has an item equal to this one."""
    return any(is_same(item, member) for member in a_list(value))


def array_unique(value: Any) -> list[Any]:
    """The list without repetitions."""
    found: list[Any] = []
    for member in a_list(value):
        if not array_contains(found, member):
            found.append(member)
    return found


def array_get_item(value: Any, index: Any) -> Any:
    """The item of that number, from 0."""
    number = whole(index)
    if not 0 <= number < len(a_list(value)):
        raise ValueError(f"there is no item {number}")
    return value[number]


def array_length(value: Any) -> int:
    """How many items the list has."""
    return len(a_list(value))


def json_merge(left: Any, right: Any) -> dict[str, Any]:
    """Both objects in one; where both have a key, the second's counts."""
    if not isinstance(left, dict) or not isinstance(right, dict):
        raise ValueError("only objects can be merged")
    return {**left, **right}


def math_add(left: Any, right: Any) -> int:
    """The sum of two whole numbers."""
    return whole(whole(left) + whole(right))


def math_random(start: Any, end: Any) -> int:
    """A number from the start on, below the end."""
    return random.randrange(whole(start), whole(end))


def string_split(value: Any, characters: Any) -> list[Any]:
    """The parts of a text between any of the characters; empty ones are left out."""
    if not a_text(characters):
        return [a_text(value)]
    return [part for part in re.split(f"[{re.escape(characters)}]", a_text(value)) if part]


def base64_encode(value: Any) -> str:
    """A text in Base64."""
    return base64.b64encode(short_text(value)).decode()


def base64_decode(value: Any) -> str:
    """The text that Base64 stands for."""
    return base64.b64decode(short_text(value), validate=True).decode()


def hash_of(value: Any, algorithm: Any) -> str:
    """The hash of a text in hexadecimal digits."""
    if algorithm not in ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"):
        raise ValueError(f"{algorithm!r} is no algorithm of Step Functions")
    data = short_text(value)
    return hashlib.new(algorithm.replace("-", "").lower(), data, usedforsecurity=False).hexdigest()


def new_uuid() -> str:
    """A version 4 UUID."""
    return str(uuid.uuid4())


def time_text(value: Any) -> str:
    """A time as Step Functions writes it, in UTC with milliseconds."""
    return f"{value.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def time_now() -> str:
    """The present time as Step Functions writes it."""
    return time_text(datetime.now(timezone.utc))


def at_path(value: Any, *path: Any) -> list[Any]:
    """What is at a path, in a list; an empty list where there is nothing."""
    for key in path:
        is_there = isinstance(value, dict) and key in value
        if isinstance(value, list) and isinstance(key, int):
            is_there = -len(value) <= key < len(value)
        if not is_there:
            return []
        value = value[key]
    return [value]


def compared(left: list[Any], sign: str, right: list[Any]) -> bool:
    """A comparison in a filter: values of different kinds are neither equal nor ordered."""
    if not left or not right or json_kind(left[0]) != json_kind(right[0]):
        return sign == "!="
    if sign in ("==", "!="):
        return is_same(left[0], right[0]) is (sign == "==")
    first, second = left[0], right[0]
    if json_kind(first) not in ("number", "string"):
        return False
    if first == second:
        return "=" in sign
    return (first < second) is (sign[0] == "<")


def found_by(value: Any, step: Any) -> list[Any]:
    """What one step of a path finds in a value."""
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(step, tuple):  # at any depth
        return [*found_by(value, step[0]), *(one for child in children for one in found_by(child, step))]
    if isinstance(step, list):
        return [one for key in step for one in at_path(value, key)]
    if isinstance(step, slice):
        return children if step == slice(None) else value[step] if isinstance(value, list) else []
    if callable(step):
        return [child for child in children if step(child)]
    return at_path(value, step)


def find_all(value: Any, *steps: Any) -> list[Any]:
    """All values that a path names: a step is a key, a list of keys, a slice, a filter, or one of these for
    any depth, in a tuple.
    """
    found = [value]
    for step in steps:
        found = [inner for one in found for inner in found_by(one, step)]
    return found
