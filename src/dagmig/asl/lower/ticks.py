"""The times a schedule fires, as JSONata: the tick before another one, and the last one up to a moment.

Moments are milliseconds. https://docs.jsonata.org/date-time-functions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import cached_property

from dagmig.graph.cron import Cron
from dagmig.graph.zone import YEARS
from dagmig.graph.zone import offsets as zone_offsets

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Every:
    """Ticks of the same distance in milliseconds; ``offset`` is a tick's distance from the epoch, None where
    they are counted from any moment (a ``timedelta``).
    """

    period: int
    offset: int | None = None

    def before(self, tick: str) -> str:
        """The tick before a tick."""
        return f"{tick} - {self.period}"

    def up_to(self, moment: str) -> str:
        """The last tick that is not after a moment."""
        if self.offset is None:
            return moment
        since = f"({moment} - {self.offset})" if self.offset else moment
        return f"{moment} - {since} % {self.period}"


@dataclass(frozen=True)
class Calendar:
    """Ticks of a cron expression in a zone whose clock is ``offset`` milliseconds before UTC's."""

    cron: Cron
    offset: int = 0

    def before(self, tick: str) -> str:
        """The tick before a tick: another day at the same time, or the last of all times before."""
        if len(self.cron.hours) > 1 or len(self.cron.minutes) > 1:
            return self._search(tick, "<")
        days = f"[1..{self.gap}].({tick} - $ * {DAY})"
        return f"({days}[{self._is_day(self._local('$'))}])[0]" if not self.cron.is_any_day else (
            f"{tick} - {DAY}"
        )  # fmt: skip

    def up_to(self, moment: str) -> str:
        """The last tick that is not after a moment."""
        return self._search(moment, "<=")

    def _search(self, moment: str, compared: str) -> str:
        local = f"$floor({self._local('$at')} / {DAY})"
        days = f"[0..{self.gap}].({local} - $).($ * {DAY})"
        if not self.cron.is_any_day:
            days += f"[{self._is_day('$')}]"
        return f"($at := {moment}; $max({days}{self._times()}[$ {compared} $at]))"

    def _times(self) -> str:
        """JSONata that makes the ticks of a day of its beginning ``$``."""
        hours, minutes = self.cron.hours, self.cron.minutes
        if len(hours) == len(minutes) == 1:
            since = hours[0] * HOUR + minutes[0] * MINUTE - self.offset
            return f".($ + {since})" if since else ""
        time = f"$day + $hour * {HOUR} + $ * {MINUTE}{_plus(-self.offset)}"
        return f".($day := $; {_list(hours)}.($hour := $; {_list(minutes)}.({time})))"

    def _local(self, moment: str) -> str:
        return f"({moment}{_plus(self.offset)})" if self.offset else moment

    def _is_day(self, moment: str) -> str:
        """JSONata for whether it fires on the day of a moment."""
        cron = self.cron
        parts: list[str] = []
        if cron.days is not None:
            parts.append(_in(f"$fromMillis({moment}, '[D]')", cron.days))
        if cron.weekdays is not None:  # of ISO, where Sunday is 7
            numbers = sorted(number or 7 for number in cron.weekdays)
            parts.append(_in(f"$fromMillis({moment}, '[F1]')", numbers))
        found = " or ".join(parts)
        if cron.months is None:
            return found
        month = _in(f"$fromMillis({moment}, '[M]')", cron.months)
        return f"{month} and ({found})" if len(parts) > 1 else " and ".join([month, *parts])

    @cached_property
    def gap(self) -> int:
        """The largest number of days between two on which it fires."""
        longest, last = 1, None
        for day in _days():
            if self.cron.has_day(day.month, day.day, day.isoweekday() % 7):
                number = day.toordinal()
                longest = max(longest, number - last if last is not None else 0)
                last = number
        return longest


def _days() -> Iterator[date]:
    first, last = (date(year, 1, 1).toordinal() for year in YEARS)
    return (date.fromordinal(number) for number in range(first, last))


def _plus(amount: int) -> str:
    return f" + {amount}" if amount > 0 else f" - {-amount}" if amount < 0 else ""


def _in(text: str, numbers: Sequence[int]) -> str:
    shown = [f"'{number}'" for number in numbers]
    return f"{text} = {shown[0]}" if len(shown) == 1 else f"{text} in [{', '.join(shown)}]"


def _list(numbers: Sequence[int]) -> str:
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"[{numbers[0]}..{numbers[-1]}]"
    return f"[{', '.join(map(str, numbers))}]"


def ticks(cron: Cron, zone: tzinfo | None) -> Every | Calendar | None:
    """The ticks of an expression in a zone; None where the zone's clock changes, so that they have no rule.

    ``zone`` None is a zone that is not known.
    """
    offsets = None if zone is None else zone_offsets(zone)
    is_hourly = len(cron.hours) == 24 and cron.is_any_day
    if is_hourly and offsets is not None and all(offset % HOUR == 0 for offset in offsets):
        offsets = {0}
    if offsets is None or len(offsets) != 1:
        return None
    offset = next(iter(offsets))
    if cron.is_any_day and (period := _period(cron)) is not None:
        first = (cron.hours[0] * HOUR + cron.minutes[0] * MINUTE - offset) % period
        return Every(period, first)
    return Calendar(cron, offset)


def _period(cron: Cron) -> int | None:
    """The distance of the times of a day, where it is always the same."""
    times = [hour * HOUR + minute * MINUTE for hour in cron.hours for minute in cron.minutes]
    distances = {later - first for first, later in zip(times, [*times[1:], times[0] + DAY], strict=True)}
    return distances.pop() if len(distances) == 1 else None
