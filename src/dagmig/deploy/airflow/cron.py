"""A cron expression of EventBridge as one of croniter, which is Airflow's.

EventBridge: minutes, hours, day of month, month, day of week (1 is Sunday), year; one of the fields of days
is ``?``. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
croniter: no year, 0 is Sunday. https://github.com/pallets-eco/croniter/blob/main/README.rst
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dagmig.graph.cron import ranges

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
NAMES = {"month": MONTHS, "day of the week": DAYS}
BOUNDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "day of the week": (1, 7)}
ANY = ("*", "?")


class NotCron(ValueError):
    """What croniter cannot say; the argument is the reason."""


def airflow_cron(text: str) -> str:
    """``0 9 ? * MON-FRI *`` -> ``0 9 * * 1-5``. Raises ``NotCron``."""
    columns = text.upper().split()
    if len(columns) != 6:
        raise NotCron(f"`{text}` has not six fields")
    if columns[5] != "*":
        raise NotCron(f"Airflow has no years in a cron expression: {columns[5]}")
    *fields, weekday = columns[:5]
    found = [_field(column, name) for column, name in zip(fields, BOUNDS, strict=False)]
    found[2] = "l" if columns[2] == "L" else found[2]
    return " ".join([*found, _weekday(weekday)])


def _weekday(column: str) -> str:
    if (last := re.fullmatch(r"([1-7]|[A-Z]{3})L", column)) is not None:
        return f"L{_value(last[1], 'day of the week') - 1}"
    if (nth := re.fullmatch(r"([1-7]|[A-Z]{3})#([1-5])", column)) is not None:
        return f"{_value(nth[1], 'day of the week') - 1}#{nth[2]}"
    if column == "L":
        return "6"  # Saturday ends the week
    return _field(column, "day of the week")


def _field(column: str, name: str) -> str:
    if column in ANY or (name == "day" and column == "L"):
        return "*"
    values = {value for item in column.split(",") for value in _item(item, name)}
    low, high = BOUNDS[name]
    shift = 1 if name == "day of the week" else 0
    return _text(sorted(value - shift for value in values), low - shift, high - shift)


def _item(item: str, name: str) -> Sequence[int]:
    """The numbers of one item: a value, a range that may pass the end, or steps."""
    low, high = BOUNDS[name]
    body, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        raise NotCron(f"`{item}` is not a step")
    first_text, dash, last_text = body.partition("-")
    first = low if body in ANY else _value(first_text, name)
    last = _value(last_text, name) if dash else high if slash or body in ANY else first
    size = high - low + 1
    length = (last - first) % size + 1
    return [(first - low + place) % size + low for place in range(0, length, int(step) if slash else 1)]


def _value(text: str, name: str) -> int:
    names = NAMES.get(name, ())
    if text in names:
        return names.index(text) + 1
    low, high = BOUNDS[name]
    if not (text.isdecimal() and low <= int(text) <= high):
        raise NotCron(f"croniter has no {name} `{text}`")
    return int(text)


def _text(values: Sequence[int], low: int, high: int) -> str:
    """The shortest way to write a set: all, steps from the first value, or numbers and ranges."""
    if len(values) == high - low + 1:
        return "*"
    step = values[1] - values[0] if len(values) > 2 else 1
    if step > 1 and list(values) == list(range(values[0], high + 1, step)):
        return f"*/{step}" if values[0] == low else f"{values[0]}-{high}/{step}"
    return ranges(values)
