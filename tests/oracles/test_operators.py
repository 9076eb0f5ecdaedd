"""The reader's table of operators is what Airflow 3 and 2 and their providers are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.oracles.operators import Probed, as_text, asked, merged, own_defaults

from dagmig.airflow.read.operator_facts import OWN_DEFAULTS, TABLE


@pytest.fixture(scope="module")
def answers(airflow_python: Path, airflow2_python: Path) -> dict[str, Probed]:
    return asked()


def test_the_table_is_current(answers: dict[str, Probed]) -> None:
    assert TABLE.read_text(encoding="utf-8") == as_text(merged(answers)), (
        "run `python -m tests.oracles.operators --write`"
    )


def test_every_default_of_an_operators_own_is_known(answers: dict[str, Probed]) -> None:
    known = {
        name: {
            key: value.total_seconds() if isinstance(value, timedelta) else value
            for key, value in own.items()
        }
        for name, own in OWN_DEFAULTS.items()
    }
    assert known == own_defaults(answers)
