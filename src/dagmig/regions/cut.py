"""Where to cut tasks in two whose order does not nest: the tasks of the first half come before all others.

The cuts looked at are the prefixes of some topological sequences. A cut is priced by the waits it adds for
tasks that wait for the world outside, then by the critical path at least, then by the share of added waits
among the pairs it separates, then by how uneven the halves are. On random layered graphs with random
durations the best of them give the critical paths that the best of all down-sets give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from dagmig.regions.order import bits
from dagmig.regions.weights import Weighed

Price = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """Tasks and what pricing needs of them: the heaviest paths that end and that begin at each task."""

    weighed: Weighed
    members: tuple[int, ...]
    whole: int
    sensors: int
    ends: dict[int, int]
    rests: dict[int, int]


def cuts(weighed: Weighed, whole: int, width: int, *, even: bool = False) -> list[tuple[Price, int]]:
    """The ``width`` best down-sets of a connected part, best first, each with its price.

    ``even``: each half gets a third of the tasks at least, where that adds no wait for the world outside. The
    critical path of a cut is a lower bound, and too low above all where the cut is not even.
    """
    part = _part(weighed, whole)
    sequences = list(_sequences(part))
    priced = (
        (price, number, place, first)
        for number, sequence in enumerate(sequences)
        for place, (price, first) in enumerate(_prices(part, sequence, even))
    )
    best: dict[int, Price] = {}
    for price, _, _, first in nsmallest(width * len(sequences), priced):
        best.setdefault(first, price)
        if len(best) == width:
            break
    return [(price, first) for first, price in best.items()]


def _part(weighed: Weighed, whole: int) -> _Part:
    members, weights, following = tuple(bits(whole)), weighed.weights, weighed.order.next
    ends = {i: weights[i] for i in members}
    rests = dict(ends)
    for i in members:
        for j in following[i]:
            if j in ends and ends[i] + weights[j] > ends[j]:
                ends[j] = ends[i] + weights[j]
    for i in reversed(members):
        rests[i] += max((rests[j] for j in following[i] if j in rests), default=0)
    return _Part(weighed, members, whole, weighed.sensors & whole, ends, rests)


def _sequences(part: _Part) -> Iterator[list[int]]:
    """Topological sequences: as given; by when tasks can start and end, and when they must; by the number
    of ancestors and descendants. With tasks that wait for the world outside, those that none may be
    made to wait for come last.
    """
    order, weights, ends, rests = part.weighed.order, part.weighed.weights, part.ends, part.rests
    before = {i: (order.before[i] & part.whole).bit_count() for i in part.members}
    after = {i: (order.after[i] & part.whole).bit_count() for i in part.members}
    keys: tuple[Callable[[int], Any], ...] = (
        lambda i: i,
        lambda i: (ends[i] - weights[i], i),
        lambda i: (ends[i], i),
        lambda i: (-rests[i], i),
        lambda i: (weights[i] - rests[i], i),
        lambda i: (before[i], i),
        lambda i: (before[i] - after[i], i),
    )
    yield from (sorted(part.members, key=key) for key in keys)
    if part.sensors:
        turn = _turns(part)
        yield from (sorted(part.members, key=lambda i, key=key: (turn[i], key(i))) for key in keys[:4])  # type: ignore[misc]


def _turns(part: _Part) -> dict[int, int]:
    """0: the tasks that come after no sensor; 2: those before which all sensors outside of them come in the
    order as it is; 1: all others. If any cut adds no wait for a sensor, one of these two does not.
    """
    order, sensors = part.weighed.order, part.sensors
    free = part.whole
    for i in bits(sensors):
        free &= ~(order.after[i] | 1 << i)
    last = part.whole
    outside = {i for i in bits(sensors) if not order.before[i] & part.whole}
    found = set(outside)
    while outside:
        for i in outside:
            last &= order.after[i]
        outside = {i for i in bits(sensors & ~last) if i not in found}
        found |= outside
    if not found:
        last = 0
    return {i: 0 if free >> i & 1 else 2 if last >> i & 1 else 1 for i in part.members}


def _prices(part: _Part, sequence: list[int], even: bool) -> Iterator[tuple[Price, int]]:
    """The price of each prefix of a topological sequence and its tasks, the shortest first."""
    order, count = part.weighed.order, len(sequence)
    longest = [0] * (count + 1)  # the heaviest path in what remains
    for place in reversed(range(count)):
        longest[place] = max(longest[place + 1], part.rests[sequence[place]])
    first = heaviest = crossing = forbidden = 0  # crossing: pairs over the cut that are dependencies
    for place, i in enumerate(sequence[:-1], 1):
        before, after = order.before[i] & part.whole, order.after[i] & part.whole
        descendants = after.bit_count()
        if part.sensors:
            forbidden -= (first & part.sensors & ~before).bit_count()
            if part.sensors >> i & 1:
                forbidden += count - place - descendants
        first |= 1 << i
        crossing += descendants - before.bit_count()
        heaviest = max(heaviest, part.ends[i])
        share = 1 - crossing / (place * (count - place))
        uneven = abs(count - 2 * place)
        yield (forbidden, even and 3 * uneven > count, heaviest + longest[place], share, uneven), first
