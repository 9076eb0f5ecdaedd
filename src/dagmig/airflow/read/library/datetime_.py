"""``datetime``, ``zoneinfo``, and of ``pendulum`` and ``dateutil`` what makes the same values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo


def _pendulum(*args: Any, tz: Any = "UTC", **kwargs: Any) -> datetime:
    zone = timezone.utc if tz == "UTC" else ZoneInfo(tz) if isinstance(tz, str) else tz
    return datetime(*args, **kwargs, tzinfo=zone)  # type: ignore[misc]


def _in_utc(*args: Any, **kwargs: Any) -> datetime:
    return datetime(*args, **{"tzinfo": timezone.utc, **kwargs})


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
    "pendulum.datetime": _pendulum,
    "pendulum.DateTime": _pendulum,
    "airflow.sdk.timezone.datetime": _in_utc,
    "airflow.utils.timezone.datetime": _in_utc,
    "airflow.providers.common.compat.sdk.timezone.datetime": _in_utc,
    "pendulum.timezone": ZoneInfo,
    "pendulum.tz.timezone": ZoneInfo,
    "pytz.timezone": ZoneInfo,
    "zoneinfo.ZoneInfo": ZoneInfo,
}
CONSTANTS: dict[str, Any] = {"datetime.timezone.utc": timezone.utc}
