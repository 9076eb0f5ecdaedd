"""Random DAGs in real Airflow, their machines in an independent ASL engine: the same observables."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.oracles.end_to_end import differences, summary

DAGS, VECTORS = 300, 11


def test_random_dags(
    airflow_python: Path, localstack_python: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``python -m tests.oracles.end_to_end --count 10000`` tries 100,000; ``--airflow 2`` asks Airflow 2."""
    *_, found = differences(airflow_python, localstack_python, 3, 0, DAGS, VECTORS)
    with capsys.disabled():
        print(f"\n{summary(found)}")
    assert found.differences == []
    assert found.dags == DAGS
    assert found.declared < found.vectors / 10
