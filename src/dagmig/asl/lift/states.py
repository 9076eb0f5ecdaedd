"""Each type of state as tasks: a table chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dagmig.asl.lift import branch, each, leaves, loops, parallel
from dagmig.asl.lift.visit import Visit, not_converted
from dagmig.asl.lift.walk import (
    Arrival,
    Passage,
    Weaver,
    passage,
)
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import TriggerRule


def walk(weaver: Weaver, scope: Scope, start: Arrival) -> Passage:
    """Turn one scope into tasks; its ``ends`` are where the token leaves it."""
    whole = scope
    scope, regions = loops.without_loops(weaver, scope)
    found = passage(scope)
    if not found.order:
        _nowhere(weaver, found, start)
    later: list[Callable[[], None]] = []
    found.arrivals[scope.start_at] = [start]
    for name in found.order:
        if name not in found.arrivals:
            continue
        state = scope.states[name]
        visit = Visit(weaver, found, state, found.arrivals.pop(name), walk, later)
        if name in regions:
            loops.convert(visit, regions[name], whole)
            continue
        if state.type in ("Map", "Parallel") and loops.in_one_task(visit):
            continue
        _CONVERT.get(state.type, not_converted)(visit)
    for finish in later:
        finish()
    _say_left_out(weaver, found)
    return found


def _say_left_out(weaver: Weaver, found: Passage) -> None:
    """A row for each state that is no part of the order: only an error leads to it, or nothing."""
    states = found.scope.states
    reached = set(found.entries)
    waiting = [name for name in found.entries if name in states]
    while waiting:
        new = {arrow.target for arrow in states[waiting.pop()].transitions()} & set(states) - reached
        reached |= new
        waiting += new
    for name in (name for name in states if name not in found.entries):
        if name in found.tolerated:
            message = "needs no task: the operator goes on after these errors too"
            weaver.row(states[name], Disposition.NOTED, message)
        elif name in reached:
            message = "the token comes here only after an error: it is not converted"
            weaver.row(states[name], Disposition.REDESIGN, message)
        else:
            weaver.row(states[name], Disposition.NOTED, "nothing leads to this state: it is left out")
        for inner in (one for scope in states[name].scopes() for one in scope.all_states()):
            weaver.row(inner, Disposition.NOTED, f"it is inside {name}, which is left out")


def _nowhere(weaver: Weaver, found: Passage, start: Arrival) -> None:
    """A scope without a state to start at: a task that fails."""
    scope = found.scope
    state = State("machine" if not scope.pointer else "branch", {}, scope.pointer, "")
    message = f"there is no state to start at: StartAt is {scope.start_at!r}"
    task_id = weaver.names.give("start")
    weaver.placeholder(state, task_id, start.tasks, message, TriggerRule.ALL_SUCCESS)
    weaver.row(state, Disposition.IMPOSSIBLE, message, task=task_id, construct="StartAt")
    found.entries[scope.start_at] = (task_id,)
    found.failures.append(task_id)


_CONVERT: Mapping[str, Callable[[Visit], None]] = {
    "Task": leaves.task,
    "Pass": leaves.pass_,
    "Succeed": leaves.pass_,
    "Fail": leaves.fail,
    "Wait": leaves.wait,
    "Choice": branch.choose,
    "Parallel": parallel.parallel,
    "Map": each.each,
}
