"""State names -> task ids: valid, unique, at most 250 characters (Airflow's ``KEY_REGEX``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

MAX_LENGTH = 250
MACHINE_SUFFIXES = (".asl.json", ".asl.yaml", ".asl.yml", ".json", ".yaml", ".yml")
_INVALID = re.compile(r"[^A-Za-z0-9_.-]+")


class Names:
    """The task ids given so far; ``group`` is the task group whose tasks are named now.

    ``states`` are the names of all states: one that is a valid id is kept for its state.
    """

    def __init__(self, states: Iterable[str] = ()) -> None:
        self.taken: set[str] = set()
        self.kept = {name for name in states if valid_id(name, "") == name}
        self.group = ""

    def give(self, wanted: str, state: str = "") -> str:
        """The id nearest to ``wanted`` that is free, with the group's before it; that of ``state``."""
        self.kept.discard(state)
        before = f"{self.group}." if self.group else ""
        length = MAX_LENGTH - len(before)
        stem = (valid_id(wanted, "state").removeprefix(before) or "state")[:length]
        found, number = stem, 2
        while found in self.taken or found in self.kept:
            suffix = f"_{number}"
            found, number = stem[: length - len(suffix)] + suffix, number + 1
        self.taken.add(found)
        return before + found

    def local(self, task_id: str) -> str:
        """A task id without its group's."""
        return task_id.removeprefix(f"{self.group}.")


def from_file(file: str) -> str:
    """A DAG's id from the name of the machine's file."""
    name = PurePath(file).name
    stem = next((name.removesuffix(suffix) for suffix in MACHINE_SUFFIXES if name.endswith(suffix)), name)
    return valid_id(stem, "dag")


def valid_id(text: str, otherwise: str) -> str:
    """``text`` with every stretch of other characters made one underscore."""
    return _INVALID.sub("_", text).strip("_")[:MAX_LENGTH] or otherwise
