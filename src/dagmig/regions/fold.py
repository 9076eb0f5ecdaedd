"""The order of a workflow's tasks as nested series and parallel parts.

An order that nests comes out exactly. Any other is cut in two along a down-set, so that some tasks wait
for tasks they do not depend on: never fewer waits, and never level barriers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task, Workflow
from dagmig.regions.cut import cut
from dagmig.regions.order import Order, bits, mask, order
from dagmig.regions.tree import Region, Series, Step, parallel, series

MAX_DEPTH = 80  # parts within parts; a machine is then nested less deeply than asl.load reads
NAMED = 5  # so many added waits are spelled out in a row


@dataclass(slots=True)
class _Waits:
    """Added waits: how many, and the first of them as (early, late)."""

    count: int = 0
    named: list[tuple[str, str]] = field(default_factory=list)

    def add(self, order: Order, early: int, late: int) -> None:
        """That all tasks of ``late`` wait for the task at ``early``."""
        self.count += late.bit_count()
        wanted = islice(bits(late), max(0, NAMED - len(self.named)))
        self.named += [(order.names[early], order.names[j]) for j in wanted]


@dataclass(slots=True)
class _Folding:
    order: Order
    sensors: int
    added: _Waits = field(default_factory=_Waits)
    forbidden: _Waits = field(default_factory=_Waits)


def fold(workflow: Workflow, report: Report) -> Region:
    """The workflow's region; added waits, and edges of a cycle that had to be left out, become rows."""
    found = order(workflow.tasks, workflow.edges)
    for edge in found.ignored:
        said = f"{edge.upstream} >> {edge.downstream} closes a cycle, which no DAG may have: it is left out"
        report.row("cycle", workflow.span, "", Disposition.IMPOSSIBLE, said, task=edge.downstream)
    sensors = sum(1 << i for i, name in enumerate(found.names) if _waits(workflow.tasks[name]))
    folding = _Folding(found, sensors)
    everything = (1 << len(found.names)) - 1
    region = _shape(folding, everything) if everything else Series(())
    _say(workflow, folding, report)
    return region


def _waits(task: Task) -> bool:
    """Whether a task waits for the world outside, so that nothing else may be made to wait for it."""
    name = task.call.operator.rpartition(".")[2].lower()
    return name.endswith("sensor") or name.endswith("sensorasync")


def _say(workflow: Workflow, folding: _Folding, report: Report) -> None:
    for waits, disposition, why in (
        (folding.added, Disposition.NOTED, "the dependencies do not nest"),
        (folding.forbidden, Disposition.REDESIGN, "a wait for a sensor that the DAG does not have"),
    ):
        if not waits.count:
            continue
        named = ", ".join(f"{late} for {early}" for early, late in waits.named)
        more = f" and {waits.count - len(waits.named)} more" if waits.count > len(waits.named) else ""
        said = f"{why}: these tasks also wait for tasks they do not depend on: {named}{more}"
        report.row("added-wait", workflow.span, "", disposition, said)


def _shape(folding: _Folding, part: int, depth: int = 0) -> Region:
    if part & (part - 1) == 0:
        return Step(folding.order.names[part.bit_length() - 1])
    if depth > MAX_DEPTH:
        return _levels(folding, part)
    components = list(_components(folding.order, part))
    if len(components) > 1:
        return parallel([_shape(folding, component, depth + 1) for component in components])
    pieces = _series(folding.order, part)
    if len(pieces) == 1:
        first = cut(folding.order, part, folding.sensors)
        _record(folding, first, part & ~first)
        pieces = [first, part & ~first]
    return series([_shape(folding, piece, depth + 1) for piece in pieces])


def _levels(folding: _Folding, part: int) -> Region:
    """A part that lies too deep to be nested any further: level after level."""
    rest, found = part, []
    while rest:
        level = [i for i in bits(rest) if not folding.order.before[i] & rest]
        rest &= ~mask(level)
        _record(folding, mask(level), rest)
        found.append(parallel([Step(folding.order.names[i]) for i in level]))
    return series(found)


def _components(found: Order, part: int) -> Iterator[int]:
    """The connected parts of a convex set of tasks, by their first task."""
    members = list(bits(part))
    root = {i: i for i in members}

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for i in members:
        for j in found.next[i]:
            if j in root:
                a, b = sorted((find(i), find(j)))
                root[b] = a
    groups: dict[int, list[int]] = {}
    for i in members:
        groups.setdefault(find(i), []).append(i)
    yield from map(mask, groups.values())


def _series(found: Order, part: int) -> list[int]:
    """The pieces of a part such that every task of one comes before every task of the next."""
    members = sorted(bits(part), key=lambda i: ((found.before[i] & part).bit_count(), i))
    below = [part] * (len(members) + 1)  # what comes before all members from here on
    for place in reversed(range(len(members))):
        below[place] = below[place + 1] & found.before[members[place]]
    pieces: list[int] = []
    current = seen = 0
    for place, i in enumerate(members):
        if current and below[place] & seen == seen:
            pieces.append(current)
            current = 0
        current |= 1 << i
        seen |= 1 << i
    return [*pieces, current]


def _record(folding: _Folding, first: int, rest: int) -> None:
    for i in bits(first):
        waits = folding.forbidden if folding.sensors >> i & 1 else folding.added
        waits.add(folding.order, i, rest & ~folding.order.after[i])
