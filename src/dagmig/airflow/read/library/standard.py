"""``json``, ``math``, ``base64``, ``hashlib``, ``typing``: what needs no file of its own."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from typing import Any

from dagmig.airflow.read.evaluation import NotKnown


def _dumps(value: Any, **kwargs: Any) -> str:
    if not isinstance(kwargs.get("indent"), (int, type(None))) or (kwargs.get("indent") or 0) > 20:
        raise NotKnown
    return json.dumps(value, **kwargs)


_MATH = "ceil floor sqrt log log2 log10 gcd fabs trunc"
VALUES: dict[str, Callable[..., Any]] = {
    "json.dumps": _dumps,
    "json.loads": json.loads,
    **{f"math.{name}": getattr(math, name) for name in _MATH.split()},
    "base64.b64encode": base64.b64encode,
    "base64.b64decode": base64.b64decode,
}
SHAPES: dict[str, Callable[..., Any]] = {"typing.cast": lambda _, value: value}
CONSTANTS: dict[str, Any] = {"typing.TYPE_CHECKING": False, "math.pi": math.pi}
