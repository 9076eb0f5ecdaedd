"""Random DAGs in real Airflow beside their machines in an independent ASL engine (LocalStack's).

``python -m tests.oracles.end_to_end --airflow 3 --seed 0 --count 300 --vectors 10``: so many DAGs that can be
translated, each as it is or (every second one) with ``--on-failure drain``. The outcomes of all bodies are
given to both sides; compared are the observables under the guarantee that the machine claims, as
``dagmig verify`` compares them. Airflow's side is what ``dag_run_worker`` says is real.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from tests.oracles.asl_engines import LocalStack
from tests.oracles.dag_run_differences import ORACLES, python_run
from tests.oracles.dag_run_differences import WORKER as AIRFLOW_WORKER
from tests.oracles.dag_run_programs import as_json, source

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.verify.bodies import Bodies
from dagmig.verify.dag_run import run
from dagmig.verify.engine import Attempt
from dagmig.verify.engine.trace import Step
from dagmig.verify.execution import Execution
from dagmig.verify.observed import ALL, Ended, Instance, Observed, State, Vector
from dagmig.verify.proof import NotVerified, Proof, proof

MOST_ITEMS = 30


@dataclass(slots=True)
class Case:
    """One DAG, its machine, and the vectors that are tried."""

    seed: int
    text: str
    proof: Proof
    machine: dict[str, Any]
    vectors: list[Vector]


@dataclass(slots=True)
class Found:
    """``refused`` are DAGs without a machine, by reason; ``declared`` vectors differ as the ledger says."""

    dags: int = 0
    strict: int = 0
    vectors: int = 0
    declared: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def cases(airflow: int, first: int, dags: int, vectors: int, found: Found) -> Iterator[Case]:
    """So many DAGs that have a machine, by seed."""
    for seed in count(first):
        text = source(seed, airflow)
        (workflow,) = read(text, "dag.py", Report(), bodies=True)
        workflow = replace(workflow, is_airflow_3=airflow >= 3)
        try:
            made = proof(workflow, drains=bool(seed % 2))
        except NotVerified as reason:
            found.refused[str(reason).partition(":")[0]] += 1
            continue
        tried = [_timed(seed, vector) for vector in made.ways.vectors(vectors, seed)]
        yield Case(seed, text, made, dict(made.machines.machine), tried)
        found.dags += 1
        found.strict += made.comparison.is_strict
        if found.dags >= dags:
            return


def _timed(seed: int, vector: Vector) -> Vector:
    """Bodies that take different times, so that nothing happens at the same moment."""
    rng = random.Random(seed)
    names = {name for name, _ in vector.outcomes} | {f"t{i}" for i in range(9)} | {"s", "y", "z"}
    durations: dict[Instance, float] = {}
    for name in sorted(names):
        durations[name, ALL] = round(rng.uniform(1, 60), 3)
        durations |= {(name, i): round(rng.uniform(1, 60), 3) for i in range(MOST_ITEMS)}
    return replace(vector, durations=durations)


def compared(python: Path, localstack: LocalStack, asked: list[Case], found: Found) -> None:
    """Ask both sides, at the same time, and keep where they part."""
    with tempfile.TemporaryDirectory(prefix="dagmig-end-to-end-") as folder, ThreadPoolExecutor(1) as pool:
        given, answers = Path(folder) / "given.jsonl", Path(folder) / "answers.jsonl"
        lines = ({"source": case.text, "vectors": list(map(as_json, case.vectors))} for case in asked)
        given.write_text("".join(json.dumps(line) + "\n" for line in lines))
        waiting = pool.submit(python_run, python, AIRFLOW_WORKER, str(given), str(answers))
        executions = [[executed(case, vector, localstack) for vector in case.vectors] for case in asked]
        waiting.result()
        answered = [json.loads(line) for line in answers.read_text().splitlines()]
    for case, answer, machines in zip(asked, answered, executions, strict=True):
        if "error" in answer:
            found.differences.append(f"dag {case.seed}: Airflow says {answer['error']}")
            continue
        runs = zip(case.vectors, answer["runs"], machines, strict=True)
        for number, (vector, real, execution) in enumerate(runs):
            found.vectors += 1
            _compare(case, number, _observed(case, vector, real), vector, execution, found)


def _observed(case: Case, vector: Vector, real: dict[str, Any]) -> Observed:
    """What Airflow did; what has to be before what, and which values there are, is the model's."""
    model = run(case.proof.program, vector)
    instances = {
        (name, index): Ended(State(state) if state else None, attempts, start, end)
        for name, index, state, attempts, start, end in real["instances"]
    }
    return Observed(State(real["state"]), instances, model.before, model.values)


