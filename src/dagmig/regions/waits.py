"""The waits that a nested order adds to the order it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagmig.regions.order import Order
from dagmig.regions.tree import Each, Parallel, Region, Step, tasks


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
    def forbidden(self) -> int:
        """How many tasks are made to wait for the world outside, but for what that implies."""
        return sum(1 for late in self.outside.values() if late)

    @property
    def count(self) -> int:
        return sum(late.bit_count() for late in self.surplus.values())


def waits(region: Region, found: Order, sensors: int) -> Waits:
    """The surplus of a region's order over the order it was made of, of which it may leave out tasks;
    ``sensors`` are the tasks that wait for the world outside.
    """
    place = {name: i for i, name in enumerate(found.names)}
    added = Waits()
    for i, (early, last) in _walk(region, place).items():
        added.surplus[i], added.direct[i] = early & ~found.before[i], last & ~found.before[i]
    implied = [0] * len(found.names)
    for i, following in enumerate(found.next):
        for j in following:
            implied[j] |= added.surplus.get(i, implied[i])
    for i, surplus in added.surplus.items():
        added.outside[i] = surplus & sensors & ~implied[i]
    return added


def before(region: Region, place: Mapping[str, int]) -> dict[str, int]:
    """The tasks that a region runs before each, as bit sets of their places."""
    walked = _walk(region, place)
    return {task: walked[place[task]][0] for task in tasks(region)}


def _walk(region: Region, place: Mapping[str, int]) -> dict[int, tuple[int, int]]:
    """By task, in reading order, all tasks that come before it, and those it comes directly after."""
    found: dict[int, tuple[int, int]] = {}

    def walk(part: Region, early: int, last: int) -> tuple[int, int]:
        """All tasks and the last tasks of a part that comes after ``early``, directly after ``last``."""
        if isinstance(part, Step):
            found[place[part.task]] = early, last
            return 1 << place[part.task], 1 << place[part.task]
        if isinstance(part, Each):
            return walk(part.body, early, last)
        everything, ends = 0, 0 if isinstance(part, Parallel) else last
        for inner in part.parts:
            if isinstance(part, Parallel):
                within, final = walk(inner, early, last)
                ends |= final
            else:
                within, ends = walk(inner, early | everything, ends)
            everything |= within
        return everything, ends

    walk(region, 0, 0)
    return found


def critical_path(region: Region, weights: Mapping[str, int]) -> int:
    """How long a region takes when each task takes its weight."""
    if isinstance(region, Step):
        return weights[region.task]
    if isinstance(region, Each):
        return critical_path(region.body, weights)
    parts = [critical_path(part, weights) for part in region.parts]
    return max(parts) if isinstance(region, Parallel) else sum(parts)
