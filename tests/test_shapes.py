"""The shapes that workflows have, by literate fixtures, and whole DAGs by golden files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dagmig.diagnostics import Report, Severity
from dagmig.lint.check import check
from dagmig.lint.source import Source
from dagmig.pipeline import airflow_to_asl
from literate import SHAPES, Case, cases, generated, ledger, lifted

CASES = [pytest.param(case, id=case.id) for path in sorted(SHAPES.glob("*.md")) for case in cases(path)]
BOTH_WAYS = [param for param in CASES if not param.values[0].is_one_way]
DAGS = sorted((SHAPES.parent / "dags").iterdir())


@pytest.mark.parametrize("case", CASES)
def test_shape_is_what_dagmig_makes(case: Case) -> None:
    """``python -m tests.literate`` prints what differs."""
    assert case.blocks == generated(case)


@pytest.mark.parametrize("case", CASES)
def test_machine_passes_our_own_linter(case: Case) -> None:
    found = check(Source(case.blocks["json"], "machine.asl.json", "machine")).found
    assert [str(d) for d in found if d.severity is Severity.ERROR] == []


@pytest.mark.parametrize("case", BOTH_WAYS)
def test_there_and_back_and_there_again_is_the_same_machine(case: Case) -> None:
    (first,) = airflow_to_asl(case.dag, "dag.py", Report())
    (again,) = airflow_to_asl(lifted(first).text, "dag.py", Report())
    assert again.machine == json.loads(case.blocks["json"])


@pytest.mark.parametrize("folder", DAGS, ids=lambda folder: folder.name)
def test_golden(folder: Path) -> None:
    """Set DAGMIG_UPDATE_GOLDENS to write the files anew, and read the difference before you commit it."""
    (made,) = airflow_to_asl((folder / "dag.py").read_text(encoding="utf-8"), "dag.py", Report())
    files = {"machine.asl.json": made.text, "report": ledger(made)}
    if os.environ.get("DAGMIG_UPDATE_GOLDENS"):
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    assert files == {name: (folder / name).read_text(encoding="utf-8") for name in files}
    assert not made.report.has_open_rows


def test_a_whole_dag_there_and_back_and_there_again() -> None:
    folder = SHAPES.parent / "dags" / "orders"
    (first,) = airflow_to_asl((folder / "dag.py").read_text(encoding="utf-8"), "dag.py", Report())
    (again,) = airflow_to_asl(lifted(first).text, "dag.py", Report())
    assert again.machine == first.machine
