"""The delays of retries: Airflow's formula (``TaskInstance.next_retry_datetime``) without its spread."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

import pytest

from dagmig.asl.lower.policy import differences, retrier
from dagmig.graph.model import Policy

DAY = 86_400
CASES = [
    (10, 0.0, None),
    (10, 1.0, 5),
    (10, 2.0, None),
    (10, 1.5, 20),
    (300, 2.0, 60),
    (300, 2.0, 300),
    (300, 2.0, 0),
    (2 * DAY, 2.0, None),
    (2 * DAY, 0.0, None),
    (DAY // 2, 3.0, 10 * DAY),
    (60, -1.0, 30),
]


def airflows(delay: float, backoff: float, longest: float | None, attempt: int) -> float:
    """The least delay after an attempt, the first being 1."""
    if backoff in (0, 1) or backoff < 0:
        return delay
    found = min(ceil(delay * backoff ** (attempt - 1)), DAY)
    return min(found, longest) if longest else found


@pytest.mark.parametrize(("delay", "backoff", "longest"), CASES)
def test_the_delays_are_the_least_of_airflow_s(delay: float, backoff: float, longest: float | None) -> None:
    limit = None if longest is None else timedelta(seconds=longest)
    found = retrier(Policy(8, timedelta(seconds=delay), backoff, limit))
    assert found is not None
    for attempt in range(1, 9):
        grown = found["IntervalSeconds"] * found["BackoffRate"] ** (attempt - 1)
        waited = min(grown, found.get("MaxDelaySeconds", grown))
        assert waited == pytest.approx(airflows(delay, backoff, longest, attempt), abs=1)


@pytest.mark.parametrize(
    ("delay", "backoff", "longest", "is_said"),
    [
        (10, 2.0, None, True),
        (10, 2.0, 10, False),
        (10, 0.5, None, True),
        (10, 0.0, 5, False),
        (0.5, 0.0, None, True),
    ],
)
def test_what_the_fields_cannot_say_has_a_row(
    delay: float, backoff: float, longest: float | None, is_said: bool
) -> None:
    limit = None if longest is None else timedelta(seconds=longest)
    assert bool(differences(Policy(3, timedelta(seconds=delay), backoff, limit))) is is_said
