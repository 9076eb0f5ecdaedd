"""A cron expression as sets, in croniter's dialect, which is Airflow's.

https://github.com/pallets-eco/croniter/blob/main/README.rst; presets: ``airflow/utils/dates.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


@dataclass(frozen=True, slots=True)
class Cron:
    """When it fires: ``days`` of the month or ``weekdays`` (0 is Sunday), None where any will do; a day that
    is in one of the two where both are given.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...] | None
    months: tuple[int, ...] | None
    weekdays: tuple[int, ...] | None

    @property
    def is_any_day(self) -> bool:
        return self.days is self.weekdays is self.months is None

    def has_day(self, month: int, day: int, weekday: int) -> bool:
        """Whether it fires on such a day."""
        if self.months is not None and month not in self.months:
            return False
        if self.days is None or self.weekdays is None:
            return (self.days is None or day in self.days) and (
                self.weekdays is None or weekday in self.weekdays
            )
        return day in self.days or weekday in self.weekdays

    def has_date(self, day: date) -> bool:
        return self.has_day(day.month, day.day, day.isoweekday() % 7)


def ranges(values: Sequence[int]) -> str:
    """Numbers in order as numbers and ranges of three or more: ``1-3,5``."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)


def expand(text: str) -> Cron:
    """The sets of an expression. Raises ``ValueError`` for one that is none, or has more than plain fields
    (seconds, ``L``, ``#``, ``W``, random values, a range from a value to itself, or around the end in steps).
    """
    columns = PRESETS.get(text.strip().lower(), text).lower().split()
    if len(columns) == 6 and columns[5] == "0":
        columns = columns[:5]
    if len(columns) != 5:
        raise ValueError(f"not five fields: {text}")
    sets = [_field(column, place) for place, column in enumerate(columns)]
    minutes, hours, days, months, weekdays = sets
    return Cron(
        minutes,
        hours,
        None if _is_any(columns[2], days, 2, columns[4]) else days,
        None if len(months) == 12 else months,
        None if _is_any(columns[4], weekdays, 4, columns[2]) else weekdays,
    )


def _is_any(column: str, found: tuple[int, ...], place: int, other: str) -> bool:
    """The rule of croniter: ``*``, or all values where the other field of days has a ``*`` in it."""
    low, high = _BOUNDS[place]
    return column in ("*", "?") or (len(found) == high - low + 1 and ("*" in other or "?" in other))


def _field(column: str, place: int) -> tuple[int, ...]:
    found: set[int] = set()
    for item in column.split(","):
        found |= _item(item, place)
    return tuple(sorted(found))


def _item(item: str, place: int) -> set[int]:
    low, high = _BOUNDS[place]
    body, slash, step_text = item.partition("/")
    step = int(step_text) if slash else 1
    if step < 1:
        raise ValueError(f"not a step: {item}")
    if body in ("*", "?"):
        return set(range(low, high + 1, step))
    first_text, dash, last_text = body.partition("-")
    first = _value(first_text, place)
    last = _value(last_text, place) if dash else high if slash else first
    if place == 4 and dash and last_text == "7":
        last = 7  # Sunday at the end of a range
    if dash and first == last:
        raise ValueError(f"one value, or all of them, as croniter's version has it: {item}")
    if first <= last:
        return {value % 7 if place == 4 else value for value in range(first, last + 1, step)}
    if step > 1:
        raise ValueError(f"steps around the end, which croniter's versions count differently: {item}")
    size = high - low + 1
    return {(value - low) % size + low for value in range(first, last + size + 1, step)}


def _value(text: str, place: int) -> int:
    names = {3: _MONTHS, 4: _DAYS}.get(place, ())
    if text in names:
        return names.index(text) + (1 if place == 3 else 0)
    value = int(text)
    low, high = _BOUNDS[place]
    if place == 4 and value == 7:
        return 0
    if not low <= value <= high:
        raise ValueError(f"not in {low} to {high}: {text}")
    return value
