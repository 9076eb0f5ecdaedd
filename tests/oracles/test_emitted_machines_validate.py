"""Every machine dagmig emits is accepted by three validators nobody here wrote.

The machines: every fixture and every one of Airflow's example DAGs, converted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.oracles import corpus
from tests.oracles.validators import (
    Machine,
    asl_validator,
    by_asl_validator,
    by_cfn_lint,
    by_statelint,
    cfn_lint,
    stack,
    statelint,
    written,
)

import dagmig
from dagmig.diagnostics import Report
from dagmig.pipeline import Lowering, airflow_to_asl

LATCHED = Lowering(latches=True)


@pytest.fixture(scope="module")
def emitted(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Machine]:
    """Machines by ``file:dag_id``."""
    files = corpus.fixture_dags(tmp_path_factory.mktemp("cases")) + corpus.example_dags(airflow_python)
    converted = [(file.name, one) for file in files for one in dagmig.to_asl(file, Report())]
    latched = [
        (f"{file.name} with latches", one)
        for file in files
        for one in airflow_to_asl(file.read_text("utf-8"), str(file), Report(), lowering=LATCHED)
        if "waitForTaskToken" in one.text
    ]
    assert latched
    return {f"{name}:{one.id}": json.loads(one.text) for name, one in (*converted, *latched)}


def test_there_are_machines_to_validate(
    emitted: dict[str, Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{len(emitted)} machines emitted, {sum(map(states, emitted.values()))} states")
    assert len(emitted) > 50


def test_asl_validator_accepts_every_machine(
    emitted: dict[str, Machine], node_modules: Path, tmp_path: Path
) -> None:
    assert by_asl_validator(emitted, node_modules, tmp_path) == {}


def test_cfn_lint_accepts_every_machine(
    emitted: dict[str, Machine], validators_bin: Path, tmp_path: Path
) -> None:
    assert by_cfn_lint(emitted, validators_bin, tmp_path) == {}


def test_statelint_accepts_every_machine(
    emitted: dict[str, Machine], validators_bin: Path, tmp_path: Path
) -> None:
    assert by_statelint(emitted, validators_bin, tmp_path) == {}


def test_the_validators_find_faults(node_modules: Path, validators_bin: Path, tmp_path: Path) -> None:
    """The tests above could not fail if the validators were called wrongly."""
    broken = {"StartAt": "A", "States": {"A": {"Type": "Task", "Next": "Nowhere"}}}
    file = str(written(tmp_path / "broken.json", broken))
    assert asl_validator(node_modules, [file])[file]
    assert statelint(validators_bin, [file, file])[file]
    sound = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    template = written(tmp_path / "stack.json", stack([sound, broken]))
    assert {number for number, _ in cfn_lint(validators_bin, template)} == {1}


def states(machine: Any) -> int:
    """The number of states of a machine, those inside Parallel and Map included."""
    match machine:
        case {"StartAt": str(), "States": dict() as own}:
            return len(own) + sum(map(states, own.values()))
        case dict():
            return sum(map(states, machine.values()))
        case list():
            return sum(map(states, machine))
    return 0
