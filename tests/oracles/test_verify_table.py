"""The machines of the published example DAGs do what Airflow does, and the README says how many there are."""

from __future__ import annotations

import pytest
from tests.oracles import readme_part, verify_table
from tests.oracles.verify_table import Row


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return verify_table.rows()


def test_the_table(rows: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + verify_table.table(rows))
    assert [said for row in rows for said in row.differ] == []
    assert sum(row.strict + row.others for row in rows) >= 100


def test_the_readme_shows_the_table(rows: list[Row]) -> None:
    text = readme_part.README.read_text(encoding="utf-8")
    assert text == verify_table.with_table(text, rows), "run `python -m tests.oracles.verify_table --write`"
