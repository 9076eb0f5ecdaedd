"""``collections`` and ``copy``."""

from __future__ import annotations

import copy
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from typing import Any

VALUES: dict[str, Callable[..., Any]] = {
    "collections.Counter": Counter,
    "collections.OrderedDict": OrderedDict,
    "collections.deque": deque,
    "copy.deepcopy": copy.deepcopy,
}
SHAPES: dict[str, Callable[..., Any]] = {
    "copy.copy": lambda value: value if not isinstance(value, (list, dict, set)) else copy.copy(value),
}
