"""An order that does not nest without some of its dependencies, so that it does."""

from __future__ import annotations

from dagmig.graph.model import Edge
from dagmig.regions.order import Order, bits, order
from dagmig.regions.parts import components, row

TRIED = 300  # dependencies of a part that are put back one by one where the order still nests


def loosen(found: Order, part: int) -> tuple[Order, list[Edge]]:
    """The order of a part without some direct dependencies, and these; together they imply all others.

    Each task keeps one task before it, or one after it, whichever leaves out less, and what else nests.
    """
    names = [found.names[i] for i in bits(part)]
    edges = [(i, j) for i in bits(part) for j in found.next[i] if part >> j & 1]
    into = {j: (i, j) for i, j in edges}
    out = {i: (i, j) for i, j in reversed(edges)}
    tried = [_filled(found, names, edges, list(kept.values())) for kept in (into, out)]
    return min(tried, key=lambda pair: len(pair[1]))


def nests(found: Order) -> bool:
    """Whether an order nests as it is."""
    waiting = [(1 << len(found.names)) - 1]
    while waiting:
        part = waiting.pop()
        if part & (part - 1) == 0:
            continue
        pieces = list(components(found, part))
        if len(pieces) == 1:
            pieces = row(found, part)
        if len(pieces) == 1:
            return False
        waiting.extend(pieces)
    return True


def _filled(
    found: Order, names: list[str], edges: list[tuple[int, int]], kept: list[tuple[int, int]]
) -> tuple[Order, list[Edge]]:
    """The order of the kept edges and of as many others as nest with them, and the rest."""
    named = {(i, j): Edge(found.names[i], found.names[j]) for i, j in edges}
    held = [named[pair] for pair in kept]
    made, left, done = order(names, held), [], set(kept)
    for edge in [named[pair] for pair in edges if pair not in done]:
        more = order(names, [*held, edge]) if len(edges) <= TRIED else None
        if more is not None and nests(more):
            held.append(edge)
            made = more
        else:
            left.append(edge)
    return made, left
