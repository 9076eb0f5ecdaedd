"""Where to cut tasks in two whose order does not nest: the tasks of the first half come before all others.

The cut has the fewest waits for a sensor, then the shortest critical path, then the smallest share of added
waits among the pairs it separates, then the most even halves. It is the best prefix of some topological
sequences: on random layered graphs with random durations these give shorter critical paths than the
closures of single tasks and their unions do, and a cut costs time linear in the tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from dagmig.regions.order import Order, bits, mask

Price = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Tasks and what pricing needs of them: the longest paths that end and that begin at each task."""

    order: Order
    members: tuple[int, ...]
    whole: int
    sensors: int
    depth: dict[int, int]
    height: dict[int, int]


def cut(found: Order, whole: int, sensors: int) -> int:
    """The best down-set of tasks that neither split nor nest; ``sensors`` are those that wait."""
    part = _part(found, whole, sensors)
    prefixes = ((price, first) for sequence in _sequences(part) for price, first in _prefixes(part, sequence))
    return min(prefixes, key=lambda pair: pair[0])[1]


def _part(found: Order, whole: int, sensors: int) -> _Part:
    members = tuple(bits(whole))
    depth = dict.fromkeys(members, 1)
    height = dict.fromkeys(members, 1)
    for i in members:
        for j in found.next[i]:
            if j in depth:
                depth[j] = max(depth[j], depth[i] + 1)
    for i in reversed(members):
        height[i] += max((height[j] for j in found.next[i] if j in height), default=0)
    return _Part(found, members, whole, sensors & whole, depth, height)


def _sequences(part: _Part) -> Iterator[list[int]]:
    """Topological sequences: as given, as early and as late as possible, by the number of
    ancestors, and what waits for no sensor first.
    """
    before = {i: (part.order.before[i] & part.whole).bit_count() for i in part.members}
    yield list(part.members)
    yield sorted(part.members, key=lambda i: (part.depth[i], i))
    yield sorted(part.members, key=lambda i: (-part.height[i], i))
    yield sorted(part.members, key=lambda i: (before[i], i))
    if part.sensors:
        waits = {i: bool((part.order.before[i] | 1 << i) & part.sensors) for i in part.members}
        yield sorted(part.members, key=lambda i: (waits[i], part.depth[i], i))


def _prefixes(part: _Part, sequence: list[int]) -> Iterator[tuple[Price, int]]:
    """The best prefix of a topological sequence, priced step by step."""
    count = len(sequence)
    tallest = [0] * (count + 1)  # the longest path in what remains
    for place in reversed(range(count)):
        tallest[place] = max(tallest[place + 1], part.height[sequence[place]])
    best: tuple[Price, int] = ((inf,), 0)
    first = deepest = crossing = forbidden = 0  # crossing: pairs over the cut that are dependencies
    for place, i in enumerate(sequence[:-1], 1):
        before, after = part.order.before[i] & part.whole, part.order.after[i] & part.whole
        forbidden -= (first & part.sensors & ~before).bit_count()
        first |= 1 << i
        if part.sensors >> i & 1:
            forbidden += count - place - after.bit_count()
        crossing += after.bit_count() - before.bit_count()
        deepest = max(deepest, part.depth[i])
        pairs = place * (count - place)
        price = (forbidden, deepest + tallest[place], 1 - crossing / pairs, abs(count - 2 * place))
        if price < best[0]:
            best = (price, place)
    yield best[0], mask(sequence[: best[1]])
