"""Which files may define a DAG at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagmig.airflow.read import read
from dagmig.airflow.read.candidates import has_no_dag, may_define_dag
from dagmig.diagnostics import Report

HEAD = '"""Helpers of our DAGs."""\nimport airflow\n'
NONE = (
    "def wait(context):\n    return context['dag'], context['dag_run'].dag_id",
    "from airflow.utils.state import DagRunState\nclass Waits:\n    state = DagRunState.FAILED",
    "LIMIT = 3  # a DAG may be asked so often",
    "import json\nfrom boto3 import client\nnow = client('s3')",
)
MAY = (
    "dag = airflow.DAG('a')",
    "@airflow.sdk.dag\ndef a(): ...",
    "from airflow import DAG as Made\nMade('a')",
    "from factory import make as dag_maker\nmade = dag_maker()",
    "from airflow.sdk import asset\n@asset(schedule=None)\ndef a(): ...",
    "made = getattr(airflow, 'DA' + 'G')('a')",
    "exec('airflow.' + 'DAG(1)')",
    "from airflow import *\nmade = list(map(print, []))",
    "from .common import made",
    "from common.made import made",
    "import importlib\nmade = importlib.import_module('common').made",
    "raise ImportError('a DAG is missing')",
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project with a module ``common.made`` and nothing else."""
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "__init__.py").touch()
    (tmp_path / "common" / "made.py").write_text("from airflow import DAG\nmade = DAG('made')\n")
    (tmp_path / "helpers.py").touch()
    return tmp_path


@pytest.mark.parametrize("body", NONE)
def test_no_dag(body: str, place: Path) -> None:
    assert may_define_dag(HEAD + body)
    assert has_no_dag(HEAD + body, str(place / "helpers.py"), str(place))


@pytest.mark.parametrize("body", MAY)
def test_perhaps_a_dag(body: str, place: Path) -> None:
    assert not has_no_dag(HEAD + body, str(place / "helpers.py"), str(place))


def test_the_dag_of_another_module_is_read(place: Path) -> None:
    text = HEAD + "from common.made import made"
    assert [dag.id for dag in read(text, str(place / "helpers.py"), Report(), project_root=str(place))] == [
        "made"
    ]
