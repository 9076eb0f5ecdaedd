"""Names in a machine: states (at most 80 characters, each once) and variables (Unicode identifiers)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from dagmig.asl.quotas import MAX_NAME

MAX_PART = 36  # two of them, and what says which is which


@dataclass(slots=True)
class Names:
    """The state names given out so far, in the whole machine."""

    taken: set[str] = field(default_factory=set)

    def state(self, wanted: str, suffix: str = "") -> str:
        """A free name: ``wanted`` with its suffix, cut with a hash where too long, numbered where taken."""
        room = MAX_NAME - len(suffix)
        base = wanted if len(wanted) <= room else f"{wanted[: room - 9]}-{_digest(wanted)[:8]}"
        name, number = base + suffix, 2
        while name in self.taken:
            ending = f"{suffix} {number}"
            name = base[: MAX_NAME - len(ending)] + ending
            number += 1
        self.taken.add(name)
        return name


def identifier(text: str) -> str:
    """A task id or an XCom's key as part of a variable's name, which has at most 80 characters; a short hash
    keeps apart those that are changed or cut.
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "_", text)
    if plain == text and len(plain) <= MAX_PART:
        return plain
    return f"{plain[: MAX_PART - 5]}_{_digest(text)[:4]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
