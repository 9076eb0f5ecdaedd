"""How far the clocks of a time zone are before UTC's."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

YEARS = (1995, 2110)  # in which a zone's clock is looked at


def named(name: str) -> ZoneInfo | None:
    """The zone of a name; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offsets(zone: tzinfo) -> set[int]:
    """All offsets from UTC that the zone has, in milliseconds."""
    moment, last = (datetime(year, 1, 1) for year in YEARS)
    found: set[int] = set()
    while moment < last:
        offset = moment.replace(tzinfo=zone).utcoffset() or timedelta()
        found.add(offset // timedelta(milliseconds=1))
        moment += timedelta(days=20)
    return found


def fixed_offset(zone: tzinfo) -> int:
    """The one offset from UTC of a zone, in milliseconds. Raises ``ValueError`` where its clock changes."""
    found = offsets(zone)
    if len(found) != 1:
        raise ValueError(f"a time of day in {zone}, which changes its clock,")
    return found.pop()
