"""A machine and what comes back of it through a DAG make the same calls and end alike, or a row says why not.

What comes back runs in LocalStack's interpreter as well, its functions answered as they were in ours.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.oracles import returned_runs
from tests.oracles.asl_engines import LocalStack
from tests.oracles.returned_runs import Compared

FEWEST_RUNS = 1000
EVERY = 4  # of the runs that are equal, LocalStack has one of so many


@pytest.fixture(scope="module")
def found(airflow_python: Path) -> list[Compared]:
    return returned_runs.compared(returned_runs.machines(), airflow_python)


def test_what_comes_back_is_equal_or_a_ledger_says_why_not(
    found: list[Compared], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{returned_runs.summary(found)}")
    assert len(found) >= FEWEST_RUNS
    assert returned_runs.details([one for one in found if one.verdict.difference]) == ""


def test_what_comes_back_does_the_same_in_an_independent_engine(
    found: list[Compared], localstack_python: Path
) -> None:
    with LocalStack(localstack_python) as localstack:
        count, differences = returned_runs.in_localstack(found[::EVERY], localstack)
    assert count >= FEWEST_RUNS // EVERY // 2
    assert differences == []
