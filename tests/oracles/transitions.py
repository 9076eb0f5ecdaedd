"""How many states an execution enters for each task that runs: ``python -m tests.oracles.transitions``.

Over the machines of the published example DAGs, where everything succeeds. Parallel, Map, Choice and Pass
states count; a task whose work takes several states (a sensor) counts as one. By tier: machines that keep
what became of their tasks, and those that need not.

``--write`` puts the table into the README, ``--details`` names each DAG.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.oracles.readme_part import with_part, write_part
from tests.oracles.verify_table import examples, wanted

from dagmig.verify.bodies import Bodies
from dagmig.verify.dag_run import run
from dagmig.verify.engine import run as execute
from dagmig.verify.proof import NotVerified, Proof

MEASURED = "python -m tests.oracles.transitions"
HEAD = """\
| machines of the example DAGs | DAGs | tasks run | states entered | per task |
|---|--:|--:|--:|--:|"""
PLAIN, KEEPING = "that end at a failure", "that keep what became of tasks"
KEPT = '"state_of_'  # the variables and outputs that hold how tasks ended


@dataclass(frozen=True, slots=True)
class Counted:
    """One DAG; ``tasks`` are the instances that Airflow runs, ``states`` those that its execution enters."""

    dag: str
    tier: str
    tasks: int
    states: int


def counted(dag: str, made: Proof) -> Counted:
    """The states that are entered where everything succeeds."""
    machines = made.machines
    vector = next(made.ways.vectors(1, 0))
    bodies = Bodies(made.program, vector, machines.tasks, machines.answers)
    states = len(execute(machines.compiled, machines.input, bodies).visits)
    tier = KEEPING if KEPT in json.dumps(machines.machine) else PLAIN
    return Counted(dag, tier, len(run(made.program, vector).executed), states)


def of_examples() -> Iterator[Counted]:
    """All example DAGs that have a machine."""
    for example in (one for corpus in wanted() for one in examples(corpus)):
        try:
            yield counted(example.name, example.proof())
        except NotVerified:
            continue


def per_task(found: Iterable[Counted]) -> float:
    """The states that are entered for each task that runs."""
    kept = list(found)
    return sum(one.states for one in kept) / sum(one.tasks for one in kept)


def table(found: list[Counted]) -> str:
    lines = [HEAD]
    for tier in (PLAIN, KEEPING):
        kept = [one for one in found if one.tier == tier]
        sums = (len(kept), sum(one.tasks for one in kept), sum(one.states for one in kept))
        lines.append(f"| {tier} | {' | '.join(map(str, sums))} | {per_task(kept):.2f} |")
    return "\n".join(lines) + "\n"


def with_table(text: str, found: list[Counted]) -> str:
    """The README with the table as it is now."""
    return with_part(text, MEASURED, table(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.transitions", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("--details", action="store_true", help="name each DAG")
    options = parser.parse_args()
    found = list(of_examples())
    print(table(found))
    if options.details:
        for one in sorted(found, key=lambda one: (one.tier, one.states / max(one.tasks, 1))):
            print(f"{one.states:4} {one.tasks:4}  {one.dag}")
    if options.write:
        write_part(MEASURED, table(found))


if __name__ == "__main__":
    main()
