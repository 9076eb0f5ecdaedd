"""The partial order of a workflow's tasks as bit sets: bit ``i`` is the task at place ``i``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from dagmig.graph.model import Edge


@dataclass(frozen=True, slots=True)
class Order:
    """``names`` in topological order, as far as possible in the order given; ``before`` and ``after`` are
    each task's ancestors and descendants; ``next`` the places of its direct successors, without the implied.
    ``ignored`` are the edges that close a cycle.
    """

    names: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    next: tuple[tuple[int, ...], ...]
    ignored: tuple[Edge, ...] = ()


def order(names: Iterable[str], edges: Iterable[Edge]) -> Order:
    """The order that the edges make; edges to tasks that are not named do not count."""
    listed = list(names)
    known = set(listed)
    arrows = sorted(e for e in edges if e.upstream in known and e.downstream in known)
    sequence, ignored = _topological(listed, arrows)
    place = {name: i for i, name in enumerate(sequence)}
    successors: list[list[int]] = [[] for _ in sequence]
    for edge in arrows:
        if place[edge.upstream] < place[edge.downstream]:
            successors[place[edge.upstream]].append(place[edge.downstream])
    after = [0] * len(sequence)
    direct = [0] * len(sequence)
    for i in reversed(range(len(sequence))):
        implied = 0
        for j in successors[i]:
            implied |= after[j]
            direct[i] |= 1 << j
        after[i] = implied | direct[i]
        direct[i] &= ~implied
    steps = tuple(tuple(bits(found)) for found in direct)
    before = [0] * len(sequence)
    for i in range(len(sequence)):
        for j in steps[i]:
            before[j] |= before[i] | 1 << i
    return Order(tuple(sequence), tuple(before), tuple(after), steps, tuple(ignored))


def bridged(found: Order, dropped: Collection[str]) -> Iterator[Edge]:
    """The edges of an order without some tasks: who comes after them follows who comes before."""
    reached = [0] * len(found.names)
    for i in reversed(range(len(found.names))):
        for j in found.next[i]:
            reached[i] |= reached[j] if found.names[j] in dropped else 1 << j
        if found.names[i] not in dropped:
            yield from (Edge(found.names[i], found.names[j]) for j in bits(reached[i]))


def mask(places: Iterable[int]) -> int:
    """The bit set with bits at these places."""
    found = bytearray()
    for place in places:
        found.extend(bytes(max(0, place // 8 + 1 - len(found))))
        found[place // 8] |= 1 << place % 8
    return int.from_bytes(found, "little")


def bits(found: int) -> Iterator[int]:
    """The places of the bits set, lowest first."""
    text = bin(found)[:1:-1]
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)


def _topological(names: list[str], edges: list[Edge]) -> tuple[list[str], list[Edge]]:
    rank = {name: i for i, name in enumerate(names)}
    outgoing: dict[str, list[str]] = {name: [] for name in names}
    missing = dict.fromkeys(names, 0)
    for edge in edges:
        outgoing[edge.upstream].append(edge.downstream)
        missing[edge.downstream] += 1
    ready = [rank[name] for name in names if missing[name] == 0]
    done: list[str] = []
    while ready:
        name = names[heappop(ready)]
        done.append(name)
        for follower in outgoing[name]:
            missing[follower] -= 1
            if missing[follower] == 0:
                heappush(ready, rank[follower])
    placed = set(done)
    rest = [name for name in names if name not in placed]
    place = {name: i for i, name in enumerate([*done, *rest])}
    return [*done, *rest], [e for e in edges if place[e.upstream] >= place[e.downstream]]
