"""The machines of the published example DAGs do what real Airflow does, and the README says how many."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.oracles import readme_part, verify_table
from tests.oracles.verify_table import Row


@pytest.fixture(scope="module")
def rows(
    airflow_python: Path, localstack_python: Path, node_modules: Path, validators_bin: Path
) -> list[Row]:
    return verify_table.rows((airflow_python, localstack_python), node_modules, validators_bin)


def test_the_table(rows: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + verify_table.table(rows) + "\n" + verify_table.reasons(rows))
    assert [said for row in rows for said in row.differ] == []
    assert [said for row in rows for said in row.invalid] == []
    assert sum(row.strict + row.others for row in rows) >= 150
    assert sum(row.runs for row in rows) >= 1500


def test_the_readme_shows_the_table(rows: list[Row]) -> None:
    text = readme_part.README.read_text(encoding="utf-8")
    assert text == verify_table.with_table(text, rows), "run `python -m tests.oracles.verify_table --write`"
