"""The waits that a nested order adds to the order it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagmig.regions.order import Order
from dagmig.regions.tree import Parallel, Region, Step


@dataclass(slots=True)
class Waits:
    """``surplus``: all tasks that a task waits for and does not depend on. ``direct``: those among them after
    which it comes directly; ``outside``: those that wait for the world outside, where no other task's wait
    implies it. All by the places of an order, as bit sets, in reading order.
    """

    surplus: dict[int, int] = field(default_factory=dict)
    direct: dict[int, int] = field(default_factory=dict)
    outside: dict[int, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(late.bit_count() for late in self.surplus.values())


def waits(region: Region, found: Order, sensors: int) -> Waits:
    """The surplus of a region's order over the order it was made of, of which it may leave out tasks;
    ``sensors`` are the tasks that wait for the world outside.
    """
    place = {name: i for i, name in enumerate(found.names)}
    added = Waits()
    _walk(region, place, 0, 0, (found, added))
    implied = [0] * len(found.names)
    for i, following in enumerate(found.next):
        for j in following:
            implied[j] |= added.surplus.get(i, implied[i])
    for i, surplus in added.surplus.items():
        added.outside[i] = surplus & sensors & ~implied[i]
    return added


def _walk(
    region: Region,
    place: Mapping[str, int],
    before: int,
    last: int,
    into: tuple[Order, Waits],
) -> tuple[int, int]:
    """All tasks and the last tasks of a region that comes after ``before``, directly after ``last``."""
    if isinstance(region, Step):
        i, (found, added) = place[region.task], into
        added.surplus[i], added.direct[i] = before & ~found.before[i], last & ~found.before[i]
        return 1 << i, 1 << i
    everything = ends = 0
    if isinstance(region, Parallel):
        for part in region.parts:
            within, final = _walk(part, place, before, last, into)
            everything, ends = everything | within, ends | final
        return everything, ends
    ends = last
    for part in region.parts:
        within, ends = _walk(part, place, before | everything, ends, into)
        everything |= within
    return everything, ends


def critical_path(region: Region, weights: Mapping[str, int]) -> int:
    """How long a region takes when each task takes its weight."""
    if isinstance(region, Step):
        return weights[region.task]
    parts = [critical_path(part, weights) for part in region.parts]
    return max(parts) if isinstance(region, Parallel) else sum(parts)
