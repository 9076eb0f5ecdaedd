"""The order of a workflow's tasks as nested series and parallel parts.

An order that nests comes out exactly. Any other is cut in two along a down-set, so that some tasks wait
for tasks they do not depend on: never fewer waits, and never level barriers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Workflow
from dagmig.regions.cut import cuts
from dagmig.regions.parts import components, row
from dagmig.regions.search import Search
from dagmig.regions.tree import Region, Series, Step, parallel, series
from dagmig.regions.weights import Weighed, weigh

MAX_DEPTH = 40  # parallel parts within each other; a machine is then nested less deeply than asl.load reads


class _TooDeepError(Exception):
    """A part nests more deeply than a machine may."""


@dataclass(frozen=True, slots=True)
class _Folding:
    weighed: Weighed
    search: Search


def fold(workflow: Workflow, report: Report, durations: Mapping[str, float] | None = None) -> Region:
    """The workflow's region; edges of a cycle, which had to be left out, become rows.

    ``durations`` are seconds by task; for tasks without one their operators' kinds are weighed.
    """
    weighed = weigh(workflow, durations or {})
    for edge in weighed.order.ignored:
        said = f"{edge.upstream} >> {edge.downstream} closes a cycle, which no DAG may have: it is left out"
        report.row("cycle", workflow.span, "", Disposition.IMPOSSIBLE, said, task=edge.downstream)
    everything = (1 << len(weighed.weights)) - 1
    return _shape(_Folding(weighed, Search(weighed)), everything, 0) if everything else Series(())


def _shape(folding: _Folding, part: int, depth: int) -> Region:
    """The region of a part that lies within ``depth`` parallel parts; raises ``_TooDeepError``."""
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
        if len(pieces) == 1:
            first = folding.search.first(piece)
            pieces = [first, piece & ~first]
        waiting.extend(reversed(pieces))
    return series(done)


def _beside(folding: _Folding, whole: int, parts: list[int], depth: int) -> Region:
    """Parts beside each other. What lies half as deep as it may is cut until it goes no deeper."""
    if depth == MAX_DEPTH:
        raise _TooDeepError
    try:
        return parallel([_shape(folding, part, depth + 1) for part in parts])
    except _TooDeepError:
        if depth != MAX_DEPTH // 2:
            raise
    ((_, first),) = cuts(folding.weighed, whole, 1, even=True)
    return series([_shape(folding, half, depth) for half in (first, whole & ~first)])
