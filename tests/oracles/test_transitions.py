"""An execution enters few states more than it has tasks to run."""

from __future__ import annotations

import pytest
from tests.oracles import readme_part, transitions
from tests.oracles.transitions import KEEPING, PLAIN, Counted, per_task


@pytest.fixture(scope="module")
def found() -> list[Counted]:
    return list(transitions.of_examples())


def test_the_table(found: list[Counted], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + transitions.table(found))
    assert per_task(one for one in found if one.tier == PLAIN) <= 1.3
    assert per_task(one for one in found if one.tier == KEEPING) <= 2.3


def test_the_readme_shows_the_table(found: list[Counted]) -> None:
    text = readme_part.README.read_text(encoding="utf-8")
    assert text == transitions.with_table(text, found), "run `python -m tests.oracles.transitions --write`"
