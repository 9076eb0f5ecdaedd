"""Where an order nests by itself: the parts that do not wait for each other, and those in a row."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.regions.order import Order, bits


def components(found: Order, part: int) -> Iterator[int]:
    """The connected parts of a convex set of tasks, by their first task."""
    rest = part
    while rest:
        fresh = rest & -rest
        within = 0
        while fresh:
            within |= fresh
            i = fresh.bit_length() - 1
            fresh = (fresh ^ 1 << i) | (found.before[i] | found.after[i]) & rest & ~within
        yield within
        rest &= ~within


def row(found: Order, part: int) -> list[int]:
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
