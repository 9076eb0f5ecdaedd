"""How a run ends: by the tasks at its end that count (``DagRun.update_state``, ``_tis_for_dagrun_state``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.verify.observed import State

BAD = frozenset({State.FAILED, State.UPSTREAM_FAILED})


def leaves(tasks: Mapping[str, Task], after: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The tasks whose states decide: a teardown does not count, unless it says so."""
    counted = {
        name
        for name, task in tasks.items()
        if not task.is_teardown or task.argument("on_failure_fail_dagrun") == Literal(True)
    }
    found = frozenset(name for name in counted if counted.isdisjoint(after[name]))
    return found or frozenset(name for name in tasks if not after[name])


def ends(states: Iterable[State | None], of_leaves: Iterable[State | None]) -> State:
    """How the run ends. An instance without a state is one that nothing can decide: a deadlock fails."""
    if any(state is None for state in states) or any(state in BAD for state in of_leaves):
        return State.FAILED
    return State.SUCCESS
