"""Machines call AWS as the operators do that they were, with the same parameters."""

from __future__ import annotations

from pathlib import Path

from tests.oracles.compare_calls import CASES, EXCUSED, different, rows


def test_machines_call_what_operators_call(airflow_python: Path) -> None:
    found = rows()
    assert {operator for operator, *_ in found} == set(CASES)
    seen = {(operator, name) for operator, _, theirs, ours in found for name in different(theirs, ours)}
    assert seen == set(EXCUSED)
