"""The quotas of an execution: how much data there is, and how long its history."""

from __future__ import annotations

import json
from typing import Any

from dagmig.asl.quotas import MAX_DATA, MAX_EVENTS
from dagmig.verify.engine.errors import DATA_LIMIT, RUNTIME, StatesError

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SMALL = 60_000  # a text of so many characters fits, whatever they are


def size(value: Any) -> int:
    """Bytes of the value as UTF-8 JSON."""
    return len(_encode(value).encode("utf-8", "surrogatepass"))


def checked(value: Any, what: str, *, is_result: bool = False) -> Any:
    """The value. Raises ``States.DataLimitExceeded``, which only a Task's result lets a Catch see."""
    if value is None or type(value) in (bool, int, float) or (type(value) is str and len(value) < _SMALL):
        return value
    if not value:
        return value
    if size(value) > MAX_DATA:
        cause = (
            f"The state/task '{what}' returned a result with a size exceeding the maximum number of bytes "
            "service limit."
        )
        raise StatesError(DATA_LIMIT, cause, is_final=not is_result)
    return value


class History:
    """The length of an execution's history: events are counted, not kept."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events = 0

    def add(self, number: int = 1) -> int:
        """Count events; the last one's id. Raises ``States.Runtime`` beyond the quota."""
        self.events += number
        if self.events > MAX_EVENTS:
            cause = f"The execution reached the maximum number of history events ({MAX_EVENTS})."
            raise StatesError(RUNTIME, cause)
        return self.events
