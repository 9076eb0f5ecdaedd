"""The names a DAG file binds: imports, functions, variables; each once."""

from __future__ import annotations

import builtins
import keyword
import re

_RESERVED = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"dag", "match", "case", "type", "l"}
_MAX_LENGTH = 40


class Names:
    """The names taken so far in one module."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = set(taken)

    def variable(self, task_id: str) -> str:
        """A free name for a task: its id where that can be one (what ruff's AIR001 asks for)."""
        is_name = task_id.isidentifier() and task_id.isascii() and not task_id.startswith("_")
        if is_name and task_id not in _RESERVED and task_id not in self.taken:
            return self.free(task_id)
        return self.function(task_id, "task")

    def function(self, task_id: str, suffix: str) -> str:
        """A free snake-case name; with the suffix where it is taken without."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", task_id)
        stem = re.sub(r"[^0-9A-Za-z]+", "_", spaced).strip("_").lower()[:_MAX_LENGTH].rstrip("_") or "task"
        if stem[0].isdigit():
            stem = f"task_{stem}"
        return self.free(f"{stem}_{suffix}" if stem in _RESERVED or stem in self.taken else stem)

    def free(self, wanted: str) -> str:
        """``wanted``, with a number where it is taken."""
        found, number = wanted, 2
        while found in self.taken or found in _RESERVED:
            found, number = f"{wanted}_{number}", number + 1
        self.taken.add(found)
        return found
