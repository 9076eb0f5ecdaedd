"""The model of a DAG run against real Airflow 3 and 2.

Exhaustively, what each trigger rule makes of every set of upstream states and of setups further up
(``trigger_rule_worker.py`` says what is real there); and whole runs of random DAGs, with branches, short
circuits, setups and teardowns, retries, maps and mapped groups, through the scheduler's own loop
(``dag_run_worker.py``): the states, how often bodies ran, when, and in what order.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.oracles.dag_run_differences import differences, python_run

from dagmig.graph.model import Call, Edge, Task, TriggerRule, Workflow
from dagmig.verify.dag_run import program
from dagmig.verify.dag_run.decisions import decisions
from dagmig.verify.dag_run.instances import ENDED, Instances
from dagmig.verify.observed import State, Vector

RULES_WORKER = Path(__file__).with_name("trigger_rule_worker.py")
DAGS, VECTORS = 300, 5  # of each version


@pytest.fixture(scope="session")
def pythons(airflow_python: Path, airflow2_python: Path) -> dict[int, Path]:
    return {3: airflow_python, 2: airflow2_python}


@pytest.mark.parametrize("airflow", [3, 2])
def test_trigger_rules(airflow: int, pythons: dict[int, Path], tmp_path: Path) -> None:
    """Every rule, up to four upstream tasks in every state, with up to two setups before them."""
    out = tmp_path / "rules.json"
    python_run(pythons[airflow], RULES_WORKER, str(out))
    cases = json.loads(out.read_text())
    assert len(cases) > 3_000
    assert [case for case in cases if _decided(airflow, *case[:3]) != case[3]] == []


def _decided(airflow: int, rule: str, direct: list[tuple[str | None, bool]], setups: list[str | None]) -> str:
    near = {f"d{i}": (state, is_setup) for i, (state, is_setup) in enumerate(direct)}
    far = {f"s{i}": (state, True) for i, state in enumerate(setups)}
    tasks = {n: Task(n, Call("@task"), is_setup=is_setup) for n, (_, is_setup) in (near | far).items()}
    tasks["t"] = Task("t", Call("@task"), trigger=TriggerRule(rule))
    edges = {Edge(name, "t") for name in near} | {Edge(name, "d0") for name in far}
    made = program(Workflow("d", tasks, frozenset(edges)), airflow)
    found = Instances(made, Vector())
    for name, (state, _) in (near | far).items():
        if state is not None:
            one = found.members[made.place[name]][0]
            found.state[one], found.status[one] = State(state), ENDED
    (decided,) = decisions(found, found.members[made.place["t"]][0])
    return decided.value


def test_runs(pythons: dict[int, Path]) -> None:
    """Random DAGs and outcomes; both versions at the same time."""
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(differences, python, version, range(DAGS), VECTORS)
            for version, python in pythons.items()
        ]
        found = [one.result() for one in waiting]
    assert [one for version in found for one in version.differences] == []
    assert [(one.dags, one.vectors) for one in found] == [(DAGS, DAGS * VECTORS)] * 2
