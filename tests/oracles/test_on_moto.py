"""Operators in real Airflow and their machines do the same to moto."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.oracles.on_moto import Workers, both, cases, differences, excused, workers


@pytest.fixture(scope="module")
def running(airflow_python: Path, deploy_python: Path, localstack_python: Path) -> Iterator[Workers]:
    with workers(airflow_python, deploy_python, localstack_python) as found:
        yield found


@pytest.mark.parametrize("operator", cases())
def test_an_operator_and_its_machine_do_the_same(operator: str, running: Workers) -> None:
    theirs, ours = both(operator, running)
    assert (theirs.error, ours.error) == (None, None)
    assert differences(theirs, ours) == set(excused(operator))
