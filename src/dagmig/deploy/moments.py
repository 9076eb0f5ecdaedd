"""When a schedule fires, moment by moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo

from dagmig.graph.cron import Cron

FAR = (
    366 * 9
)  # days: the longest time between two 29ths of February that are Mondays is longer, and no schedule


def fires(cron: Cron, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The moments, in UTC, at which a clock in ``zone`` shows what ``cron`` says, from ``after`` (aware) on.

    A time that the clock jumps over is none; one that it shows twice is the first.
    """
    day = after.astimezone(zone).date()
    for number in range(FAR):
        today = day + timedelta(days=number)
        if not cron.has_day(today.month, today.day, today.isoweekday() % 7):
            continue
        for hour in cron.hours:
            for minute in cron.minutes:
                local = datetime(today.year, today.month, today.day, hour, minute, tzinfo=zone)
                moment = local.astimezone(timezone.utc)
                is_shown = moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
                if is_shown and moment >= after:
                    yield moment


def clock_changes(zone: tzinfo, first: int, last: int) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of local time, without a zone, that a clock jumps over or shows twice, of the years
    ``first`` to ``last`` (not included).
    """
    hour = datetime(first, 1, 1, tzinfo=timezone.utc)
    before = hour.astimezone(zone).utcoffset() or timedelta()
    while hour.year < last:
        hour += timedelta(hours=1)
        now = hour.astimezone(zone).utcoffset() or timedelta()
        if now != before:
            local = hour.replace(tzinfo=None)
            yield local + min(now, before), local + max(now, before)
            before = now
