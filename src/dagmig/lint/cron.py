"""Is a text a cron expression that Airflow accepts? Airflow hands it to croniter: this is its dialect.

Five fields, a sixth for seconds and a seventh for years; names of months and days; ranges that wrap;
``*/n``, ``a/n``; ``L`` for the last day, ``L5`` for the last Friday, ``1#2`` for the second Monday; ``?``
for a day; ``R`` for a random value; presets.
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
RANDOM = re.compile(r"r(?:\((\d+)-(\d+)\))?(?:/0*[1-9]\d*)?", re.ASCII)
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
    if (drawn := RANDOM.fullmatch(column)) and int(drawn[1] or 0) < int(drawn[2] or 99):
        return next((why for end in drawn.groups() if end and (why := _value_problem(end, about))), None)
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
    if not re.fullmatch(r"[\w,]+", months) or months == "r":
        return None
    numbers = [MONTHS.get(month) or int(month) for month in months.split(",")]
    if min(map(int, days.split(","))) <= max(LONGEST[number - 1] for number in numbers):
        return None
    return f"no month {months} has a day {days}"


RUNS_A_YEAR = {
    **{"@once": 1, "@continuous": 1, "@yearly": 1, "@annually": 1, "@quarterly": 4, "@monthly": 12},
    **{"@weekly": 52, "@daily": 365, "@midnight": 365, "@hourly": 8760},
}


def runs_a_year(text: str) -> int:
    """About how often a year an expression without a ``problem`` fires."""
    expression = text.strip().lower()
    if expression in RUNS_A_YEAR:
        return RUNS_A_YEAR[expression]
    columns = expression.split()
    minutes, hours, dates, months, weekdays = map(_count, columns[:5], FIELDS[:5])
    is_any_date, is_any_weekday = columns[2] in ("*", "?"), columns[4] in ("*", "?")
    if is_any_weekday:
        days = 365 if is_any_date else dates * 12
    else:
        days = 52 * min(weekdays, 7) + (0 if is_any_date else dates * 12)
    return minutes * hours * days * months // 12


def _count(column: str, about: Field) -> int:
    """How many values of its field a column names."""
    return sum(_count_item(item, about) for item in column.split(","))


def _count_item(item: str, about: Field) -> int:
    size = about.high - about.low + 1
    body, slash, step = item.partition("/")
    low, dash, high = body.partition("-")
    first, last = (about.names.get(end, int(end) if end.isdecimal() else None) for end in (low, high))
    if body in ("*", "?"):
        length = size
    elif dash and first is not None and last is not None:
        length = (last - first) % size + 1
    else:
        length = about.high - (first or 0) + 1 if slash else 1
    return -(-length // int(step)) if slash else length
