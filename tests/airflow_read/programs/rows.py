"""A row of the tables of statements."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A statement with holes; ``offers`` what it makes possible, by kind; ``top``: never in a body."""

    text: str
    offers: tuple[tuple[str, str], ...] = ()
    top: bool = False
