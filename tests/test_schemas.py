"""The JSON that scripts read keeps to the schemas that dagmig ships."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, ValidationError

from dagmig.cli import main

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
DAGS = sorted(FIXTURES.glob("**/*.py"))
MACHINES = sorted(FIXTURES.glob("**/*.asl.json"))
NAMES = ("findings", "graph", "ledger")


def validator(name: str) -> Draft202012Validator:
    """The shipped schema, itself found to be one."""
    schema = json.loads(files("dagmig").joinpath(f"schemas/{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def run(*arguments: str | Path) -> str:
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False).stdout


def test_findings() -> None:
    printed = json.loads(run("lint", "--no-cache", "--format", "json", FIXTURES))
    assert len(printed["findings"]) > 20
    validator("findings").validate(printed)


def test_graphs() -> None:
    printed = json.loads(run("graph", "--format", "json", *DAGS))
    assert printed["workflows"] and printed["diagnostics"]
    validator("graph").validate(printed)


@pytest.mark.parametrize("file", [*DAGS, *MACHINES], ids=lambda file: str(file.relative_to(FIXTURES)))
def test_ledgers(file: Path, tmp_path: Path) -> None:
    target = "asl" if file.suffix == ".py" else "airflow"
    run("convert", file, "--to", target, "-o", f"{tmp_path}/out/", "--ledger", tmp_path / "ledger.json")
    if (tmp_path / "ledger.json").exists():  # not for broken files
        validator("ledger").validate(json.loads((tmp_path / "ledger.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", [{}, {"findings": [{}]}, {"version": 2}, []])
def test_schemas_refuse(name: str, wrong: Any) -> None:
    with pytest.raises(ValidationError):
        validator(name).validate(wrong)
