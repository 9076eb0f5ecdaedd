"""Code of programs, run for a bounded time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


class OutOfFuel(BaseException):
    """A program ran too long; no ``except`` of its own may catch it."""


def bounded(run: Callable[[], Any], limit: int = 4000) -> Any:
    """Run, for so many lines of the program at the most."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        if frame.f_code.co_filename != "<program>":
            return None
        lines += 1
        if lines > limit:
            raise OutOfFuel
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return run()
    finally:
        sys.settrace(before)
