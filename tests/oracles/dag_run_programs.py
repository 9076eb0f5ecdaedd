"""Random DAGs with all that decides what runs, and random outcomes for them, as text for real Airflow.

Seeded: the same seed makes the same programs. The text is read by dagmig's reader and executed by Airflow.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from dagmig.graph.model import TriggerRule
from dagmig.verify.dag_run import Program
from dagmig.verify.observed import FAILS, SKIPS, SUCCEEDS, Instance, Outcome, State, Vector

HEADS = {
    3: "from airflow.sdk import DAG, TaskGroup, task_group\n",
    2: """\
from airflow import DAG
from airflow.decorators import task_group
from airflow.utils.task_group import TaskGroup
""",
}
HEAD = """\
from datetime import datetime, timedelta

from airflow.providers.standard.operators.python import (
    BranchPythonOperator, PythonOperator, ShortCircuitOperator
)


def f(*args):
    return list(args)


NOW = timedelta(0)
with DAG("{name}", schedule=None, start_date=datetime(2024, 1, 1){arguments}) as dag:
"""
NEW = "all_done_min_one_success"  # not in Airflow 2
RULES = [rule.value for rule in TriggerRule]


class Writer:
    """Writes one DAG. ``units`` are its tasks and mapped groups by their variables, in order."""

    def __init__(self, seed: int, airflow: int) -> None:
        self.seed, self.rng, self.airflow = seed, random.Random(seed), airflow
        rng = self.rng
        self.lines: list[str] = []
        self.units: list[str] = []
        self.plain: list[str] = []
        self.mapped: list[str] = []
        self.fails_fast = rng.random() < 0.08
        self.has_setup = rng.random() < 0.3
        self.has_maps = rng.random() < 0.5

    def text(self) -> str:
        rng = self.rng
        if self.has_setup:
            self.lines.append(f"s = PythonOperator(task_id='s', {self.options(0, plain=True)}).as_setup()")
            self.units.append("s")
        for number in range(rng.randint(3, 7)):
            self.unit(number)
        if self.has_setup:
            self.teardown()
        name = "fail_fast" if self.airflow >= 3 else "fail_stop"
        arguments = f", {name}=True" if self.fails_fast else ""
        body = "\n".join(f"    {line}" for line in self.lines)
        head = HEAD.replace("{arguments}", arguments).replace("{name}", f"dag_{self.seed}")
        return f"{HEADS[self.airflow]}{head}{body}\n"

    def unit(self, number: int) -> None:
        rng, name = self.rng, f"t{number}"
        before = [one for one in self.units if rng.random() < 1.3 / len(self.units)]
        kind = rng.random()
        options = self.options(number, plain="s" in before, maps=kind < 0.25)
        if self.has_maps and kind < 0.25:
            self.lines += self.map_of(name, options)
            self.mapped.append(name)
        elif self.has_maps and kind < 0.4:
            self.lines += self.group(name)
        else:
            operator = {0: "BranchPythonOperator", 1: "ShortCircuitOperator"}.get(rng.randrange(6))
            if operator == "ShortCircuitOperator" and rng.random() < 0.5:
                options += ", ignore_downstream_trigger_rules=False"
            self.lines.append(f"{name} = {operator or 'PythonOperator'}(task_id={name!r}, {options})")
            if operator is None:
                self.plain.append(name)
        self.lines += [f"{one} >> {name}" for one in before]
        self.units.append(name)

    def options(self, number: int, plain: bool = False, maps: bool = False) -> str:
        """``maps``: a mapped task, which may not have the rule ``always``."""
        rng = self.rng
        found = "python_callable=f"
        if number and not plain and not self.fails_fast and rng.random() < 0.6:
            rule = rng.choice(RULES)
            is_there = (rule != NEW or self.airflow >= 3) and (rule != "always" or not maps)
            found += f", trigger_rule={rule!r}" if is_there else ""
        if rng.random() < 0.3:
            found += f", retries={rng.randint(1, 2)}, retry_delay=NOW"
        return found

    def values(self) -> str:
        rng = self.rng
        sources = [f"{one}.output" for one in self.plain] * 3 + [f"{one}.output" for one in self.mapped]
        if sources and rng.random() < 0.75:
            return self.joined(rng.choice(sources), rng.choice(sources))
        return str([[i] for i in range(rng.choice([0, 1, 2, 3]))])

    def joined(self, one: str, other: str) -> str:
        """One output, or now and then something made of two."""
        made = (f"{one}.zip({other})", f"{one}.zip({other}, fillvalue=0)", f"{one}.concat({other})",
                f"{one}.map(lambda x: x)")  # fmt: skip
        return self.rng.choice(made) if self.rng.random() < 0.25 else one

    def map_of(self, name: str, options: str) -> list[str]:
        operator = self.rng.choice(["PythonOperator"] * 5 + ["BranchPythonOperator", "ShortCircuitOperator"])
        given = f"op_args={self.values()}"
        if self.rng.random() < 0.15:
            given += f", op_kwargs={self.values()}"
        return [f"{name} = {operator}.partial(task_id={name!r}, {options}).expand({given})"]

    def group(self, name: str) -> list[str]:
        """A mapped group: up to three tasks, the last in a group inside, or the first a setup of the last."""
        rng, values = self.rng, self.values()
        inside = [f"@task_group(group_id={name!r})", f"def make_{name}(x):"]
        names = ["a", "b", "c"][: rng.randint(1, 3)]
        has_setup = len(names) > 2 and rng.random() < 0.2 and not self.fails_fast
        nested = names[-1] if rng.random() < 0.25 and not has_setup else ""
        for i, one in enumerate(names):
            kinds = ["PythonOperator"] * 6 + ["BranchPythonOperator"] * (one != names[-1] and not has_setup)
            takes = ", op_args=[x]" if i == 0 else ""
            options = self.options(i + 1, plain=has_setup, maps=True)
            made = f"{one} = {rng.choice(kinds)}(task_id={one!r}, {options}{takes})"
            inside += (
                [f"    with TaskGroup({one + one!r}):", f"        {made}"]
                if nested == one
                else [f"    {made}"]
            )
            inside += [f"    {other} >> {one}" for other in names[:i] if rng.random() < 0.7]
        if has_setup:
            inside += ["    a.as_setup()", f"    {names[-1]}.as_teardown(setups=a)"]
        return [*inside, f"{name} = make_{name}.expand(x={values})"]

    def teardown(self) -> None:
        rng = self.rng
        options = ", on_failure_fail_dagrun=True" if rng.random() < 0.3 else ""
        work = [one for one in self.units if one != "s" and rng.random() < 0.5]
        self.lines.append("z = PythonOperator(task_id='z', python_callable=f)")
        self.lines.append(f"z.as_teardown(setups=s{options})")
        self.lines += [f"{one} >> z" for one in work]
        if rng.random() < 0.3:
            self.lines.append(f"y = PythonOperator(task_id='y', {self.options(9)})")
            self.lines.append("z >> y")


def source(seed: int, airflow: int) -> str:
    """The text of one DAG."""
    return Writer(seed, airflow).text()


def vectors(program: Program, count: int, seed: int) -> Iterator[Vector]:
    """Random ways for the bodies to go; durations differ, so that nothing happens at the same moment."""
    rng = random.Random(seed)
    for _ in range(count):
        outcomes: dict[Instance, Outcome] = {}
        durations: dict[Instance, float] = {}
        lengths: dict[str, int] = {}
        for place, node in enumerate(program.nodes):
            after = [other.id for other in program.nodes if place in other.upstream]
            for index in (-1,) if node.lengths is None else range(9):
                outcomes[node.id, index] = _outcome(rng, program, place, after)
                durations[node.id, index] = round(rng.uniform(1, 10), 6)
            lengths[node.id] = rng.choice([0, 1, 2, 3])
        yield Vector(outcomes, lengths, durations)


def _outcome(rng: random.Random, program: Program, place: int, after: list[str]) -> Outcome:
    kind, chooser = rng.random(), program.nodes[place].chooser
    if kind > 0.6 + 0.2 * (chooser is not None):
        return rng.choice([FAILS, FAILS, SKIPS, Outcome(failures=1), Outcome(State.FAILED, failures=0)])
    if chooser is None:
        return SUCCEEDS
    if chooser.is_branch:
        groups = program.workflow.groups
        picked = [one for one in after if rng.random() < 0.5]
        named = [one.split(".")[0] if rng.random() < 0.5 else one for one in picked]
        return Outcome(
            chosen=tuple(name if name in groups else one for name, one in zip(named, picked, strict=True))
        )
    return Outcome(chosen=rng.choice([(), None]))


def as_json(vector: Vector) -> dict[str, Any]:
    """A vector for ``dag_run_worker.py``."""
    outcomes = []
    for (name, index), said in vector.outcomes.items():
        given: dict[str, Any] = {"state": said.state.value, "failures": said.failures}
        if said.chosen is not None:
            given["chosen"] = list(said.chosen)
        outcomes.append([name, index, given])
    durations = [[name, index, said] for (name, index), said in vector.durations.items()]
    return {"outcomes": outcomes, "lengths": dict(vector.lengths), "durations": durations}
