"""The files the benchmarks run on: Airflow's example DAGs, many times over, and DAGs of a stated size."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

HEAD = """\
from datetime import datetime

from airflow import DAG
from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator

with DAG("big", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False):
"""
LAYER = 10


def replicate(files: list[Path], count: int, folder: Path) -> list[Path]:
    """``count`` copies of ``files``, taken in turn, no two alike to the byte (a cache must not help)."""
    copies = []
    for number, file in enumerate(islice(cycle(files), count)):
        copy = folder / f"copy_{number // len(files)}" / f"{number % len(files):03}_{file.name}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(f"{file.read_text(encoding='utf-8')}# copy {number}\n", encoding="utf-8")
        copies.append(copy)
    return copies


def chain(tasks: int) -> str:
    """A DAG of ``tasks`` tasks one after the other."""
    return _dag(tasks, [f"t{n - 1} >> t{n}" for n in range(1, tasks)])


def fan(tasks: int) -> str:
    """A DAG of a first task, ``tasks - 2`` beside each other, and a last one."""
    middle = range(1, tasks - 1)
    return _dag(tasks, [f"t0 >> t{n}" for n in middle] + [f"t{n} >> t{tasks - 1}" for n in middle])


def layers(tasks: int) -> str:
    """A DAG that does not nest: layers of ten, each task waiting for two of the layer before."""
    edges = []
    for n in range(LAYER, tasks):
        first = (n // LAYER - 1) * LAYER
        edges += [f"t{first + n % LAYER} >> t{n}", f"t{first + (n + 1) % LAYER} >> t{n}"]
    return _dag(tasks, edges)


SHAPES = {"chain": chain, "fan": fan, "layers": layers}


def _dag(tasks: int, edges: list[str]) -> str:
    calls = [
        f'    t{n} = LambdaInvokeFunctionOperator(task_id="t{n}", function_name="work", retries=2)\n'
        for n in range(tasks)
    ]
    return HEAD + "".join(calls) + "".join(f"    {edge}\n" for edge in edges)
