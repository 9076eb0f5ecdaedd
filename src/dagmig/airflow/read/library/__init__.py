"""What functions of Python and its libraries compute: a row each, from qualified name to function.

A row is handed evaluated arguments; functions of the file come as functions that can be called. ``VALUES``
get plain data only, down to the last member; ``SHAPES`` only arrange what they are given, whatever it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dagmig.airflow.read.library import (
    builtins_,
    collections_,
    datetime_,
    itertools_,
    standard,
    strings,
)

Rows = dict[str, Callable[..., Any]]

VALUES: Rows = {
    **builtins_.VALUES,
    **collections_.VALUES,
    **datetime_.VALUES,
    **itertools_.VALUES,
    **standard.VALUES,
    **strings.VALUES,
}
SHAPES: Rows = {**builtins_.SHAPES, **itertools_.SHAPES, **collections_.SHAPES, **standard.SHAPES}
CONSTANTS: dict[str, Any] = {**strings.CONSTANTS, **datetime_.CONSTANTS, **standard.CONSTANTS}
