"""What the scheduler makes of one task instance: all the dependencies that it checks, taken together.

``TaskInstance.get_failed_dep_statuses`` asks each in no fixed order, and the last to give a state wins: so
two states are possible where one would skip the task and another would not.
"""

from __future__ import annotations

from dagmig.graph.model import TriggerRule
from dagmig.verify.dag_run.instances import ENDED, Instances
from dagmig.verify.dag_run.run_state import BAD
from dagmig.verify.dag_run.setup_teardown import constraint
from dagmig.verify.dag_run.trigger_rules import RUN, SKIPPED, UPSTREAM_FAILED, WAIT, Decision, decide
from dagmig.verify.observed import State


def decisions(found: Instances, one: int) -> tuple[Decision, ...]:
    """What an instance that has not started comes to; two where Airflow does not say which."""
    node = found.nodes[found.task[one]]
    by_rule = _by_rule(found, one)
    by_map = _by_map(found, one) if node.sources else None
    if by_map is UPSTREAM_FAILED:
        doubts = by_rule is SKIPPED or is_refused(found, one)
        return (UPSTREAM_FAILED, SKIPPED) if doubts else (UPSTREAM_FAILED,)
    if is_refused(found, one):
        return (SKIPPED, UPSTREAM_FAILED) if by_rule is UPSTREAM_FAILED else (SKIPPED,)
    if by_map is SKIPPED and by_rule is not UPSTREAM_FAILED:
        return (SKIPPED,)
    return (by_rule,)


def proposals(found: Instances, one: int) -> frozenset[State]:
    """The states that this or that would give an instance, once all before it have ended.

    More than one: which comes first decides. None where it runs.
    """
    place = found.task[one]
    node = found.nodes[place]
    states = set[Decision]()
    if node.upstream and node.rule is not TriggerRule.ALWAYS:
        counts, setups = found.counts(one, node.upstream), found.counts(one, node.setups)
        states.add(decide(node.rule, counts))
        if (node.rule is TriggerRule.ALL_SUCCESS and counts.skipped) or setups.skipped:
            states.add(SKIPPED)
        if setups.bad:
            states.add(UPSTREAM_FAILED)
    if by_map := _by_map(found, one):
        states.add(by_map)
    if any(tasks >> place & 1 for tasks in found.skipped.values()):
        states.add(SKIPPED)
    return frozenset(state for state in states if isinstance(state, State))


def runs_ahead(found: Instances, one: int) -> bool:
    """Whether an instance may run before a short circuit is over that skips it from further up: what is
    directly before it has ended in a way that lets it run.
    """
    place = found.task[one]
    skipped = (tasks & ~found.nodes[found.task[by]].direct for by, tasks in found.skipped.items())
    return any(tasks >> place & 1 for tasks in skipped) and _by_rule(found, one) is RUN


def expands_skipped(found: Instances, one: int) -> bool:
    """Whether a mapped task that its rule skips is expanded all the same, into instances that are skipped.

    In Airflow 2, ``none_failed_min_one_success`` skips the task without saying that it may not run.
    """
    node = found.nodes[found.task[one]]
    if found.program.airflow >= 3 or node.rule is not TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS:
        return False
    return found.is_unexpanded(one) and not (_by_map(found, one) or is_refused(found, one))


def _by_rule(found: Instances, one: int) -> Decision:
    """``TriggerRuleDep``: setups, then the rule, then the scope of a teardown."""
    node = found.nodes[found.task[one]]
    if not node.upstream or node.rule is TriggerRule.ALWAYS:
        return RUN
    held = constraint(found.counts(one, node.setups)) if node.setups else RUN
    if isinstance(held, State):
        return held
    decided = decide(node.rule, found.counts(one, node.upstream))
    if decided is RUN and node.scope and not found.counts(one, node.scope).all_done:
        return WAIT
    return held if decided is RUN else decided


def _by_map(found: Instances, one: int) -> State | None:
    """``MappedTaskUpstreamDep``: the tasks mapped over, as long as they are not expanded themselves."""
    node = found.nodes[found.task[one]]
    members = (member for source in node.sources for member in found.members[source])
    seen = (member for member in members if found.index[member] < 0)
    states = {found.state[member] or found.deciding.get(member) for member in seen}
    if states & BAD:
        return UPSTREAM_FAILED
    return SKIPPED if SKIPPED in states else None


def is_refused(found: Instances, one: int) -> bool:
    """``NotPreviouslySkippedDep``: whether a task directly before skipped this instance."""
    if not found.refused:
        return False
    place, index = found.task[one], found.index[one]
    for other in found.nodes[place].upstream:
        looked_up = index if found.nodes[other].is_mapped or found.program.airflow < 3 else -1
        if found.refused.get((other, looked_up), 0) >> place & 1 and _has_ended(found, other):
            return True
    return False


def _has_ended(found: Instances, place: int) -> bool:
    return any(found.status[member] == ENDED for member in found.members[place])
