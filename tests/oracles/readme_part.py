"""What an oracle measures in README.md: a part from ``<!-- measured: COMMAND -->`` to ``<!-- end -->``."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def with_part(text: str, command: str, body: str) -> str:
    """The README with what a command measures now; raises ``ValueError`` where it has no place for it."""
    part = re.compile(rf"(<!-- measured: {re.escape(command)} -->\n\n).*?(\n?<!-- end -->)", re.DOTALL)
    if not part.search(text):
        raise ValueError("the README has no part for the table")
    return part.sub(lambda found: found[1] + body + found[2], text)


def write_part(command: str, body: str) -> None:
    """Put it into the README."""
    README.write_text(with_part(README.read_text(encoding="utf-8"), command, body), encoding="utf-8")
