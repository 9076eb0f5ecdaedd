"""The evaluation of JSONata that a written DAG carries along, word for word, with the jsonata-python library.

The library has no null of its own in lists and objects, so that values are translated at both ends. A list
made by ``$range`` or ``$partition`` is a sequence: one member stands for itself (recorded on AWS).
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import json
from typing import Any

from jsonata import Jsonata
from jsonata.utils import Utils


def with_nulls(value: Any) -> Any:
    """JSON with the null of the jsonata-python library."""
    if isinstance(value, dict):
        return {key: with_nulls(member) for key, member in value.items()}
    if isinstance(value, list):
        return [with_nulls(member) for member in value]
    return Utils.NULL_VALUE if value is None else value


def jsonata_partition(value: Any, length: Any) -> Any:
    """JSONata's $partition."""
    if isinstance(length, bool) or length <= 0:
        raise ValueError("$partition needs a positive length")
    step = int(length)
    return Utils.create_sequence_from_iter(
        value[start : start + step] for start in range(0, len(value), step)
    )


def jsonata_range(first: Any, last: Any, step: Any) -> Any:
    """JSONata's $range."""
    if not step:
        raise ValueError("$range needs a step that is not zero")
    count = max(0, int((last - first) // step) + 1)
    return Utils.create_sequence_from_iter(first + step * index for index in range(count))


def parse_json(value: Any) -> Any:
    """JSONata's $parse."""
    return with_nulls(json.loads(value))


def evaluate(expression: str, names: dict[str, Any], **functions: Any) -> Any:
    """What a JSONata expression gives, by the jsonata-python library."""
    query = Jsonata(expression)
    query.output_convert_nulls = False
    own = {name: Jsonata.JLambda(function) for name, function in functions.items()}
    found = query.evaluate(None, {**with_nulls(names), **own})
    if found is None:
        raise ValueError(f"{expression} gives nothing")
    return Utils.convert_nulls(found)


def holds(value: Any) -> Any:
    """The value of a condition, which has to be true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value
