"""Calls whose answer differs from one moment to the next."""

from __future__ import annotations

CLOCKS = frozenset(
    {
        *(f"datetime.{name}" for name in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")),
        *(f"pendulum.{name}" for name in ("now", "today", "yesterday", "tomorrow")),
        *("airflow.utils.timezone.utcnow", "airflow.sdk.timezone.utcnow", "time.time", "time.time_ns"),
        *("airflow.utils.dates.days_ago", "time.localtime", "time.gmtime", "time.monotonic"),
    }
)
"""By qualified name; ``import datetime as dt`` and ``from datetime import datetime`` come to the same."""
RANDOM = ("random.", "uuid.uuid1", "uuid.uuid4", "secrets.", "numpy.random.")
