"""The model of a DAG run beside real Airflow: the same DAGs, the same outcomes, the same virtual times.

``python -m tests.oracles.dag_run_differences --airflow 3 --seed 0 --count 1000 --vectors 10``
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.oracles.answers import kept_bytecode
from tests.oracles.dag_run_programs import as_json, source, vectors

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.verify.dag_run import Program, program, run
from dagmig.verify.observed import Observed, Vector

WORKER = Path(__file__).with_name("dag_run_worker.py")
ORACLES = Path(__file__).resolve().parents[2] / ".oracles"
MOST_WAYS = 256
SETTINGS = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
}
Seen = tuple[str, dict[tuple[str, int], tuple[Any, ...]]]


@dataclass(slots=True)
class Found:
    """How much was compared, and each difference as text."""

    dags: int = 0
    vectors: int = 0
    differences: list[str] = field(default_factory=list)


def python_run(python: Path, script: Path, *arguments: str) -> None:
    """Run a script with Airflow's Python in an ``AIRFLOW_HOME`` of its own."""
    with tempfile.TemporaryDirectory(prefix="dagmig-airflow-") as home:
        subprocess.run(
            [str(python), str(script), *arguments],
            env={**kept_bytecode(), **SETTINGS, "AIRFLOW_HOME": home},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def differences(python: Path, airflow: int, seeds: Iterable[int], count: int) -> Found:
    """Compare ``count`` vectors of the DAG of each seed."""
    asked = []
    for seed in seeds:
        text = source(seed, airflow)
        made = program(read(text, "dag.py", Report())[0], airflow)
        asked.append((seed, text, made, list(vectors(made, count, seed))))
    found = Found()
    with tempfile.TemporaryDirectory(prefix="dagmig-runs-") as folder:
        given, answers = Path(folder) / "given.jsonl", Path(folder) / "answers.jsonl"
        lines = ({"source": text, "vectors": list(map(as_json, given))} for _, text, _, given in asked)
        given.write_text("".join(json.dumps(line) + "\n" for line in lines))
        python_run(python, WORKER, str(given), str(answers))
        with answers.open() as file:
            for (seed, _, made, tried), line in zip(asked, file, strict=True):
                found.dags += 1
                answer = json.loads(line)
                if "error" in answer:
                    found.differences.append(f"dag {seed}: Airflow says {answer['error']}")
                for number, (vector, real) in enumerate(zip(tried, answer.get("runs", ()), strict=False)):
                    found.vectors += 1
                    said = [f"dag {seed}, vector {number}: {one}" for one in _compared(made, vector, real)]
                    found.differences += said
    return found


def _compared(made: Program, vector: Vector, real: dict[str, Any]) -> Iterator[str]:
    wanted = real["state"], {(name, index): tuple(rest) for name, index, *rest in real["instances"]}
    usual = None
    for model in ways(lambda choose: run(made, vector, choose)):
        seen = _seen(model)
        usual = usual or seen
        if seen == wanted:
            yield from _order(model, wanted)
            return
    assert usual
    if usual[0] != wanted[0]:
        yield f"the run is {wanted[0]}, the model says {usual[0]}"
    for one in sorted(usual[1].keys() | wanted[1].keys()):
        if usual[1].get(one) != wanted[1].get(one):
            yield f"{one} is {wanted[1].get(one)}, the model says {usual[1].get(one)}"


def _seen(model: Observed) -> Seen:
    ends = model.instances.items()
    return model.state.value, {
        one: (end.state and end.state.value, end.attempts, end.started, end.finished) for one, end in ends
    }


def _order(model: Observed, wanted: Seen) -> Iterator[str]:
    """What the model says must come before something else, and did not."""
    for one, before in model.before.items():
        for other in before:
            if wanted[1][other][3] > wanted[1][one][2]:
                yield f"{other} had not ended when {one} started"


def ways(runs: Callable[[Callable[[int], int]], Observed]) -> Iterator[Observed]:
    """A run in each way that Airflow may decide by accident, and no more than so many."""
    scripts: list[list[int]] = [[]]
    for _ in range(MOST_WAYS):
        if not scripts:
            return
        script, asked = scripts.pop(0), list[int]()

        def choose(count: int, script: list[int] = script, asked: list[int] = asked) -> int:
            asked.append(count)
            return script[len(asked) - 1] if len(asked) <= len(script) else 0

        yield runs(choose)
        for place in range(len(script), len(asked)):
            scripts += [[*script, *[0] * (place - len(script)), way] for way in range(1, asked[place])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--airflow", type=int, choices=(2, 3), default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--vectors", type=int, default=5)
    given = parser.parse_args()
    python = ORACLES / ("airflow" if given.airflow == 3 else "airflow2") / "bin" / "python"
    found = differences(python, given.airflow, range(given.seed, given.seed + given.count), given.vectors)
    for one in found.differences:
        print(one)
    print(f"{found.dags} DAGs, {found.vectors} vectors, {len(found.differences)} differences")
    sys.exit(bool(found.differences))


if __name__ == "__main__":
    main()
