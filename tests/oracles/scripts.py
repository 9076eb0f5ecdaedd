"""Scripted outcomes of Task states, as JSON: the same for our engine and for an independent one.

``{"State": [...], "State@2": [...]}``: one entry is used by each attempt of the state (``@2``: in item 2 of
the innermost Map), across visits; the last one repeats. An entry is ``{"return": value}`` or ``{"throw":
name, "cause": text}``; both take ``"after": seconds``. A state without entries returns ``{}``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.verify.engine import Attempt, Outcome, failure

Script = Mapping[str, list[dict[str, Any]]]


def caller(script: Script) -> Callable[[Attempt], Outcome]:
    """The function that an execution asks for outcomes; for one execution."""
    used: Counter[Any] = Counter()

    def call(attempt: Attempt) -> Outcome:
        key = (attempt.state, attempt.place)
        entry = entry_of(script, attempt.state, attempt.items, used[key])
        used[key] += 1
        if "throw" in entry:
            return failure(entry["throw"], entry.get("cause"), entry.get("after", 0))
        return Outcome(entry.get("return", {}), entry.get("after", 0))

    return call


def entry_of(script: Script, state: str, items: tuple[int, ...], number: int) -> dict[str, Any]:
    """What the attempt of a state with this number does."""
    entries = script.get(f"{state}@{items[-1]}") if items else None
    entries = entries or script.get(state) or [{}]
    return entries[min(number, len(entries) - 1)]
