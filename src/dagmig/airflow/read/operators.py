"""Operators of plain Python by their nodes, and what has to be known before they are applied."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

from dagmig.airflow.read.evaluation import is_known

BINARY: dict[type, Callable[[Any, Any], Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.BitOr: operator.or_,
    cst.BitAnd: operator.and_,
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
    cst.Is: lambda a, b: a is b,
    cst.IsNot: lambda a, b: a is not b,
}

CONSTANTS = {"True": True, "False": False, "None": None}


def size(value: Any) -> int:
    """How large a value is, for the bound on what is computed: a length, or a number's magnitude."""
    if isinstance(value, (str, bytes, list, tuple, dict, set)):
        return len(value)
    return abs(value) if isinstance(value, int) else 1


def all_known(value: Any) -> bool:
    """Whether a value, or each member of a tuple, is known."""
    return all(is_known(item) for item in value) if isinstance(value, tuple) else is_known(value)
