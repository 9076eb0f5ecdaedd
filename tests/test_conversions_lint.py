"""What a conversion of a fixture makes has no finding that the fixture had not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests import conversions_lint
from tests.oracles import corpus

import dagmig
from dagmig.diagnostics import Report

DAG = """
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.sdk import DAG

with DAG("d", schedule=None):
    SnsPublishOperator(task_id="tell", target_arn="arn", message="m", retries={retries})
"""


def test_machines(tmp_path: Path) -> None:
    files = corpus.fixture_dags(tmp_path)
    assert [line for file in files for line in conversions_lint.of_machines(file)] == []
    assert len(files) > 200


@pytest.mark.parametrize("file", corpus.fixture_machines(), ids=lambda file: file.parent.name)
def test_dags(file: Path) -> None:
    assert list(conversions_lint.of_dag(file)) == []


def test_a_finding_of_its_own_is_told(tmp_path: Path) -> None:
    """The tests above could not fail if every finding were taken for the source's."""
    file = tmp_path / "dag.py"
    file.write_text(DAG.format(retries=1), "utf-8")
    (made,) = dagmig.to_asl(file, Report())
    machine = json.loads(made.text)
    del machine["States"]["tell"]["Retry"]
    found = conversions_lint.not_of_the_dag(replace(made, text=json.dumps(machine)), file)
    assert [line.split(": ")[2] for line in found] == ["no-retry"]
