"""Operators of plain Python by their nodes, and what has to be known before they are applied."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from dagmig.airflow.read.evaluation import MAX_SIZE, NotKnown

BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.Pow: operator.pow,
}

COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
IDENTITY = (ast.Is, ast.IsNot)
EQUALITY = (ast.Eq, ast.NotEq)
MEMBERSHIP = (ast.In, ast.NotIn)


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
