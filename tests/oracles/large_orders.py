"""Large graphs of every shape: as many edges as (earlier, later) pairs of task numbers."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from dagmig.graph.model import Call, Edge, Task, Workflow

Pairs = Iterable[tuple[int, int]]


def workflow(tasks: int, pairs: Pairs) -> Workflow:
    made = {f"t{i}": Task(f"t{i}", Call("x.Operator")) for i in range(tasks)}
    return Workflow("large", made, frozenset(Edge(f"t{a}", f"t{b}") for a, b in pairs))


def chain(tasks: int) -> Pairs:
    return ((i, i + 1) for i in range(tasks - 1))


def wide(tasks: int) -> Pairs:
    return [(0, i) for i in range(1, tasks - 1)] + [(i, tasks - 1) for i in range(1, tasks - 1)]


def tree(tasks: int) -> Pairs:
    return (((i - 1) // 2, i) for i in range(1, tasks))


def comb(tasks: int) -> Pairs:
    """A chain whose every task has a side task: nested half as deep as there are tasks."""
    return [(i, i + 2) for i in range(0, tasks - 2, 2)] + [(i, i + 1) for i in range(0, tasks - 1, 2)]


def layered(tasks: int, width: int = 50) -> Pairs:
    random = Random(1)
    return [
        (random.randrange((i // width - 1) * width, i // width * width), i)
        for i in range(width, tasks)
        for _ in range(2)
    ]


def narrow(tasks: int) -> Pairs:
    return layered(tasks, 10)


def sparse(tasks: int) -> Pairs:
    random = Random(2)
    found = (sorted(random.sample(range(tasks), 2)) for _ in range(tasks * 3 // 2))
    return [(early, late) for early, late in found]


def dense(tasks: int) -> Pairs:
    random = Random(3)
    return [(a, b) for b in range(tasks) for a in range(b) if random.random() < 0.1]


LARGE = (chain, wide, tree, comb, layered, narrow, sparse)
