"""The reader beside ``libcst.parse_module`` alone, in one process: the published files of the providers.

Printed as ratios: parse and read of the files that define a DAG to their parse; what a file costs that
defines none, on average and at worst; a DAG of thousands of tasks made in a loop, and one of half as many.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import libcst
from tests.oracles.corpora import corpora
from tests.oracles.reader_table import reading

from dagmig.airflow.read import read
from dagmig.diagnostics import Report

TASKS = 5000
AIM = 1.6
LOOP = """\
from datetime import datetime

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("big", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False):
    before = None
    for number in range({tasks}):
        task = BashOperator(task_id=f"task_{{number}}", bash_command=f"echo {{number}}", retries=2)
        if before is not None:
            before >> task
        before = task
"""

HEAD = """\
from airflow.sdk import DAG, TaskGroup, task
from airflow.providers.standard.operators.empty import EmptyOperator as Op

with DAG("big"):
    first, last = Op(task_id="first"), Op(task_id="last")
"""
WIDE = {
    "between two tasks": """\
    for number in range({tasks}):
        first >> Op(task_id=f"task_{{number}}") >> last
""",
    "in a group between two tasks": """\
    with TaskGroup("wide") as wide:
        for number in range({tasks}):
            Op(task_id=f"task_{{number}}")
    first >> wide >> last
""",
    "that are calls of one function": """\
    @task
    def work(number): ...
    for number in range({tasks}):
        first >> work(number) >> last
""",
    "inside a setup's block": """\
    with first.as_setup():
        for number in range({tasks}):
            Op(task_id=f"task_{{number}}") >> last
""",
}


def main(runs: int) -> None:
    files = {
        file: one.root for one in corpora() if one.root.name.startswith("providers") for file in one.files
    }
    defining = {file: root for file, root in files.items() if reading(file, root, Report())}
    others = {file: root for file, root in files.items() if file not in defining}
    print(f"\n{'reader, one process':44}{'files':>7}{'ms/file':>9}{'ratio':>8}")
    parsed, taken = _parsed_and_read(defining, runs)
    _line("libcst.parse_module of files with a DAG", len(defining), parsed, 1.0)
    _line(f"parse and read of them (aim {AIM}x)", len(defining), taken, taken / parsed)
    _line("files without a DAG", len(others), _median(lambda: _read(others), runs))
    worst = max(_median(lambda f=file, r=root: _read({f: r}), runs) for file, root in others.items())
    print(f"the slowest of those without a DAG: {1000 * worst:.2f} ms")
    half, whole = (_median(lambda n=n: _loop(n), runs) for n in (TASKS // 2, TASKS))
    print(f"a DAG of {TASKS} tasks made in a loop: {whole:.2f} s, {whole / half:.2f} times half of it")
    for shape, body in WIDE.items():
        print(f"{TASKS} tasks {shape}: {_median(lambda b=body: _wide(b), runs):.2f} s")


def _line(name: str, files: int, seconds: float, ratio: float | None = None) -> None:
    print(f"{name:44}{files:7}{1000 * seconds / max(files, 1):9.2f}{f'{ratio:.2f}x' if ratio else '':>8}")


def _parsed_and_read(files: dict[Path, Path], runs: int) -> tuple[float, float]:
    """Seconds of the processor for both; of each file the best of ``runs``, one by turns with the other, so
    that neither is measured while the machine is busier.
    """
    parsed = taken = 0.0
    for file, root in files.items():
        pairs = [
            (_cpu(lambda f=file: _parse(f)), _cpu(lambda f=file, r=root: _read({f: r}))) for _ in range(runs)
        ]
        parsed += min(first for first, _ in pairs)
        taken += min(second for _, second in pairs)
    return parsed, taken


def _parse(file: Path) -> None:
    libcst.parse_module(file.read_bytes())


def _cpu(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def _read(files: dict[Path, Path]) -> None:
    for file, root in files.items():
        reading(file, root, Report())


def _loop(tasks: int) -> None:
    (workflow,) = read(LOOP.format(tasks=tasks), "big.py", Report())
    if len(workflow.tasks) != tasks:
        print(f"  the reader made {len(workflow.tasks)} of {tasks} tasks")


def _wide(body: str) -> None:
    (workflow,) = read(HEAD + body.format(tasks=TASKS), "big.py", Report())
    if len(workflow.tasks) != TASKS + 2 or len(workflow.edges) != 2 * TASKS:
        print(f"  the reader made {len(workflow.tasks)} tasks and {len(workflow.edges)} edges")


def _median(job: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
