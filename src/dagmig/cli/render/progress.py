"""A bar on standard error while a long run goes on; never in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
FEW = 200  # files that are done before a bar could be read


def tracked(items: Iterable[T], total: int, description: str = "Checking") -> Iterator[T]:
    """The items as they come; ``total`` is how many there will be."""
    if total < FEW or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, description=description, total=total, console=console, transient=True)
