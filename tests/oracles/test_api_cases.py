"""The cases of ``bodies.txt`` and ``files.txt`` put to Airflow 3 and 2: every fact, not the graph alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.comparison import compare
from tests.oracles.corpora import python

from airflow_read.cases import MORE, bodies, files
from airflow_read.graphs import HEAD
from dagmig.airflow.read import read
from dagmig.diagnostics import Report, Severity

SCRIPT = Path(__file__).with_name("dagbag_graphs.py")
HEAD_2 = """\
from datetime import datetime, timedelta
import pendulum
from airflow import DAG
from airflow.datasets import Dataset as Asset, DatasetAlias as AssetAlias
from airflow.decorators import dag, setup, task, task_group, teardown
from airflow.models.baseoperator import BaseOperator, chain, chain_linear, cross_downstream
from airflow.models.param import Param
from airflow.models.xcom_arg import XComArg
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.sensors.base import BaseSensorOperator
from airflow.sensors.filesystem import FileSensor
from airflow.sensors.python import PythonSensor
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule

def op(task_id, **kwargs):
    return EmptyOperator(task_id=task_id, **kwargs)

"""
HEADS = {"3": HEAD + MORE, "2": HEAD_2}
NOT_THERE = ("'databricks.sdk'", "'databricks.operators'")  # libraries whose classes are no tasks


@pytest.mark.parametrize("airflow", HEADS)
def test_the_reader_sees_what_airflow_builds(airflow: str, tmp_path: Path) -> None:
    texts = [HEADS[airflow] + text for text, _ in (*bodies(), *files())]
    answer = _ask(airflow, texts, tmp_path)
    wrong = []
    loaded = 0
    for file, facts in answer["files"].items():
        text, report = Path(file).read_text(encoding="utf-8"), Report()
        ours = read(text, file, report, project_root=str(Path(file).parent))
        said = [one for one in report if one.severity is not Severity.INFO]
        if facts["errors"]:
            is_there = not any(name in error for name in NOT_THERE for error in facts["errors"])
            if airflow == "3" and ours and not said and is_there:
                wrong.append((text, facts["errors"]))
            continue
        loaded += 1
        for one in compare(file, ours, list(report), facts, answer["defaults"], airflow):
            if one.is_silent:
                wrong.append((text, [str(difference) for difference in one.differences]))
    assert loaded > 300
    assert not wrong, "\n".join(f"{text}\n{why}" for text, why in wrong)


def _ask(airflow: str, texts: list[str], folder: Path) -> dict[str, Any]:
    """What Airflow builds of the texts, each a file of its own."""
    for number, text in enumerate(texts):
        (folder / f"case_{number}.py").write_text(text, encoding="utf-8")
    lines = "".join(f"{folder}\t{folder / f'case_{number}.py'}\n" for number in range(len(texts)))
    command = [str(part) for part in (python(airflow), SCRIPT, folder / "graphs.json")]
    run = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    answer: dict[str, Any] = json.loads((folder / "graphs.json").read_text(encoding="utf-8"))
    return answer
