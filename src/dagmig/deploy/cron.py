"""A cron expression in the dialect of EventBridge Scheduler.

Six fields: minutes, hours, day of month, month, day of week (1 is Sunday, and there are no steps), year; one
of the fields of days is ``?``. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dagmig.deploy.monthly import LAST, Monthly
from dagmig.graph.cron import Cron, ranges


@dataclass(frozen=True, slots=True)
class Expression:
    """One schedule's ``cron(...)``; runs on days of the month that are in ``without`` are another's."""

    text: str
    without: tuple[int, ...] = ()


def expressions(cron: Cron | Monthly) -> tuple[Expression, ...]:
    """What fires when ``cron`` does: two where it fires on days of the month or of the week, as one fires on
    one of these; one for each nth weekday.
    """
    time = f"{_field(cron.minutes, 0, 59)} {_field(cron.hours, 0, 23)}"
    months = "*" if cron.months is None else _field(cron.months, 1, 12)
    if isinstance(cron, Monthly):
        return tuple(Expression(f"cron({time} {days})") for days in _monthly(cron, months))
    days, weekdays = cron.days, cron.weekdays
    if days is not None and weekdays is not None and (len(days) == 31 or len(weekdays) == 7):
        days = weekdays = None  # one of these is every day
    by_day = f"cron({time} {'*' if days is None else _field(days, 1, 31)} {months} ? *)"
    if weekdays is None:
        return (Expression(by_day),)
    numbers = ranges([day + 1 for day in weekdays])
    by_weekday = Expression(f"cron({time} ? {months} {numbers} *)", days or ())
    return (by_weekday,) if days is None else (Expression(by_day), by_weekday)


def _monthly(cron: Monthly, months: str) -> Iterator[str]:
    """The fields of days and months; a field has one ``#``."""
    if not cron.weekdays:
        yield f"L {months} ? *"
    for weekday, number in cron.weekdays:
        yield f"? {months} {weekday + 1}{'L' if number == LAST else f'#{number}'} *"


def _field(values: Sequence[int], low: int, high: int) -> str:
    """The shortest way to write a set: all, steps from a first to the end, or numbers and ranges."""
    if len(values) == high - low + 1:
        return "*"
    if len(values) > 2:
        step = values[1] - values[0]
        if step > 1 and list(values) == list(range(values[0], high + 1, step)):
            return f"{values[0]}/{step}"
    return ranges(values)
