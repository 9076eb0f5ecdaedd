"""How often a task is tried, and how long Airflow waits in between.

``TaskInstance.is_eligible_to_retry`` and ``next_retry_datetime`` of apache-airflow 3.3 and 2.11. With a
backoff, Airflow adds up to the whole delay again, drawn from a hash of the run's date: that is left out here,
so that a delay is the least there is.
"""

from __future__ import annotations

import math
from datetime import timedelta

from dagmig.graph.model import Policy
from dagmig.graph.values import Unknown
from dagmig.verify.observed import Outcome, State

MAX_RETRY_DELAY = 86_400.0  # seconds; [core] max_task_retry_delay


def comes_to(outcome: Outcome, attempt: int, retries: int, has_to_return: bool = False) -> State | None:
    """The state that an attempt, counted from 1, ends in; None where another is to follow.

    ``has_to_return``: others are mapped over what the task returns, so that None is a failure
    (``XComForMappingNotPushed``).
    """
    is_missing = has_to_return and outcome.state is State.SUCCESS and outcome.value is None
    fails_always = is_missing or (outcome.state is State.FAILED and outcome.failures is None)
    if not fails_always and attempt > (outcome.failures or 0):
        return outcome.state
    return None if attempt <= retries else State.FAILED


def delay(policy: Policy, failed: int) -> float:
    """The seconds between the attempt that is the ``failed``-th to fail, from 1, and the next.

    A delay that is not known takes no time.
    """
    base = _seconds(policy.retry_delay)
    factor = policy.backoff if not isinstance(policy.backoff, Unknown) else 0.0
    if factor in (0.0, 1.0):
        return base
    try:
        grown = float(max(1, math.ceil(base * factor ** (failed - 1))))
    except OverflowError:
        grown = MAX_RETRY_DELAY
    return min(grown, MAX_RETRY_DELAY, _seconds(policy.max_delay, math.inf) or math.inf)


def _seconds(value: timedelta | Unknown | None, otherwise: float = 0.0) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else otherwise
