"""Each type of state as tasks: a table chooses; Parallel, which has scopes of its own, is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dagmig.asl.lift import branch, each, leaves
from dagmig.asl.lift.visit import Visit, end, not_converted
from dagmig.asl.lift.walk import (
    EMPTY_OPERATOR,
    Arrival,
    Passage,
    Weaver,
    arguments,
    outcome,
    parallel_result,
    passage,
)
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call, TriggerRule


def walk(weaver: Weaver, scope: Scope, start: Arrival) -> Passage:
    """Turn one scope into tasks; its ``ends`` are where the token leaves it."""
    found = passage(scope)
    if not found.order:
        _nowhere(weaver, found, start)
    later: list[Callable[[], None]] = []
    found.arrivals[scope.start_at] = [start]
    for name in found.order:
        state = scope.states[name]
        visit = Visit(weaver, found, state, found.arrivals.pop(name), walk, later)
        _CONVERT.get(state.type, not_converted)(visit)
    for finish in later:
        finish()
    _say_left_out(weaver, found)
    return found


def _say_left_out(weaver: Weaver, found: Passage) -> None:
    """A row for each state that is no part of the order: only an error leads to it, or nothing."""
    states = found.scope.states
    reached = set(found.order)
    waiting = list(found.order)
    while waiting:
        new = {arrow.target for arrow in states[waiting.pop()].transitions()} & set(states) - reached
        reached |= new
        waiting += new
    for name in (name for name in states if name not in found.order):
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


def _parallel(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    scopes = list(state.scopes()) if isinstance(state.fields.get("Branches"), list) else []
    if not scopes or "Catch" in state.fields or "Retry" in state.fields:
        _unsupported_parallel(visit, bool(scopes))
        if not scopes:
            return
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    start = Arrival(upstream, scene.seeing(arguments(state, scene)), visit.arrivals[0].is_chosen)
    gate: tuple[str, ...] = ()
    if len(visit.arrivals) > 1:
        gate = (weaver.name(state),)
        weaver.add(gate[0], Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
        start = Arrival(gate, start.scene)
    passages = [walk(weaver, scope, start) for scope in scopes]
    firsts = [task for p in passages for task in p.entries.get(p.scope.start_at, ())]
    visit.enter(*(gate or tuple(dict.fromkeys(firsts))))
    ends = [end(visit, passage_) for passage_ in passages]
    weaver.parallels.append(state)
    result = parallel_result([p.ends for p in passages])
    tasks = tuple(dict.fromkeys(task for end in ends for task in end))
    visit.leave(Arrival(tasks, outcome(state, scene, result)))


def _unsupported_parallel(visit: Visit, has_branches: bool) -> None:
    if not has_branches:
        not_converted(visit)
        return
    for name in ("Catch", "Retry"):
        if name in visit.fields:
            message = f"the {name} of a Parallel is not converted: Airflow has none for a group of tasks"
            visit.weaver.row(visit.state, Disposition.REDESIGN, message, construct=name)


_CONVERT: Mapping[str, Callable[[Visit], None]] = {
    "Task": leaves.task,
    "Pass": leaves.pass_,
    "Succeed": leaves.pass_,
    "Fail": leaves.fail,
    "Wait": leaves.wait,
    "Choice": branch.choose,
    "Parallel": _parallel,
    "Map": each.each,
}
