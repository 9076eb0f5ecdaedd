"""When a schedule fires, moment by moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo

from dagmig.deploy.monthly import Monthly
from dagmig.graph.cron import Cron

FAR = (
    366 * 41
)  # days without a run after which there is none: five Mondays in a February are 28 or 40 years apart

LAST, DAY = date(9990, 1, 1), timedelta(days=1)


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
    day, end = datetime(first, 1, 1, tzinfo=timezone.utc), datetime(last, 1, 1, tzinfo=timezone.utc)
    while day < end:
        if _offset(day, zone) != _offset(day + DAY, zone):
            hours = (day + timedelta(hours=hour) for hour in range(1, 25))
            before = _offset(day, zone)
            change = next(hour for hour in hours if _offset(hour, zone) != before)
            local, now = change.replace(tzinfo=None), _offset(change, zone)
            yield local + min(now, before), local + max(now, before)
        day += DAY


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