def _compare(
    case: Case, number: int, observed: Observed, vector: Vector, execution: Execution, found: Found
) -> None:
    difference = case.proof.comparison.difference(vector, observed, execution)
    if difference is None:
        return
    if case.proof.comparison.is_declared(observed):
        found.declared += 1
        return
    found.differences.append(f"dag {case.seed}, vector {number}: {difference.said}")


def executed(case: Case, vector: Vector, localstack: LocalStack) -> Execution:
    """The machine in LocalStack, whose branches run one after the other."""
    machines = case.proof.machines
    outcome = localstack.run(case.machine, script(case, vector), machines.input)
    attempts: dict[Instance, list[Attempt]] = {}
    ended: dict[Instance, State] = {}
    for order, (state, items, said) in enumerate(outcome.order):
        task = machines.tasks.get(state)
        if task is None or said is None:
            continue
        place = tuple(Step(state, item, True) for item in items)
        result, arguments = said
        attempt = Attempt(state, place, 0, "", arguments, order, order, order, order)
        node = case.proof.program.nodes[case.proof.program.place[task]]
        one = Bodies.instance(node, attempt)
        attempts.setdefault(one, []).append(attempt)
        is_skip = result == "throw:AirflowSkipException"
        ended[one] = State.SUCCESS if result == "return" else State.SKIPPED if is_skip else State.FAILED
    state = State.SUCCESS if outcome.status == "SUCCEEDED" else State.FAILED
    return Execution(state, outcome.error or "", attempts, ended)


def script(case: Case, vector: Vector) -> dict[str, list[dict[str, Any]]]:
    """What each attempt of each instance comes to, for ``scripts``."""
    machines, program = case.proof.machines, case.proof.program
    bodies = Bodies(program, vector, machines.tasks, machines.answers)
    found: dict[str, list[dict[str, Any]]] = {}
    for state, task in machines.tasks.items():
        node = program.nodes[program.place[task]]
        for item in range(MOST_ITEMS) if node.lengths is not None else (None,):
            place = () if item is None else (Step(state, item, True),)
            entries = []
            for number in range(node.retries + 1):
                said = bodies(Attempt(state, place, number, "", {}, 0, 0))
                entry = {"throw": said.error} if said.has_failed else {"return": said.result}
                entries.append({**entry, "after": said.seconds})
            found[state if item is None else f"{state}@{item}"] = entries
    return found


def differences(python: Path, localstack: Path, airflow: int, first: int, dags: int, vectors: int) -> Found:
    """Compare ``vectors`` of each of so many DAGs."""
    found = Found()
    asked = list(cases(airflow, first, dags, vectors, found))
    with LocalStack(localstack) as engine:
        compared(python, engine, asked, found)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--airflow", type=int, choices=(2, 3), default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--vectors", type=int, default=10)
    given = parser.parse_args()
    python = ORACLES / ("airflow" if given.airflow == 3 else "airflow2") / "bin" / "python"
    localstack = ORACLES / "localstack" / "bin" / "python"
    found = differences(python, localstack, given.airflow, given.seed, given.count, given.vectors)
    print("\n".join(found.differences))
    print(summary(found))
    sys.exit(bool(found.differences))


def summary(found: Found) -> str:
    """How much was compared, in a line."""
    return (
        f"{found.dags} DAGs ({found.strict} STRICT), {found.vectors} vectors: {len(found.differences)} "
        f"differ, {found.declared} as the ledger says; {found.refused.total()} DAGs have no machine"
    )


if __name__ == "__main__":
    main()
