"""Crons of the last day of months (``L``), or of the last or nth of their weekdays (``L5``, ``1#2``).

croniter's spelling, which is Airflow's: https://github.com/pallets-eco/croniter/blob/main/README.rst
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from dagmig.graph.cron import PRESETS, Cron, expand

LAST = 0
_NTH = re.compile(r"(?P<day>[0-7]|sun|mon|tue|wed|thu|fri|sat)#(?P<number>[1-5])|l(?P<last>[0-7])")


@dataclass(frozen=True, slots=True)
class Monthly:
    """When it fires: on the last day of ``months`` (None: of all), or on each of ``weekdays``: the day (0 is
    Sunday) and which of the month it is, ``LAST`` for the last; empty for the last day.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...] | None
    weekdays: tuple[tuple[int, int], ...]

    def has_date(self, day: date) -> bool:
        if self.months is not None and day.month not in self.months:
            return False
        if not self.weekdays:
            return (day + timedelta(days=1)).day == 1
        weekday, number = day.isoweekday() % 7, (day.day + 6) // 7
        is_last = (day + timedelta(days=7)).month != day.month
        return (weekday, number) in self.weekdays or (is_last and (weekday, LAST) in self.weekdays)


def cron(text: str) -> Cron | Monthly:
    """The sets of an expression. Raises ``ValueError`` for one that is none, or that no schedule has."""
    columns = PRESETS.get(text.strip().lower(), text).lower().split()
    if len(columns) != 5:
        return expand(text)
    minute, hour, day, month, weekday = columns
    is_monthly = (day == "l" and weekday in ("*", "?")) or (day in ("*", "?") and _is_nth(weekday))
    if not is_monthly:
        return expand(text)
    plain = expand(f"{minute} {hour} * {month} *")
    return Monthly(plain.minutes, plain.hours, plain.months, () if day == "l" else _nth(weekday))


def _is_nth(text: str) -> bool:
    """Of several none may be the last: that is the fourth or the fifth, too."""
    items = text.split(",")
    return all(map(_NTH.fullmatch, items)) and (len(items) == 1 or "l" not in text)


def _nth(text: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for item in _NTH.finditer(text):
        day = item["day"] or item["last"]
        (weekday,) = expand(f"0 0 * * {day}").weekdays or ()
        found.add((weekday, int(item["number"] or LAST)))
    return tuple(sorted(found))
