"""The test of a bundle of DAGs: Airflow loads each file and finds the tasks in it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dagmig.graph.model import Workflow

TEXT = '''"""Airflow loads the DAGs: run with `python -m pytest tests` where Airflow is installed."""

from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).resolve().parents[1] / "dags"
TASKS = {{
{tasks}}}


@pytest.fixture(scope="module")
def bag():
    return DagBag(str(DAGS))


def test_no_file_fails_to_import(bag):
    assert bag.import_errors == {{}}


@pytest.mark.parametrize("dag_id", TASKS)
def test_the_tasks_are_there(bag, dag_id):
    assert {{task.task_id for task in bag.dags[dag_id].tasks}} == TASKS[dag_id]
'''


def dag_test(workflows: Iterable[Workflow]) -> str:
    """The text of the test."""
    return TEXT.format(tasks="".join(map(_entry, workflows)))


def _entry(workflow: Workflow) -> str:
    ids = "".join(f"        {json.dumps(task)},\n" for task in workflow.tasks)
    return f"    {json.dumps(workflow.id)}: {{\n{ids}    }},\n"
