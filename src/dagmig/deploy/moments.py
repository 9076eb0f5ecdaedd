"""When a schedule fires, moment by moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo

from dagmig.deploy.monthly import Monthly
from dagmig.graph.cron import Cron

FAR = (
    366 * 41
)  # days without a run after which there is none: five Mondays in a February are 28 or 40 years apart

LAST = date(9990, 1, 1)


def fires(cron: Cron | Monthly, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The moments, in UTC, at which a clock in ``zone`` shows what ``cron`` says, from ``after`` (aware) on.

    A time that the clock jumps over is none; one that it shows twice is the first.
    """
    today, without = after.astimezone(zone).date() - timedelta(days=1), 0
    while without < FAR and today < LAST:
        today += timedelta(days=1)
        if not cron.has_date(today):
            without += 1
            continue
        without = 0
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
