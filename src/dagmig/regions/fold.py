"""The order of a workflow's tasks as nested series and parallel parts.

An order that nests comes out exactly. Any other is cut in two along a down-set, so that some tasks wait
for tasks they do not depend on: never fewer waits, and never level barriers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Workflow
from dagmig.regions.cut import Weighed, cuts
from dagmig.regions.order import Order, bits, order
from dagmig.regions.parts import components, row
from dagmig.regions.search import Search
from dagmig.regions.tree import Region, Series, Step, parallel, series
from dagmig.regions.waits import Waits, critical_path, waits
from dagmig.regions.weights import SECOND, is_waiting, weights

MAX_DEPTH = 40  # parallel parts within each other; a machine is then nested less deeply than asl.load reads
NAMED = 5  # so many tasks are named in a row


class _TooDeepError(Exception):
    """A part nests more deeply than a machine may."""


@dataclass(frozen=True, slots=True)
class _Folding:
    weighed: Weighed
    search: Search


def fold(workflow: Workflow, report: Report, durations: Mapping[str, float] | None = None) -> Region:
    """The workflow's region. Added waits, what they cost, and edges of a cycle that had to be left out become
    rows. ``durations`` are seconds by task; for tasks without one their operators' kinds are weighed.
    """
    found = order(workflow.tasks, workflow.edges)
    for edge in found.ignored:
        said = f"{edge.upstream} >> {edge.downstream} closes a cycle, which no DAG may have: it is left out"
        report.row("cycle", workflow.span, "", Disposition.IMPOSSIBLE, said, task=edge.downstream)
    weighing = weights(workflow, durations or {})
    sensors = sum(1 << i for i, name in enumerate(found.names) if is_waiting(workflow.tasks[name]))
    weighed = Weighed(found, tuple(weighing[name] for name in found.names), sensors)
    everything = (1 << len(found.names)) - 1
    region = _shape(_Folding(weighed, Search(weighed)), everything, 0) if everything else Series(())
    added = waits(region, found, sensors)
    _say(workflow, found, added, report)
    if added.count or durations is not None:
        taken, least = critical_path(region, weighing), longest(weighed)
        missing = sum(name not in (durations or {}) for name in found.names)
        said = _cost(taken, least, None if durations is None else missing)
        disposition = Disposition.NOTED if added.count else Disposition.EXACT
        report.row("critical-path", workflow.span, "", disposition, said)
    return region


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


def _say(workflow: Workflow, found: Order, added: Waits, report: Report) -> None:
    """A row for all tasks that are made to wait for the same tasks."""
    alike: dict[tuple[int, int], list[str]] = {}
    for i, early in added.direct.items():
        if early:
            alike.setdefault((early, added.outside[i]), []).append(found.names[i])
    for (early, outside), late in alike.items():
        is_one, disposition = len(late) == 1, Disposition.NOTED
        said = f"{'it also waits' if is_one else ', '.join(late) + ' also wait'} for {_some(found, early)}, "
        said += f"without depending on {'it' if early.bit_count() == 1 else 'them'}, so that the states nest"
        if outside:
            disposition = Disposition.REDESIGN
            said += f"; what {_some(found, outside)} waits for may never come if it takes them to run first"
        span, task = workflow.tasks[late[0]].span, late[0] if is_one else None
        report.row("added-wait", span, f"task:{late[0]}", disposition, said, task=task)


def _cost(taken: int, least: int, missing: int | None) -> str:
    """How long the machine's critical path is beside the DAG's, the ``least``; ``missing`` tasks have no
    duration, None where durations were not given.
    """
    ratio = f"{taken / least if least else 1:.2f} times the DAG's"
    if missing is None:
        return f"{ratio}, estimated by operator: --durations gives what was measured"
    said = f"{taken / SECOND:g} s, {ratio}"
    return f"{said}; {missing} task(s) without a duration are estimated by operator" if missing else said


def longest(weighed: Weighed) -> int:
    """The weight of the heaviest path of an order."""
    found = weighed.order
    ends = list(weighed.weights)
    for i, following in enumerate(found.next):
        for j in following:
            ends[j] = max(ends[j], ends[i] + weighed.weights[j])
    return max(ends, default=0)


def _some(found: Order, places: int) -> str:
    more = places.bit_count() - NAMED
    named = ", ".join(found.names[i] for i in islice(bits(places), NAMED))
    return named + (f" and {more} more" if more > 0 else "")
