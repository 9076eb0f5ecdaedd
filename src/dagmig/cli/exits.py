"""The exit codes of every command; scripts rely on them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """0 is good; 1 means something was found or is open; 2 is click's own for usage."""

    OK = 0
    FINDINGS = 1
    OPEN = 1
    USAGE = 2
    UNREADABLE = 3
