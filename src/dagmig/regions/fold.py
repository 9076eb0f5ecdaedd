"""The order of a workflow's tasks as nested series and parallel parts.

An order that nests comes out exactly. Any other is cut in two along a down-set, so that some tasks wait
for tasks they do not depend on: never fewer waits, and never level barriers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Edge, Workflow
from dagmig.regions.cut import cuts
from dagmig.regions.groups import collapsed, filled, inner, together
from dagmig.regions.loosen import loosen
from dagmig.regions.order import bits, bridged
from dagmig.regions.parts import components, row
from dagmig.regions.search import Search
from dagmig.regions.tree import Each, Region, Series, Step, parallel, series, without
from dagmig.regions.waits import critical_path, waits
from dagmig.regions.weights import Weighed, weigh, weighed

MANY = 1000  # tasks among which those left out are not bridged, for that takes edges squared
MAX_DEPTH = 40  # parallel parts within each other; a machine is then nested less deeply than asl.load reads


class TooDeepError(Exception):
    """A part nests more deeply than a machine may."""


@dataclass(frozen=True, slots=True)
class _Folding:
    """``loose``: the dependencies that are left out where the order does not nest; None where it is cut."""

    weighed: Weighed
    search: Search
    loose: list[Edge] | None = None


def fold(workflow: Workflow, report: Report, durations: Mapping[str, float] | None = None) -> Region:
    """The workflow's region; edges of a cycle, which had to be left out, become rows.

    ``durations`` are seconds by task; for tasks without one their operators' kinds are weighed.
    """
    found = weigh(workflow, durations or {})
    for edge in found.order.ignored:
        said = f"{edge.upstream} >> {edge.downstream} closes a cycle, which no DAG may have: it is left out"
        report.row("cycle", workflow.span, "", Disposition.IMPOSSIBLE, said, task=edge.downstream)
    groups = together(workflow)
    return _grouped(workflow, found, groups) if groups else _folded(found)


def _grouped(workflow: Workflow, found: Weighed, groups: Mapping[str, frozenset[str]]) -> Region:
    """The region of a workflow with mapped groups, each folded for itself and then as one task."""
    times = dict(zip(found.order.names, found.weights, strict=True))
    waiting = {found.order.names[i] for i in bits(found.sensors)}
    bodies = {
        group: Each(group, _folded(weighed(inner(workflow, inside), times, waiting)))
        for group, inside in groups.items()
    }
    times |= {group: critical_path(body, times) for group, body in bodies.items()}
    waiting |= {group for group, inside in groups.items() if not waiting.isdisjoint(inside)}
    return filled(_folded(weighed(collapsed(workflow, groups), times, waiting)), bodies)


def _folded(found: Weighed) -> Region:
    everything = (1 << len(found.weights)) - 1
    return _shape(_Folding(found, Search(found)), everything, 0) if everything else Series(())


def prune(
    workflow: Workflow, region: Region, dropped: frozenset[str], durations: Mapping[str, float] | None = None
) -> Region:
    """A region of the workflow without some tasks, made anew where the others then wait less."""
    kept = without(region, dropped) or Series(())
    weighed = weigh(workflow, durations or {})
    if not waits(kept, weighed.order, 0).count or len(workflow.tasks) > MANY:
        return kept
    left = {name: task for name, task in workflow.tasks.items() if name not in dropped}
    edges = bridged(weighed.order, dropped)
    again = fold(replace(workflow, tasks=left, edges=frozenset(edges)), Report(), durations)
    times = dict(zip(weighed.order.names, weighed.weights, strict=True))
    tried = [(waits(one, weighed.order, weighed.sensors), one) for one in (kept, again)]
    return min(tried, key=lambda t: (t[0].forbidden, critical_path(t[1], times), t[0].count))[1]


def unjoin(workflow: Workflow) -> tuple[Region, list[Edge]] | None:
    """The region of a workflow without the dependencies that keep it from nesting, and these; no waits are
    added. None where it nests, or has cycles; raises ``TooDeepError``.
    """
    weighed = weigh(workflow, {})
    loose: list[Edge] = []
    if not weighed.weights or weighed.order.ignored:
        return None
    region = _shape(_Folding(weighed, Search(weighed), loose), (1 << len(weighed.weights)) - 1, 0)
    return (region, loose) if loose else None


def _shape(folding: _Folding, part: int, depth: int) -> Region:
    """The region of a part that lies within ``depth`` parallel parts; raises ``TooDeepError``."""
    done: list[Region] = []
    waiting = [part]
    while waiting:
        piece = waiting.pop()
        if piece & (piece - 1) == 0:
            done.append(Step(folding.weighed.order.names[piece.bit_length() - 1]))
            continue
        beside = list(components(folding.weighed.order, piece))
        if len(beside) > 1:
            done.append(_beside(folding, piece, beside, depth))
            continue
        pieces = row(folding.weighed.order, piece)
        if len(pieces) == 1 and folding.loose is not None:
            done.append(_loosened(folding, piece, depth))
            continue
        if len(pieces) == 1:
            first = folding.search.first(piece)
            pieces = [first, piece & ~first]
        waiting.extend(reversed(pieces))
    return series(done)


def _beside(folding: _Folding, whole: int, parts: list[int], depth: int) -> Region:
    """Parts beside each other. What lies half as deep as it may is cut until it goes no deeper."""
    if depth == MAX_DEPTH:
        raise TooDeepError
    try:
        return parallel([_shape(folding, part, depth + 1) for part in parts])
    except TooDeepError:
        if depth != MAX_DEPTH // 2 or folding.loose is not None:
            raise
    ((_, first),) = cuts(folding.weighed, whole, 1, even=True)
    return series([_shape(folding, half, depth) for half in (first, whole & ~first)])


def _loosened(folding: _Folding, part: int, depth: int) -> Region:
    """A part without some dependencies, which are noted, so that it nests."""
    found, left = loosen(folding.weighed.order, part)
    assert folding.loose is not None
    folding.loose.extend(left)
    weighed = Weighed(found, (0,) * len(found.names), 0)
    return _shape(_Folding(weighed, folding.search, folding.loose), (1 << len(found.names)) - 1, depth)
