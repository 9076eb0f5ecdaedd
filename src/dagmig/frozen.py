"""Dataclasses for values that are made by the thousand for each file.

For the type checker ``frozen`` is ``dataclasses.dataclass``, which refuses an assignment to a field. At run
time nothing does: a frozen dataclass sets each field by way of ``object.__setattr__``, which takes four times
as long, and its class is slower to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as frozen
else:
    from dataclasses import dataclass

    def frozen(*, frozen: bool, **terms: Any) -> Any:
        """``@frozen(frozen=True, ...)``; equal values have equal hashes, as those of a frozen dataclass."""
        return dataclass(unsafe_hash=frozen, **terms)


__all__ = ["frozen"]
