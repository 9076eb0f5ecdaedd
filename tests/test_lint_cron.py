"""The cron validator against croniter, which Airflow itself asks."""

from __future__ import annotations

from datetime import datetime

import pytest
from croniter import CroniterBadDateError, CroniterError, croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from dagmig.lint.cron import PRESETS, problem, runs_a_year

ATOMS = """
* 0 5 59 60 23 24 1 12 13 31 32 7 8 6 00 05 mon fri sun jan dec a H 1.5 -1 1- 1/ 5/15 */5 */0 */70
0/5 1-5 22-2 6-1 fri-mon jan-mar 1-5/2 nov-feb mon-5 0-60 1-99 *-5 *,1 1,2 1,,2 ? l L l5 L5 l8 l5,1
R r R/2 R(1-5) R(1-5)/2 1,R R(1-99) R(3-3) R(5-1) R/0
1,l5 1#2 1#6 mon#1 1#2,3 sun#5 99#1 *,1#2 fri#1,mon#2 l-5 5-l L,15 15w w15 32w 15w,1
"""
PLAIN = ["0", "0", "*", "*", "*", "0", "2030"]


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Five to seven columns, two of them odd."""
    columns = PLAIN[: draw(st.integers(5, 7))]
    for _ in range(2):
        columns[draw(st.integers(0, len(columns) - 1))] = draw(st.sampled_from(ATOMS.split()))
    return " ".join(columns)


@settings(max_examples=2000)
@given(expressions())
def test_agrees_with_croniter(expression: str) -> None:
    try:
        croniter.expand(expression)
        is_good = True
    except CroniterError:
        is_good = False
    why = problem(expression)
    assert (why is None) == is_good or (is_good and why is not None and why.startswith("no month"))


@pytest.mark.parametrize(
    ("expression", "never"),
    [
        ("0 0 31 2 *", True),
        ("0 0 30 feb *", True),
        ("0 0 31 4,6 *", True),
        ("0 0 29 2 *", False),
        ("0 0 31 2 1", False),
        ("0 0 31 2,3 *", False),
        ("0 0 30,1 2 *", False),
        ("0 0 31 */2 *", False),
    ],
)
def test_dates_that_never_come(expression: str, never: bool) -> None:
    assert (problem(expression) is not None) == never
    if never:
        with pytest.raises(CroniterBadDateError):
            croniter(expression, datetime(2024, 1, 1)).get_next()
    else:
        assert croniter(expression, datetime(2024, 1, 1)).get_next()


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets(preset: str) -> None:
    assert problem(preset) is None
    assert problem(preset.upper()) is None


@pytest.mark.parametrize("text", ["", "@nightly", "0 0", "0 0 * * * * * *", "daily"])
def test_no_expression_at_all(text: str) -> None:
    assert problem(text) is not None


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("@daily", 365),
        ("*/5 * * * *", 12 * 24 * 365),
        ("0 9-17 * * 1-5", 9 * 260),
        ("0 22 * * sun-thu", 260),
        ("0 0 1 * *", 12),
        ("0 0 1,15 */3 *", 8),
        ("5/10 0 * * *", 6 * 365),
        ("0 0 L * *", 12),
    ],
)
def test_runs_a_year(expression: str, runs: int) -> None:
    assert runs_a_year(expression) == runs
