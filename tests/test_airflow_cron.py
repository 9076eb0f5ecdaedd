"""EventBridge's cron expressions in croniter's dialect: both fire at the same moments."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from dagmig.deploy.airflow.cron import DAYS, MONTHS, NotCron, airflow_cron

START = datetime(2024, 1, 1)
FIRES = 40


@pytest.mark.parametrize(
    ("aws", "airflow"),
    [
        ("0 9 * * ? *", "0 9 * * *"),
        ("0 9 ? * MON-FRI *", "0 9 * * 1-5"),
        ("30 2 ? * 1,7 *", "30 2 * * 0,6"),
        ("0/15 * * * ? *", "*/15 * * * *"),
        ("5/20 8-17 * * ? *", "5-59/20 8-17 * * *"),
        ("0 0 1 JAN,JUL ? *", "0 0 1 1,7 *"),
        ("0 0 L * ? *", "0 0 l * *"),
        ("0 12 ? * 6L *", "0 12 * * L5"),
        ("0 12 ? * FRIL *", "0 12 * * L5"),
        ("0 8 ? * 2#1 *", "0 8 * * 1#1"),
        ("0 8 ? * L *", "0 8 * * 6"),
        ("0 8 ? * FRI-MON *", "0 8 * * 0,1,5,6"),
        ("0 22-2 * * ? *", "0 0-2,22,23 * * *"),
    ],
)
def test_expressions(aws: str, airflow: str) -> None:
    assert airflow_cron(aws) == airflow
    assert croniter.is_valid(airflow)


@pytest.mark.parametrize(
    ("aws", "reason"),
    [
        ("0 9 * * ?", "six fields"),
        ("0 9 * * ? 2030", "no years"),
        ("0 9 15W * ? *", "15W"),
        ("0 9 LW * ? *", "LW"),
        ("61 9 * * ? *", "61"),
        ("0 9 ? * 0 *", "`0`"),
        ("0/0 9 * * ? *", "not a step"),
        ("0 9 ? * 2#6 *", "2#6"),
    ],
)
def test_what_croniter_cannot_say(aws: str, reason: str) -> None:
    with pytest.raises(NotCron, match=reason):
        airflow_cron(aws)


def _values(low: int, high: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(low, high), min_size=1, max_size=high - low + 1)


@given(
    _values(0, 59),
    _values(0, 23),
    st.one_of(st.tuples(st.just("day"), _values(1, 31)), st.tuples(st.just("weekday"), _values(1, 7))),
    _values(1, 12),
    st.booleans(),
)
def test_it_fires_when_the_sets_say(
    minutes: set[int], hours: set[int], days: tuple[str, set[int]], months: set[int], names: bool
) -> None:
    kind, numbers = days
    shown = [DAYS[n - 1] if names and kind == "weekday" else str(n) for n in sorted(numbers)]
    month = [MONTHS[n - 1] if names else str(n) for n in sorted(months)]
    day = (",".join(shown), "?") if kind == "day" else ("?", ",".join(shown))
    aws = f"{_list(minutes)} {_list(hours)} {day[0]} {','.join(month)} {day[1]} *"
    expected = _moments(minutes, hours, kind, numbers, months)
    if not expected:  # the 31st of a month that has none
        return
    found = croniter(airflow_cron(aws), START - timedelta(minutes=1))
    assert [found.get_next(datetime) for _ in expected] == expected


def _list(values: set[int]) -> str:
    return ",".join(map(str, sorted(values)))


def _moments(
    minutes: set[int], hours: set[int], kind: str, numbers: set[int], months: set[int]
) -> list[datetime]:
    found: list[datetime] = []
    for offset in range(366 * 4):
        day = START + timedelta(days=offset)
        number = day.day if kind == "day" else day.isoweekday() % 7 + 1
        if day.month in months and number in numbers:
            found += [day + timedelta(hours=h, minutes=m) for h in sorted(hours) for m in sorted(minutes)]
        if len(found) >= FIRES:
            break
    return found[:FIRES]


def test_last_and_nth_days() -> None:
    last = croniter(airflow_cron("0 0 L * ? *"), START)
    assert [last.get_next(datetime).day for _ in range(3)] == [31, 29, 31]
    friday = croniter(airflow_cron("0 0 ? * 6L *"), START)
    assert [friday.get_next(datetime).day for _ in range(3)] == [26, 23, 29]
    monday = croniter(airflow_cron("0 0 ? * 2#2 *"), START)
    assert [monday.get_next(datetime).day for _ in range(3)] == [8, 12, 11]
