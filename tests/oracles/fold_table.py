"""``python -m tests.oracles.fold_table``: how much longer the folded order takes than the DAG.

Beside level barriers, over published DAGs and over random layered ones, with random durations:
folded by these, and folded without them and then run with them. Needs what ``tests/oracles/setup.sh`` builds;
``--write`` puts the table into the README.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import mean

from tests.oracles.corpora import corpora
from tests.oracles.reader_table import PROCESSES, reading
from tests.oracles.readme_part import with_part, write_part

from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Edge, Task, Workflow
from dagmig.regions.fold import fold
from dagmig.regions.order import order
from dagmig.regions.waits import critical_path, waits

SETS = 5  # of durations a DAG
RANDOM_DAGS = 60
DRAWS: dict[str, Callable[[Random], float]] = {
    "uniform 1-10": lambda random: random.uniform(1, 10),
    "lognormal": lambda random: random.lognormvariate(0, 1),
    "Pareto 1.1": lambda random: random.paretovariate(1.1),
}
MEASURED = "python -m tests.oracles.fold_table"
HEAD = (
    "| DAGs | durations | count | do not nest | with `--durations` | without | level barriers |\n"
    "|---|---|--:|--:|--:|--:|--:|"
)


@dataclass
class Row:
    """Ratios of the critical paths, folded over the DAG's own; ``cut`` counts DAGs that do not nest."""

    dags: str
    durations: str
    count: int = 0
    cut: int = 0
    known: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)

    def __add__(self, other: Row) -> Row:
        added = (self.known + other.known, self.unknown + other.unknown, self.levels + other.levels)
        return Row(self.dags, self.durations, self.count + other.count, self.cut + other.cut, *added)

    def __str__(self) -> str:
        cells = [f"{mean(one):.3f}, {max(one):.2f}" for one in (self.known, self.unknown, self.levels)]
        return f"| {' | '.join(map(str, (self.dags, self.durations, self.count, self.cut, *cells)))} |"


def measured(workflow: Workflow, draw: Callable[[Random], float], seed: str, into: Row) -> None:
    """Adds a DAG that takes ``SETS`` random durations."""
    region = fold(workflow, Report())
    into.count += 1
    into.cut += waits(region, order(workflow.tasks, workflow.edges), 0).count > 0
    for number in range(SETS):
        random = Random(f"{seed} {number}")
        seconds = {task: draw(random) for task in sorted(workflow.tasks)}
        taken = {task: round(1e6 * one) for task, one in seconds.items()}
        least, levels = paths(workflow, taken)
        into.known.append(critical_path(fold(workflow, Report(), seconds), taken) / least)
        into.unknown.append(critical_path(region, taken) / least)
        into.levels.append(levels / least)


def paths(workflow: Workflow, taken: dict[str, int]) -> tuple[int, int]:
    """The critical path of a DAG, and with barriers between the levels of its tasks."""
    found = order(workflow.tasks, workflow.edges)
    ends, level = [taken[name] for name in found.names], [0] * len(found.names)
    for i, following in enumerate(found.next):
        for j in following:
            ends[j] = max(ends[j], ends[i] + taken[found.names[j]])
            level[j] = max(level[j], level[i] + 1)
    longest: dict[int, int] = {}
    for i, name in enumerate(found.names):
        longest[level[i]] = max(longest.get(level[i], 0), taken[name])
    return max(ends), sum(longest.values())


def of_examples(processes: int = PROCESSES) -> Row:
    """All DAGs of several tasks in the published files."""
    jobs = [(file, corpus.root) for corpus in corpora() for file in corpus.files]
    with ProcessPoolExecutor(processes) as pool:
        found = pool.map(_of_file, *zip(*jobs, strict=True), chunksize=16)
        return sum(found, Row("published", "lognormal"))


def _of_file(file: Path, root: Path) -> Row:
    row = Row("", "")
    for number, workflow in enumerate(reading(file, root, Report())):
        if len(workflow.tasks) > 1:
            measured(workflow, DRAWS["lognormal"], f"{file.name} {number}", row)
    return row


def of_random(tasks: int, count: int = RANDOM_DAGS) -> Iterator[Row]:
    """Random layered DAGs that do not nest, a row a distribution of durations."""
    for name, draw in DRAWS.items():
        random, row = Random(f"{tasks} {name}"), Row(f"random, {tasks} tasks", name)
        while row.count < count:
            workflow = layered(tasks, random)
            one = Row("", "")
            measured(workflow, draw, f"{name} {row.count}", one)
            if one.cut:
                row += one
        yield row


def layered(tasks: int, random: Random) -> Workflow:
    """Layers of up to five tasks, each task after one to three of the layer before, or an earlier one."""
    layers: list[list[str]] = []
    edges: set[Edge] = set()
    names = [f"t{number:03}" for number in range(tasks)]
    while (done := sum(map(len, layers))) < tasks:
        layer = names[done : done + random.randint(1, 5)]
        for name in layer if layers else ():
            for _ in range(random.randint(1, 3)):
                source = layers[-1] if random.random() < 0.8 else random.choice(layers)
                edges.add(Edge(random.choice(source), name))
        layers.append(layer)
    return Workflow("random", {name: Task(name, Call("x.Operator")) for name in names}, frozenset(edges))


def rows() -> list[Row]:
    return [of_examples(), *of_random(24)]


def table(found: Iterable[Row]) -> str:
    return "\n".join([HEAD, *map(str, found)]) + "\n"


def with_table(text: str, found: Iterable[Row]) -> str:
    """The README with the table as it is now."""
    return with_part(text, MEASURED, table(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.fold_table", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    options = parser.parse_args()
    found = rows()
    print(table(found))
    if options.write:
        write_part(MEASURED, table(found))


if __name__ == "__main__":
    main()
