"""Operators of plain Python by their nodes, and what has to be known before they are applied."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

from dagmig.airflow.read.evaluation import MAX_SIZE, NotKnown

BINARY: dict[type, Callable[[Any, Any], Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.BitOr: operator.or_,
    cst.BitAnd: operator.and_,
    cst.BitXor: operator.xor,
    cst.Power: operator.pow,
}

COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.In: lambda a, b: a in b,
    cst.NotIn: lambda a, b: a not in b,
}
IDENTITY = (cst.Is, cst.IsNot)
EQUALITY = (cst.Equal, cst.NotEqual)
MEMBERSHIP = (cst.In, cst.NotIn)

CONSTANTS = {"True": True, "False": False, "None": None}


def _size(value: Any) -> int:
    return len(value) if isinstance(value, (str, bytes, list, tuple, dict, set)) else 1


def too_large(is_product: bool, left: Any, right: Any) -> bool:
    """Whether a result may be larger than what is computed in passing."""
    numbers = [value for value in (left, right) if isinstance(value, int)]
    if len(numbers) == 2:
        return any(number.bit_length() > 2_000 for number in numbers)
    size = (
        _size(left) * _size(right) * abs(numbers[0]) if is_product and numbers else _size(left) + _size(right)
    )
    return size > MAX_SIZE


def check_power(left: Any, right: Any) -> None:
    """Refuse a power that is too large to be computed in passing."""
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and right * left.bit_length() > 512:
        raise NotKnown
