"""``dagmig verify``: a DAG of 20 tasks and its machine, with as many outcomes as are tried at most."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from random import Random

import dagmig
from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.verify.engine import Attempt, Outcome, compile_machine, failure, run
from dagmig.verify.proof import proof

VECTORS = 10_000
DAG = """\
from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, chain

with DAG("twenty", schedule="@daily", start_date=datetime(2024, 1, 1), default_args={"retries": 2}):
    ends = [BashOperator(task_id=name, bash_command="echo {{ ds }}") for name in ("start", "join", "end")]
    wide = [BashOperator(task_id=f"wide_{n}", bash_command=f"load {n} {{{{ ds }}}}") for n in range(8)]
    long = [BashOperator(task_id=f"long_{n}", bash_command=f"step {n}") for n in range(9)]
    ends[0] >> wide >> ends[1]
    chain(ends[1], *long, ends[2])
"""


def main(share: int = 1) -> None:
    """Print the milliseconds of one execution, and what ten thousand comparisons take: one in ``share`` of
    them is measured.
    """
    with tempfile.TemporaryDirectory(prefix="dagmig-benchmarks-") as name:
        file = Path(name) / "twenty.py"
        file.write_text(DAG, encoding="utf-8")
        (converted,) = dagmig.to_asl(file, Report())
    machine = compile_machine(json.loads(converted.text))
    random = Random(0)

    def call(attempt: Attempt) -> Outcome:
        fails = random.random() < 0.05
        return failure("Broken", seconds=1) if fails else Outcome({"Payload": "x"}, seconds=1)

    start = time.perf_counter()
    attempts = sum(len(run(machine, {}, call).attempts) for _ in range(VECTORS // 10))
    seconds = (time.perf_counter() - start) / (VECTORS // 10)
    print(
        f"\nASL interpreter: {seconds * 1000:.2f} ms an execution of the machine of 20 tasks "
        f"({attempts / (VECTORS // 10):.1f} attempts)"
    )
    (workflow,) = read(DAG, "twenty.py", Report(), bodies=True)
    start = time.perf_counter()
    verdict = proof(workflow).verdict(VECTORS // share)
    seconds = (time.perf_counter() - start) * share
    assert verdict.difference is None
    print(
        f"verify: {VECTORS:,} ways to go of a DAG of 20 tasks, both sides compared: {seconds:.0f} s (aim 120)"
    )


if __name__ == "__main__":
    main()
