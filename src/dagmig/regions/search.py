"""The cheapest way to cut a part: by what becomes of the halves, or by the price alone if it is large."""

from __future__ import annotations

from dataclasses import dataclass, field

from dagmig.regions.cut import cuts
from dagmig.regions.order import bits
from dagmig.regions.parts import components, row
from dagmig.regions.weights import Weighed

SMALL = 64  # tasks of a part whose cuts are tried out
TINY = 12  # tasks of a part that is cut by the price alone, however unevenly
WIDTH = 6  # so many cuts are tried out
EFFORT = 15_000  # tasks of all parts that are cut in trying out, for one workflow
Cost = tuple[int, int, int]  # added waits for the world outside, critical path, added waits


@dataclass(slots=True)
class Search:
    """``best`` remembers the cost and the first half of the parts that were cut, ``costs`` those of all that
    were tried; ``effort`` is what is left for the part in hand, its share of the whole.
    """

    weighed: Weighed
    effort: int = 0
    best: dict[int, tuple[Cost, int]] = field(default_factory=dict)
    costs: dict[int, Cost] = field(default_factory=dict)

    def first(self, part: int) -> int:
        """The first half of a connected part that is no row."""
        count = part.bit_count()
        if count > SMALL:
            return cuts(self.weighed, part, 1, even=True)[0][1]
        if part not in self.best:
            self.effort = EFFORT * count // len(self.weighed.weights)
        return self._cut(part)[1]

    def cost(self, part: int) -> Cost:
        """What the order of a part costs, as it comes out nested."""
        if part & (part - 1) == 0:
            return 0, self.weighed.weights[part.bit_length() - 1], 0
        if part in self.costs:
            return self.costs[part]
        beside = list(components(self.weighed.order, part))
        pieces = beside if len(beside) > 1 else row(self.weighed.order, part)
        if len(pieces) == 1:
            found = self._cut(part)[0]
        else:
            forbidden, critical, added = zip(*map(self.cost, pieces), strict=True)
            found = sum(forbidden), max(critical) if len(beside) > 1 else sum(critical), sum(added)
        self.costs[part] = found
        return found

    def _cut(self, part: int) -> tuple[Cost, int]:
        if part in self.best:
            return self.best[part]
        count, is_tried = part.bit_count(), self.effort > 0
        self.effort -= count
        found: list[tuple[Cost, int]] = []
        tried = cuts(self.weighed, part, WIDTH if is_tried else 1, even=count > TINY and not is_tried)
        for (least, _, critical, *_), first in tried:
            if found and (least, critical) > min(found)[0][:2]:
                break
            found.append((self._halves(first, part & ~first), first))
        self.best[part] = min(found, key=lambda pair: pair[0])
        return self.best[part]

    def _halves(self, first: int, rest: int) -> Cost:
        order, sensors = self.weighed.order, self.weighed.sensors
        added = sum((rest & ~order.after[i]).bit_count() for i in bits(first))
        forbidden = sum((rest & ~order.after[i]).bit_count() for i in bits(first & sensors))
        early, late = self.cost(first), self.cost(rest)
        return early[0] + late[0] + forbidden, early[1] + late[1], early[2] + late[2] + added
