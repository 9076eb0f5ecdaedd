"""Values by key in a few JSON files of a folder: one write for many values, and one read.

What cannot be read, or is not what we wrote, is an empty store. Of two runs at once one may lose what the
other put in; there is never half a file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagmig.source import write_text

MOST = 4096  # values a file; those that were put in or asked for last are kept


@dataclass
class Store:
    """``folder`` is made when it is needed. Keys are hexadecimal digests."""

    folder: Path
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def get(self, key: str) -> Any:
        """The value of a key; None where there is none."""
        return self._file(key[0]).get(key)

    def put(self, key: str, value: Any) -> None:
        """Keep a value that JSON can hold, once ``save`` is called."""
        values = self._file(key[0])
        values.pop(key, None)
        values[key] = value
        self.changed.add(key[0])

    def save(self) -> None:
        """Write what was put in; raises ``OSError``."""
        for name in sorted(self.changed):
            values = {**self._read(name), **self.files[name]}
            kept = dict(list(values.items())[-MOST:])
            write_text(self._place(name), json.dumps(kept, separators=(",", ":")))
        self.changed.clear()

    def _file(self, name: str) -> dict[str, Any]:
        if name not in self.files:
            self.files[name] = self._read(name)
        return self.files[name]

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads(self._place(name).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _place(self, name: str) -> Path:
        return self.folder / f"{name}.json"
