"""A Parallel state: its branches all follow what comes before, and what comes after waits for them all."""

from __future__ import annotations

from dagmig.asl.lift import catch
from dagmig.asl.lift.document import Arr
from dagmig.asl.lift.visit import Visit, end, not_converted
from dagmig.asl.lift.walk import EMPTY_OPERATOR, Arrival, Together, arguments, outcome
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call, TriggerRule


def parallel(visit: Visit) -> None:
    """Convert a Parallel; one with a Catch begins with a task and ends with one, which tell how it went."""
    weaver, state = visit.weaver, visit.state
    scopes = list(state.scopes()) if isinstance(state.fields.get("Branches"), list) else []
    if not scopes:
        not_converted(visit)
        return
    if "Retry" in visit.fields:
        message = "the Retry of a Parallel is not converted: Airflow has none for a group of tasks"
        weaver.row(state, Disposition.REDESIGN, message, construct="Retry")
    if weaver.names.group and "Catch" in visit.fields:
        message = "a branch that fails for one item fails the Parallel for all items"
        weaver.row(state, Disposition.DECISION, message, construct="Catch")
    upstream, trigger, scene = visit.join()
    start = Arrival(upstream, scene.seeing(arguments(state, scene)), visit.arrivals[0].is_chosen)
    gate: tuple[str, ...] = ()
    if len(visit.arrivals) > 1 or "Catch" in visit.fields:
        gate = (weaver.name(state),)
        weaver.add(gate[0], Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
        start = Arrival(gate, start.scene)
    before = set(weaver.tasks)
    passages = [visit.walk(weaver, scope, start) for scope in scopes]
    firsts = [task for p in passages for task in p.entries.get(p.scope.start_at, ())]
    visit.enter(*(gate or tuple(dict.fromkeys(firsts))))
    exits = [end(visit, one) for one in passages]
    ends = tuple(dict.fromkeys(task for one in exits for task in one.tasks))
    inside = frozenset(weaver.tasks.keys() - before)
    weaver.together.append(Together(state, inside))
    after = outcome(state, scene, Arr(tuple(one.scene.document for one in exits)))
    if "Catch" not in visit.fields:
        visit.leave(Arrival(ends, after))
        return
    joined = _join(visit, before, ends)
    catch.leave(visit, catch.Ended(joined, gate[0]), after, scene)


def _join(visit: Visit, before: set[str], ends: tuple[str, ...]) -> str:
    """A task that waits for all tasks of the branches, so that none that failed is the DAG's last."""
    weaver = visit.weaver
    busy = {edge.upstream for edge in weaver.edges}
    last = [name for name in weaver.tasks if name not in before and name not in busy]
    always = set(last) <= set(ends)
    trigger = TriggerRule.ALL_SUCCESS if always else TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
    joined = weaver.names.give(f"{visit.state.name}_join")
    weaver.add(joined, Call(EMPTY_OPERATOR), last or ends, visit.state, trigger=trigger)
    return joined
