"""When a schedule of EventBridge Scheduler fires, by what its user guide says; only for tests.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. It refuses what the table
of fields there does not allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo

BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7))
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class InvalidExpression(ValueError):
    """What CreateSchedule would refuse."""


def fires(expression: str, start: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The moments in UTC from ``start`` (aware) on. A local time that does not come is none, and one that
    comes twice is the first.
    """
    if (rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression)) is not None:
        if (int(rate[1]) == 1) == bool(rate[3]) or rate[1] == "0":
            raise InvalidExpression(expression)
        return _every(int(rate[1]) * UNITS[rate[2]], start)
    columns = expression.removeprefix("cron(").removesuffix(")").split(" ")
    if not re.fullmatch(r"cron\(.*\)", expression) or len(columns) != 6 or columns[5] != "*":
        raise InvalidExpression(expression)
    if columns[2:5:2].count("?") != 1:
        raise InvalidExpression(f"one of the fields of days has to be ?: {expression}")
    return _cron(columns, start, zone)


def _every(period: timedelta, start: datetime) -> Iterator[datetime]:
    while True:
        yield start
        start += period


def _cron(columns: list[str], start: datetime, zone: tzinfo) -> Iterator[datetime]:
    minutes, hours, months = _numbers(columns[0], 0), _numbers(columns[1], 1), _numbers(columns[3], 3)
    is_on = _days(columns[2]) if columns[4] == "?" else _weekdays(columns[4])
    day = start.astimezone(zone).date()
    while day.year < 2199:
        if day.month in months and is_on(day):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                    moment = local.astimezone(timezone.utc)
                    if (
                        moment >= start
                        and moment.astimezone(zone) == local
                        and _is_shown(moment, local, zone)
                    ):
                        yield moment
        day += timedelta(days=1)


def _is_shown(moment: datetime, local: datetime, zone: tzinfo) -> bool:
    return moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)


def _days(column: str) -> Callable[[date], bool]:
    if column == "L":
        return lambda day: (day + timedelta(days=1)).day == 1
    numbers = _numbers(column, 2)
    return lambda day: day.day in numbers


def _weekdays(column: str) -> Callable[[date], bool]:
    if "/" in column:
        raise InvalidExpression(f"no steps of days of the week: {column}")
    if (last := re.fullmatch(r"([1-7])L", column)) is not None:
        return lambda day: _weekday(day) == int(last[1]) and (day + timedelta(days=7)).month != day.month
    if (nth := re.fullmatch(r"([1-7])#([1-5])", column)) is not None:
        return lambda day: _weekday(day) == int(nth[1]) and (day.day - 1) // 7 + 1 == int(nth[2])
    numbers = _numbers(column, 4)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    """1 is Sunday."""
    return day.isoweekday() % 7 + 1


def _numbers(column: str, place: int) -> set[int]:
    low, high = BOUNDS[place]
    if column == "*":
        return set(range(low, high + 1))
    found: set[int] = set()
    for item in column.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+)|/(\d+))?", item)
        if match is None:
            raise InvalidExpression(f"{item} in {column}")
        first, last = int(match[1]), int(match[2] or (high if match[3] else match[1]))
        step = int(match[3] or 1)
        if not low <= first <= last <= high or step < 1:
            raise InvalidExpression(f"{item} in {column}")
        found |= set(range(first, last + 1, step))
    return found
