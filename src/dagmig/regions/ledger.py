"""The rows of what a nested order adds to the one it was made of, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Workflow
from dagmig.regions.order import Order, bits
from dagmig.regions.tree import Region
from dagmig.regions.waits import Waits, critical_path, waits
from dagmig.regions.weights import SECOND, Weighed, weigh

NAMED = 5  # so many tasks are named in a row


def say_waits(
    workflow: Workflow, region: Region, report: Report, durations: Mapping[str, float] | None = None
) -> None:
    """Rows for the waits that a region of a workflow's tasks adds, and for its critical path.

    The latter where there are any, or ``durations`` are given: seconds by task.
    """
    weighed = weigh(workflow, durations or {})
    names = weighed.order.names
    added = waits(region, weighed.order, weighed.sensors)
    _say_each(workflow, weighed.order, added, report)
    if added.count or durations is not None:
        weights, least = dict(zip(names, weighed.weights, strict=True)), longest(weighed)
        missing = sum(weight > 0 and name not in (durations or {}) for name, weight in weights.items())
        taken = max(critical_path(region, weights), least)
        said = _cost(taken, least, None if durations is None else missing)
        disposition = Disposition.NOTED if added.count else Disposition.EXACT
        report.row("critical-path", workflow.span, "", disposition, said)


def _say_each(workflow: Workflow, found: Order, added: Waits, report: Report) -> None:
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
            waited = f"what {_some(found, outside)} waits for may never come if it takes them to run first"
            said += f"; {waited} (see --join latch)"
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
