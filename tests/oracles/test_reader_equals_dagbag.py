"""What is read without running a file is what real Airflow builds by running it, over published DAG files.

What counts as equal and what excuses a difference is said in ``comparison.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.oracles import reader_table, readme_part
from tests.oracles.corpora import corpora
from tests.oracles.reader_table import Row

EQUAL = 0.97
DAGS = 1450  # that Airflow loads; fewer means that the oracle itself is broken


@pytest.fixture(scope="module")
def rows(airflow_python: Path, airflow2_python: Path, published_dags: Path) -> list[Row]:
    return reader_table.rows(corpora())


def test_the_table(rows: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + reader_table.table(rows) + "\n".join(reader_table.details(rows)))
    assert sum(len(row.dags) for row in rows) >= DAGS
    assert all(row.loaded for row in rows)


def test_nothing_differs_silently(rows: list[Row]) -> None:
    assert list(reader_table.details(rows, silent_only=True)) == []


def test_nearly_all_dags_are_equal(rows: list[Row]) -> None:
    assert sum(row.equal for row in rows) / sum(len(row.dags) for row in rows) >= EQUAL


def test_no_file_makes_the_reader_fail(rows: list[Row]) -> None:
    assert [crash for row in rows for crash in row.crashes] == []


def test_the_readme_shows_the_table(rows: list[Row]) -> None:
    text = readme_part.README.read_text(encoding="utf-8")
    assert text == reader_table.with_table(text, rows), f"run `{reader_table.COMMAND}`"
