"""The order of a workflow's tasks as nested series and parallel parts.

An order that nests comes out exactly. Any other is cut in two along a down-set, so that some tasks wait
for tasks they do not depend on: never fewer waits, and never level barriers. The cut is chosen by the fewest
waits for a sensor, then the shortest critical path, then the fewest added waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task, Workflow
from dagmig.regions.order import Order, bits, order
from dagmig.regions.tree import Region, Series, Step, parallel, series

PAIRED_BELOW = 60  # so many candidate cuts are also joined in pairs
CANDIDATES = 400  # a large part that does not nest is cut at one of so many places
NAMED = 5  # so many added waits are spelled out in a row


@dataclass(slots=True)
class _Folding:
    order: Order
    sensors: int
    added: list[tuple[str, str]] = field(default_factory=list)
    forbidden: list[tuple[str, str]] = field(default_factory=list)


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
    forbidden = set(folding.forbidden)
    for pairs, disposition, why in (
        ([p for p in folding.added if p not in forbidden], Disposition.NOTED, "the dependencies do not nest"),
        (folding.forbidden, Disposition.REDESIGN, "a wait for a sensor that the DAG does not have"),
    ):
        if not pairs:
            continue
        named = ", ".join(f"{late} for {early}" for early, late in pairs[:NAMED])
        more = f" and {len(pairs) - NAMED} more" if len(pairs) > NAMED else ""
        said = f"{why}: these tasks also wait for tasks they do not depend on: {named}{more}"
        report.row("added-wait", workflow.span, "", disposition, said)


def _shape(folding: _Folding, part: int) -> Region:
    if part & (part - 1) == 0:
        return Step(folding.order.names[part.bit_length() - 1])
    components = list(_components(folding.order, part))
    if len(components) > 1:
        return parallel([_shape(folding, component) for component in components])
    pieces = _series(folding.order, part)
    if len(pieces) == 1:
        first = _cut(folding, part)
        _record(folding, first, part & ~first)
        pieces = [first, part & ~first]
    return series([_shape(folding, piece) for piece in pieces])


def _components(found: Order, part: int) -> Iterator[int]:
    """The connected parts of a convex set of tasks, by their first task."""
    root = {i: i for i in bits(part)}

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for i in root:
        for j in bits(found.next[i] & part):
            a, b = sorted((find(i), find(j)))
            root[b] = a
    groups: dict[int, int] = {}
    for i in root:
        groups[find(i)] = groups.get(find(i), 0) | 1 << i
    yield from groups.values()


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


def _cut(folding: _Folding, part: int) -> int:
    """The best down-set of a part that neither splits nor nests."""
    found = folding.order
    base: list[int] = []
    for i in bits(part):
        before, after, one = found.before[i] & part, found.after[i] & part, 1 << i
        base += [before | one, before, part & ~after, part & ~(after | one)]
    base = list(dict.fromkeys(base))
    if len(base) < PAIRED_BELOW:
        base += [joined for a, b in combinations(base, 2) for joined in (a | b, a & b)]
    candidates = [c for c in dict.fromkeys(base) if c and c != part]
    stride = max(1, len(candidates) // CANDIDATES)
    return min(candidates[::stride], key=lambda c: _price(folding, c, part & ~c))


def _price(folding: _Folding, first: int, rest: int) -> tuple[int, int, int]:
    found = folding.order
    forbidden = sum((rest & ~found.after[i]).bit_count() for i in bits(first & folding.sensors))
    added = sum((rest & ~found.after[i]).bit_count() for i in bits(first))
    return forbidden, _length(found, first) + _length(found, rest), added


def _length(found: Order, part: int) -> int:
    """The number of tasks on the longest path within a convex part."""
    longest: dict[int, int] = {}
    for i in bits(part):
        longest.setdefault(i, 1)
        for j in bits(found.next[i] & part):
            longest[j] = max(longest.get(j, 1), longest[i] + 1)
    return max(longest.values())


def _record(folding: _Folding, first: int, rest: int) -> None:
    names = folding.order.names
    for i in bits(first):
        pairs = [(names[i], names[j]) for j in bits(rest & ~folding.order.after[i])]
        folding.added += pairs
        if folding.sensors >> i & 1:
            folding.forbidden += pairs
