"""RFC 3339 moments, as Step Functions reads them: with ``T``, and ``Z`` or an offset."""

from __future__ import annotations

import datetime
import re
from typing import Any

_MOMENT = re.compile(
    r"(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:\d\d)"
)
_SECOND = 1_000_000_000
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def nanoseconds(text: Any) -> int | None:
    """A moment as nanoseconds since 1970, whatever its number of fraction digits; None if it is none."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    zone = "+00:00" if found["zone"] == "Z" else found["zone"]
    try:
        moment = datetime.datetime.fromisoformat(found["moment"] + zone)
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // datetime.timedelta(seconds=1)
    return seconds * _SECOND + int((found["fraction"] or "0").ljust(9, "0"))
