"""Random DAGs in real Airflow beside their machines in an independent ASL engine (LocalStack's).

``python -m tests.oracles.end_to_end --airflow 3 --seed 0 --count 300 --vectors 10``: so many DAGs that can be
translated, each as it is and with ``--on-failure drain``. A line says how far it is, and which ``--seed``
goes on from there.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path

from tests.oracles.asl_engines import LocalStack
from tests.oracles.dag_run_differences import ORACLES
from tests.oracles.dag_run_programs import source
from tests.oracles.side_by_side import Case, runs, timed

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.verify.proof import NotVerified, proof

BATCH = 100  # DAGs that one process of Airflow runs


@dataclass(slots=True)
class Found:
    """``refused`` are DAGs without a machine, by reason; ``declared`` vectors differ as the ledger says.
    ``seed`` is that of the next DAG.
    """

    seed: int = 0
    dags: int = 0
    strict: int = 0
    vectors: int = 0
    declared: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def cases(airflow: int, vectors: int, found: Found) -> Iterator[Case]:
    """The DAGs that have a machine, by seed, and their drained machines, which Airflow runs once."""
    for seed in count(found.seed):
        found.seed = seed + 1
        text = source(seed, airflow)
        (workflow,) = read(text, "dag.py", Report(), bodies=True)
        workflow = replace(workflow, is_airflow_3=airflow >= 3)
        try:
            made, drained = (proof(workflow, drains=drains) for drains in (False, True))
        except NotVerified as reason:
            found.refused[str(reason).partition(":")[0]] += 1
            continue
        found.dags += 1
        found.strict += made.comparison.is_strict
        tried = [timed(made, vector, seed) for vector in made.ways.vectors(vectors, seed)]
        yield Case(f"dag {seed}", {"source": text}, made, tried)
        yield Case(f"dag {seed}, drained", {"source": text}, drained, tried)


def differences(
    python: Path, localstack: Path, airflow: int, first: int, dags: int, vectors: int
) -> Iterator[Found]:
    """Compare ``vectors`` of each of so many DAGs; what was found so far, after each batch."""
    found = Found(first)
    made = islice(cases(airflow, vectors, found), 2 * dags)
    with LocalStack(localstack) as engine:
        while asked := list(islice(made, 2 * BATCH)):
            for one in runs(python, engine, asked):
                found.vectors += 1
                found.declared += one.is_declared
                found.differences += [str(one)] if one.is_unexplained else []
            yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--airflow", type=int, choices=(2, 3), default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--vectors", type=int, default=10)
    given = parser.parse_args()
    python = ORACLES / ("airflow" if given.airflow == 3 else "airflow2") / "bin" / "python"
    localstack = ORACLES / "localstack" / "bin" / "python"
    found, shown = Found(), 0
    for found in differences(python, localstack, given.airflow, given.seed, given.count, given.vectors):
        print("".join(f"{one}\n" for one in found.differences[shown:]), end="")
        print(f"{summary(found)}; the next seed is {found.seed}", flush=True)
        shown = len(found.differences)
    sys.exit(bool(found.differences))


def summary(found: Found) -> str:
    """How much was compared, in a line; a vector is one of a DAG with one of its machines."""
    return (
        f"{found.dags} DAGs ({found.strict} STRICT), {found.vectors} vectors: {len(found.differences)} "
        f"differ, {found.declared} as the ledger says; {found.refused.total()} DAGs have no machine"
    )


if __name__ == "__main__":
    main()
