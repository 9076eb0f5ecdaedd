"""What folding costs: close to nothing over the published DAGs, and little time on large ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from tests.oracles import fold_table, readme_part
from tests.oracles.fold_table import Row
from tests.oracles.large_orders import LARGE, Pairs, dense, workflow

from dagmig.diagnostics import Report
from dagmig.regions.fold import fold


@pytest.fixture(scope="module")
def rows(published_dags: Path) -> list[Row]:
    return fold_table.rows()


def test_the_table(rows: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + fold_table.table(rows))
    published = rows[0]
    assert published.count > 1000
    assert sum(published.known) / len(published.known) <= 1.01
    assert max(published.known) <= 1.15
    assert sum(published.unknown) / len(published.unknown) <= 1.05


def test_the_readme_shows_the_table(rows: list[Row]) -> None:
    text = readme_part.README.read_text(encoding="utf-8")
    assert text == fold_table.with_table(text, rows), "run `python -m tests.oracles.fold_table --write`"


@pytest.mark.parametrize("shape", LARGE, ids=lambda shape: shape.__name__)
def test_5000_tasks_fold_in_ten_seconds(shape: Callable[[int], Pairs]) -> None:
    assert seconds(5000, shape) < 10


def test_200_tasks_of_a_dense_order_fold_in_a_second() -> None:
    assert seconds(200, dense) < 1


def seconds(tasks: int, shape: Callable[[int], Pairs]) -> float:
    """How long folding takes, the longer of durations known and not."""
    made, random = workflow(tasks, shape(tasks)), Random(tasks)
    durations = {task: random.lognormvariate(3, 1) for task in made.tasks}
    taken = []
    for known in (None, durations):
        start = time.perf_counter()
        fold(made, Report(), known)
        taken.append(time.perf_counter() - start)
    return max(taken)
