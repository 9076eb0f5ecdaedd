"""Regions back to edges: who waits directly for whom."""

from __future__ import annotations

from itertools import pairwise

from dagmig.graph.model import Edge
from dagmig.regions.tree import Each, Parallel, Region, Step


def unfold(region: Region) -> frozenset[Edge]:
    """The edges whose closure is the order that the region keeps."""
    edges: set[Edge] = set()
    _ends(region, edges)
    return frozenset(edges)


def _ends(region: Region, edges: set[Edge]) -> tuple[list[str], list[str]]:
    """The first and the last tasks of a region, its edges added."""
    if isinstance(region, Step):
        return [region.task], [region.task]
    if isinstance(region, Each):
        return _ends(region.body, edges)
    ends = [_ends(part, edges) for part in region.parts]
    if isinstance(region, Parallel):
        return [t for first, _ in ends for t in first], [t for _, last in ends for t in last]
    for (_, last), (first, _) in pairwise(ends):
        edges.update(Edge(a, b) for a in last for b in first)
    return (ends[0][0], ends[-1][1]) if ends else ([], [])
