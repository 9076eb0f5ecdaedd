"""Random programs: the graph read is the one real Airflow builds, or a diagnostic says what is not known.

``DAGMIG_PROGRAMS`` is how many (400 if unset); ``python -m tests.oracles.random_programs`` shows more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.oracles.airflow_worker import worker
from tests.oracles.random_programs import Comparison, Outcome, exact_share, shown, table

from airflow_read.programs import names, program

COUNT = int(os.environ.get("DAGMIG_PROGRAMS", "400"))
EXACT = 0.97  # of the programs that do not hang on what is installed
REACHED = 0.95  # of all
REFUSED = 0.06
SHOWN = 5


@pytest.fixture(scope="module")
def comparison(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comparison]:
    with worker(airflow_python) as airflow:
        yield Comparison(airflow, tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="module")
def outcomes(comparison: Comparison) -> list[Outcome]:
    """What became of the programs that hypothesis chose; the same ones every time."""
    found: dict[str, Outcome] = {}

    @settings(
        max_examples=COUNT,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(names(0))
    def compare(name: str) -> None:
        if name not in found:
            found[name] = comparison.outcome(name, program(name))

    compare()
    return list(found.values())


def test_no_program_is_read_wrongly_without_a_word(outcomes: list[Outcome], comparison: Comparison) -> None:
    silent = [one for one in outcomes if one.kind == "silent"]
    smallest = [shown(comparison.smallest(one)) for one in silent[:SHOWN]]
    assert not silent, f"{len(silent)} programs: {[one.name for one in silent]}\n\n" + "\n".join(smallest)


def test_most_programs_are_read_exactly(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    loaded = [one for one in outcomes if one.kind != "refused"]
    others = [one.name for one in loaded if one.kind != "exact"]
    with capsys.disabled():
        print(f"\n{table(outcomes)}\nthe others: {' '.join(others)}")
    assert exact_share(outcomes) >= EXACT
    assert len(others) / len(loaded) <= 1 - REACHED


def test_airflow_loads_most_of_the_programs(outcomes: list[Outcome]) -> None:
    refused = [one for one in outcomes if one.kind == "refused"]
    assert len(refused) / len(outcomes) <= REFUSED, [one.detail for one in refused]
