"""``datetime``, ``zoneinfo``, and of ``pendulum`` and ``dateutil`` what makes the same values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from dagmig.airflow.read.evaluation import NotKnown
from dagmig.airflow.read.objects import Ref


def _pendulum(*args: Any, tz: Any = "UTC", **kwargs: Any) -> datetime:
    zone = timezone.utc if tz == "UTC" else ZoneInfo(tz) if isinstance(tz, str) else tz
    return datetime(*args, **kwargs, tzinfo=zone)  # type: ignore[misc]


def _utc(*args: Any, **kwargs: Any) -> datetime:
    """As ``airflow.utils.timezone.datetime``: in UTC where no zone is given."""
    return datetime(*args, **{"tzinfo": timezone.utc, **kwargs})


def _parse(text: str) -> datetime:
    """As ``pendulum.parse`` of a date or time as ISO 8601 writes it: in UTC where no zone is given."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotKnown from None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


AIRFLOWS_TIMEZONE = (
    "airflow.utils.timezone",
    "airflow.sdk.timezone",
    "airflow.providers.common.compat.sdk.timezone",
)
VALUES: dict[str, Callable[..., Any]] = {
    "datetime.datetime": datetime,
    "datetime.date": date,
    "datetime.time": time,
    "datetime.timedelta": timedelta,
    "datetime.timezone": timezone,
    "datetime.datetime.strptime": datetime.strptime,
    "datetime.datetime.fromisoformat": datetime.fromisoformat,
    "datetime.datetime.combine": datetime.combine,
    "datetime.date.fromisoformat": date.fromisoformat,
    "pendulum.duration": timedelta,
    "pendulum.time": time,
    "pendulum.parse": _parse,
    "pendulum.datetime": _pendulum,
    "pendulum.DateTime": _pendulum,
    "pendulum.timezone": ZoneInfo,
    "pendulum.tz.timezone": ZoneInfo,
    "pytz.timezone": ZoneInfo,
    "zoneinfo.ZoneInfo": ZoneInfo,
    **{f"{module}.datetime": _utc for module in AIRFLOWS_TIMEZONE},
}
CONSTANTS: dict[str, Any] = {
    "datetime.timezone.utc": timezone.utc,
    "datetime.UTC": timezone.utc,
    "pytz.utc": timezone.utc,
    "pytz.UTC": timezone.utc,
    "pendulum.UTC": timezone.utc,
    "datetime.datetime.min": datetime.min,
    "datetime.datetime.max": datetime.max,
    "datetime.date.min": date.min,
    "datetime.date.max": date.max,
    "airflow.utils.dates.datetime": Ref("datetime.datetime"),
    "airflow.utils.dates.timedelta": Ref("datetime.timedelta"),
    **{f"{module}.utc": timezone.utc for module in AIRFLOWS_TIMEZONE},
}
