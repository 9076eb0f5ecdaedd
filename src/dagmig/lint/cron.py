"""Is a text a cron expression that Airflow accepts? Airflow hands it to croniter: this is its dialect.

Five fields, a sixth for seconds and a seventh for years; names of months and days; ranges that wrap;
``*/n``, ``a/n``; ``L`` for the last day, ``L5`` for the last Friday, ``1#2`` for the second Monday; ``?``
for a day; presets.
https://github.com/pallets-eco/croniter/blob/main/README.rst
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

PRESETS = frozenset(
    f"@{name}"
    for name in (
        *("once", "continuous", "hourly", "daily", "weekly"),
        *("monthly", "quarterly", "yearly", "annually", "midnight"),
    )
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}
DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
NTH_DAY = re.compile(r"(?P<day>\w+)#(?P<nth>\d+)", re.ASCII)
LAST_DAY = re.compile(r"l(?P<day>\d+)", re.ASCII)
NEAREST = re.compile(r"(?:(\d+)w|w(\d+))", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name, bounds (7 is a second name of Sunday), and the names of its values."""

    name: str
    low: int
    high: int
    names: dict[str, int] = field(default_factory=dict)


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day of week", 0, 7, DAYS),
    Field("second", 0, 59),
    Field("year", 1970, 2099),
)
DAY_OF_MONTH, MONTH, DAY_OF_WEEK = FIELDS[2:5]


def problem(text: str) -> str | None:
    """What is wrong with an expression, in a few words; None where nothing is."""
    expression = text.strip().lower()
    if expression in PRESETS:
        return None
    if expression.startswith("@"):
        return "there is no such preset"
    columns = expression.split()
    if not 5 <= len(columns) <= 7:
        return f"it has {len(columns)} fields, not 5 (or 6, with seconds)"
    for column, about in zip(columns, FIELDS, strict=False):
        if why := _field_problem(column, about):
            return f"{about.name} {why}"
    return _impossible_date(columns)


def _field_problem(column: str, about: Field) -> str | None:
    if "?" in column:
        is_alone = column == "?" and about in (DAY_OF_MONTH, DAY_OF_WEEK)
        return None if is_alone else "`?` stands alone, for a day of month or a day of week"
    items = column.split(",")
    if about is DAY_OF_MONTH and len(items) > 1 and any(NEAREST.fullmatch(item) for item in items):
        return "`W` stands alone"
    special = [bool(NTH_DAY.fullmatch(i) or LAST_DAY.fullmatch(i)) for i in items if i != "*"]
    if about is DAY_OF_WEEK and any(special) and not all(special):
        return "mixes a plain day with the n-th or last one"
    return next((why for item in items if (why := _item_problem(item, about))), None)


def _item_problem(item: str, about: Field) -> str | None:
    if about is DAY_OF_MONTH:
        if item == "l":
            return None
        if nearest := NEAREST.fullmatch(item):
            return _value_problem(nearest[1] or nearest[2], about)
    if about is DAY_OF_WEEK:
        if nth := NTH_DAY.fullmatch(item):
            return _value_problem(nth["day"], about) or (
                None if 1 <= int(nth["nth"]) <= 5 else f"`{item}` names no week of a month (1 to 5)"
            )
        if last := LAST_DAY.fullmatch(item):
            return _value_problem(last["day"], about)
    body, slash, step = item.partition("/")
    if slash and (not step.isdecimal() or int(step) == 0):
        return f"`{item}` has no step above 0"
    if body == "*":
        return None
    low, dash, high = body.partition("-")
    if about is DAY_OF_MONTH and dash and high == "l":
        high = "31"
    values = (low, high) if dash else (low,)
    return next((why for value in values if (why := _value_problem(value, about))), None)


def _value_problem(text: str, about: Field) -> str | None:
    value = about.names.get(text) if not text.isdecimal() else int(text)
    if value is None:
        return f"`{text}` is not a value"
    return None if about.low <= value <= about.high else f"`{text}` is not in {about.low} to {about.high}"


def _impossible_date(columns: list[str]) -> str | None:
    """Days that none of the months has: 31 February. A day of week gives other days."""
    _, _, days, months, weekdays = columns[:5]
    if weekdays not in ("*", "?") or not re.fullmatch(r"[\d,]+", days):
        return None
    if not re.fullmatch(r"[\w,]+", months):
        return None
    numbers = [MONTHS.get(month) or int(month) for month in months.split(",")]
    if min(map(int, days.split(","))) <= max(LONGEST[number - 1] for number in numbers):
        return None
    return f"no month {months} has a day {days}"
