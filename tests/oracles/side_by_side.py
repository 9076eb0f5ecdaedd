"""A DAG in real Airflow beside its machine in an independent ASL engine (LocalStack's).

The outcomes of all bodies are given to both sides; compared are the observables under the guarantee that the
machine claims, as ``dagmig verify`` compares them. Airflow's side is what ``dag_run_worker`` says is real.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.oracles.asl_engines import LocalStack
from tests.oracles.dag_run_differences import WORKER, python_run, ways
from tests.oracles.dag_run_programs import as_json

from dagmig.asl.lower.run import GET_PARAMETER
from dagmig.asl.model import written_states
from dagmig.verify.bodies import Bodies
from dagmig.verify.comparison import SITUATIONS
from dagmig.verify.dag_run import Program, admissible, run
from dagmig.verify.engine import Attempt
from dagmig.verify.engine.trace import Step
from dagmig.verify.execution import Execution
from dagmig.verify.observed import ALL, Ended, Instance, Observed, State, Vector
from dagmig.verify.proof import Proof

MOST_ITEMS = 30
PROCESSES = 2  # of Airflow


@dataclass(slots=True)
class Case:
    """One DAG, its machine, and the vectors that are tried; ``source`` is where Airflow finds the DAG, as
    ``dag_run_worker`` is asked for it.
    """

    name: str
    source: Mapping[str, str]
    proof: Proof
    vectors: list[Vector]


@dataclass(frozen=True, slots=True)
class Run:
    """One vector of a case on both sides. ``difference`` is the first thing that is not the same, empty where
    all is; ``is_declared``: the ledger has a row for it.
    """

    case: Case
    number: int
    difference: str = ""
    is_declared: bool = False

    @property
    def is_unexplained(self) -> bool:
        """Whether the two differ and nobody has said so."""
        return bool(self.difference) and not self.is_declared

    def __str__(self) -> str:
        return f"{self.case.name}, vector {self.number}: {self.difference}"


def timed(made: Proof, vector: Vector, seed: int) -> Vector:
    """Bodies that take different times, so that nothing happens at the same moment; what Airflow does not
    run (``EmptyOperator``) takes none.
    """
    rng = random.Random(seed)
    durations: dict[Instance, float] = {}
    for node in sorted(made.program.nodes, key=lambda node: node.id):
        is_empty = made.program.workflow.tasks[node.id].call.operator.endswith("EmptyOperator")
        for index in (ALL, *range(MOST_ITEMS)) if node.lengths is not None else (ALL,):
            durations[node.id, index] = 0.0 if is_empty else round(rng.uniform(1, 60), 3)
    return replace(vector, durations=durations)


def runs(python: Path, localstack: LocalStack, asked: list[Case]) -> Iterator[Run]:
    """Ask both sides, at the same time; Airflow in several processes, and once where it is asked the same."""
    lines = {case.name: _line(case) for case in asked}
    sizes = {lines[case.name]: _size(case) for case in asked}
    with ThreadPoolExecutor(PROCESSES) as pool:
        parts = [sorted(sizes, key=sizes.__getitem__)[part::PROCESSES] for part in range(PROCESSES)]
        waiting = [pool.submit(_answers, python, part) for part in parts]
        executions = [[executed(case, vector, localstack) for vector in case.vectors] for case in asked]
        answers = {line: answer for one in waiting for line, answer in one.result()}
    for case, machines in zip(asked, executions, strict=True):
        answer = answers[lines[case.name]]
        if "error" in answer:
            yield Run(case, 0, f"Airflow says {answer['error']}")
            continue
        both = zip(case.vectors, answer["runs"], machines, strict=True)
        for number, (vector, real, execution) in enumerate(both):
            yield _compared(case, number, vector, real, execution)


def _line(case: Case) -> str:
    """What Airflow is asked."""
    return json.dumps({**case.source, "vectors": list(map(as_json, case.vectors))})


def _size(case: Case) -> int:
    """How much there is to run, about."""
    return len(case.vectors) * len(case.proof.program.nodes) ** 2


def _answers(python: Path, lines: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What one process of Airflow answers to each line."""
    with tempfile.TemporaryDirectory(prefix="dagmig-side-by-side-") as folder:
        given, answers = Path(folder) / "given.jsonl", Path(folder) / "answers.jsonl"
        given.write_text("".join(f"{line}\n" for line in lines))
        python_run(python, WORKER, str(given), str(answers))
        return zip(lines, map(json.loads, answers.read_text().splitlines()), strict=True)


def _compared(case: Case, number: int, vector: Vector, real: dict[str, Any], execution: Execution) -> Run:
    observed = _observed(case.proof.program, vector, real)
    if observed is None:
        return Run(case, number, f"no run of the model ends as Airflow's did: {real}")
    comparison = case.proof.comparison
    found = comparison.difference(vector, observed, execution)
    if found is None:
        return Run(case, number)
    return Run(case, number, found.said, comparison.is_declared(observed))


def _observed(program: Program, vector: Vector, real: dict[str, Any]) -> Observed | None:
    """What Airflow did; what has to be before what, and which values there are, is of the model's run that
    ended the same way. None where none does. An ``EmptyOperator`` succeeds without being run, which counts
    as an attempt.
    """
    instances = {
        (name, index): Ended(State(state) if state else None, attempts or int(state == "success"), start, end)
        for name, index, state, attempts, start, end in real["instances"]
    }
    found = Observed(State(real["state"]), instances)
    for model in _models(program, vector):
        if model.outcome() == found.outcome():
            return replace(found, before=model.before, values=model.values)
    return None


def _models(program: Program, vector: Vector) -> Iterator[Observed]:
    """The runs of the model: as long as bodies take, then in any other order."""
    yield from ways(lambda choose: run(program, vector, choose))
    yield from admissible(program, vector, SITUATIONS).runs


def executed(case: Case, vector: Vector, localstack: LocalStack) -> Execution:
    """The machine in LocalStack, whose branches run one after the other."""
    machines = case.proof.machines
    resources = dict(_resources(machines.machine))
    outcome = localstack.run(machines.machine, script(case, vector), machines.input)
    attempts: dict[Instance, list[Attempt]] = {}
    ended: dict[Instance, State] = {}
    others: dict[str, None] = {}
    for order, (state, items, said) in enumerate(outcome.order):
        if said is None:
            continue
        if state not in machines.tasks:
            if resources[state] != GET_PARAMETER:
                others[state] = None
            continue
        place = tuple(Step(state, item, True) for item in items)
        result, arguments = said
        attempt = Attempt(state, place, 0, "", arguments, order, order, order, order)
        node = case.proof.program.nodes[case.proof.program.place[machines.tasks[state]]]
        one = Bodies.instance(node, attempt)
        attempts.setdefault(one, []).append(attempt)
        is_skip = result == "throw:AirflowSkipException"
        ended[one] = State.SUCCESS if result == "return" else State.SKIPPED if is_skip else State.FAILED
    state = State.SUCCESS if outcome.status == "SUCCEEDED" else State.FAILED
    return Execution(state, outcome.error or "", attempts, ended, tuple(others))


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


def _resources(scope: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What each Task state calls."""
    for name, state in written_states(scope):
        if state["Type"] == "Task":
            yield name, state["Resource"]
