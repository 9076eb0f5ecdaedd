"""Retries and time limits: Airflow's policy of a task as ASL fields."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from dagmig.graph.model import Policy
from dagmig.graph.values import Unknown

MAX_DELAY_SECONDS = 86_400  # Airflow's own limit of a back-off (MAX_RETRY_DELAY); ASL's is 31,622,400
NO_RETRY = {"ErrorEquals": ["AirflowSkipException", "AirflowFailException"], "MaxAttempts": 0}


def seconds(value: timedelta) -> int:
    """Whole seconds, rounded up, at least one."""
    return max(1, math.ceil(value.total_seconds()))


def retrier(policy: Policy) -> dict[str, Any] | None:
    """The retrier for a task's own retries; None where it has none, or they are not known."""
    if isinstance(policy.retries, Unknown) or policy.retries <= 0:
        return None
    delay = policy.retry_delay if isinstance(policy.retry_delay, timedelta) else timedelta(seconds=300)
    factor = policy.backoff if isinstance(policy.backoff, float) and policy.backoff > 1 else 1.0
    if factor > 1.0 and (limit := longest(policy)) <= delay:
        delay, factor = limit, 1.0
    found: dict[str, Any] = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": seconds(delay),
        "MaxAttempts": policy.retries,
        "BackoffRate": factor,
    }
    if factor > 1.0:
        found["MaxDelaySeconds"] = max(seconds(longest(policy)), found["IntervalSeconds"] + 1)
    return found


def longest(policy: Policy) -> timedelta:
    """The longest delay of a back-off; one of no length is none."""
    limit = policy.max_delay
    bound = timedelta(seconds=MAX_DELAY_SECONDS)
    return min(limit, bound) if isinstance(limit, timedelta) and limit else bound


def differences(policy: Policy) -> list[tuple[str, bool, str]]:
    """What the fields cannot say: the argument, whether that is open, and the difference."""
    found: list[tuple[str, bool, str]] = []
    for name in ("retries", "retry_delay", "backoff", "max_delay", "timeout"):
        if isinstance(getattr(policy, name), Unknown):
            found.append((name, True, f"{name} could not be read: Airflow's default is used"))
    delay = policy.retry_delay
    retry = retrier(policy)
    if retry and isinstance(delay, timedelta) and seconds(delay) != delay.total_seconds():
        found.append(("retry_delay", False, f"{delay.total_seconds()} s becomes {seconds(delay)} s"))
    if retry and retry["BackoffRate"] > 1:
        said = "Airflow spreads each delay by up to twice; Retry waits the lower bound"
        found.append(("retry_exponential_backoff", False, said))
    if retry and isinstance(policy.backoff, float) and 0 < policy.backoff < 1:
        said = "Airflow shortens the delay each time; Retry waits as long as the first time"
        found.append(("retry_exponential_backoff", False, said))
    return found
