"""What the reader makes of a file goes when the graph is there, without the garbage collector."""

from __future__ import annotations

import gc

from dagmig.airflow.read import read
from dagmig.airflow.read.airflow_objects import Dag, Group, Task
from dagmig.airflow.read.objects import Func, Scope
from dagmig.diagnostics import Report

FILE = """
from airflow import DAG
from airflow.decorators import task
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup

@task
def load():
    return 1

with DAG("nightly", schedule=None):
    with TaskGroup("first") as first:
        EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
    first >> load()
"""
OF_A_FILE = (Dag, Group, Task, Func, Scope)


def test_nothing_of_a_file_is_left_in_circles() -> None:
    gc.collect()
    before = sum(isinstance(one, OF_A_FILE) for one in gc.get_objects())
    gc.disable()
    try:
        (workflow,) = read(FILE, "dags/nightly.py", Report())
        assert len(workflow.tasks) == 3
        assert sum(isinstance(one, OF_A_FILE) for one in gc.get_objects()) == before
    finally:
        gc.enable()
