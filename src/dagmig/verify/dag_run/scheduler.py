"""The scheduler: what it decides in one pass about all that has not started.

After ``DagRun.task_instance_scheduling_decisions``: a pass looks at all that has ended before it, and sees
nothing of what it decides itself.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from dagmig.verify.dag_run.decisions import decisions, expands_skipped, is_refused
from dagmig.verify.dag_run.instances import ENDED, PENDING, RUNNING, Instances
from dagmig.verify.dag_run.program import Node, Program
from dagmig.verify.dag_run.trigger_rules import RUN, WAIT, Decision
from dagmig.verify.observed import State, Vector

Choice = Callable[[int], int]  # which of so many, from 0


def first(_: int) -> int:
    """The choice that is made where nobody says another."""
    return 0


class Scheduler:
    """A run as the scheduler sees it. ``dirty`` are the tasks for which something has changed since the last
    pass; ``has_failed`` where it gave up on the run. ``left`` are instances that never start, as the run ends
    in the pass that made them: it looks at those alone that were there before, which have all ended.
    """

    def __init__(self, program: Program, vector: Vector, choose: Choice = first) -> None:
        self.program, self.vector, self.choose = program, vector, choose
        self.found = Instances(program, vector)
        self.now = 0.0
        self.has_failed = False
        self.left = frozenset[int]()
        self.dirty: set[int] = set(range(len(program.nodes)))

    def pass_over(self) -> list[int]:
        """One pass over all tasks that something has changed for, in topological order; what is to start.

        Tasks mapped over what the pass decides see it at once, all others in the next pass.
        """
        found, places, self.dirty = self.found, sorted(self.dirty), set()
        listed, starting, count = set(places), list[int](), len(found.task)
        while places:
            place = heappop(places)
            starting += self._look_at(place)
            if any(one in found.deciding for one in found.members[place]):
                for other in set(found.nodes[place].mapped) - listed:
                    listed.add(other)
                    heappush(places, other)
        decided, found.deciding = found.deciding, {}
        for one, state in decided.items():
            self.end(one, state)
        new = range(count, len(found.task))
        if new and all(found.status[one] == ENDED for one in range(count)):
            self.left = frozenset(one for one in new if found.status[one] != ENDED)
        return [] if self.left else starting

    def _look_at(self, place: int) -> list[int]:
        """Decide about the instances of one task that have not started; those that are to start."""
        found, starting = self.found, list[int]()
        looked_at = [one for one in found.members[place] if found.status[one] == PENDING]
        for one in looked_at:
            decided = self._decide(one)
            is_skipped = decided is State.SKIPPED and expands_skipped(found, one)
            if is_skipped or (decided is RUN and found.is_unexpanded(one)):
                decided, expanded = self._expand(one)
                found.deciding.update((other, State.SKIPPED) for other in expanded if is_skipped)
                looked_at += [other for other in expanded if not is_skipped]
            if isinstance(decided, State):
                found.deciding[one] = decided
            elif decided is RUN and found.ready[one] <= self.now:
                starting.append(one)
        return starting

    def look_for_deadlock(self) -> None:
        """``DagRun._are_premature_tis``: where a pass comes to nothing, all that has not ended is checked,
        bodies that run as well, up to the first that may run. A body that a chooser has skipped meanwhile is
        ended by that; and if there is nothing that may run, the run fails as a deadlock.
        """
        found = self.found
        unfinished = [one for one, status in enumerate(found.status) if status != ENDED]
        comes_to = {one: decisions(found, one) for one in unfinished if found.attempts[one]}
        is_any_met = any(possible[0] is RUN for possible in comes_to.values())
        stopped = [one for one, possible in comes_to.items() if isinstance(possible[0], State)]
        is_noticed = any(not is_refused(found, one) for one in stopped)
        for one in stopped:
            if not is_any_met or self.choose(2):
                decided = self._decide(one)
                assert isinstance(decided, State)
                self.end(one, decided)
        if stopped and not is_any_met:
            self.has_failed = not is_noticed or any(found.status[one] != ENDED for one in unfinished)

    def _decide(self, one: int) -> Decision:
        possible = decisions(self.found, one)
        return possible[self.choose(len(possible))] if len(possible) > 1 else possible[0]

    def _expand(self, one: int) -> tuple[Decision, list[int]]:
        """``TaskMap.expand_mapped_task``: what becomes of the instance that stands for all, and the new ones,
        which are looked at in the same pass.
        """
        found = self.found
        place = found.task[one]
        length = found.length(found.nodes[place])
        if length is None:
            return State.UPSTREAM_FAILED, []
        if length == 0:
            is_seen = not self._is_decided_now(found.nodes[place]) or not self.choose(2)
            return State.SKIPPED if is_seen else State.UPSTREAM_FAILED, []
        self.dirty.update(found.nodes[place].watchers)
        return WAIT, found.expand(one, length)

    def _is_decided_now(self, node: Node) -> bool:
        """Whether what it is mapped over is decided in the same pass, before or after it: where that has not
        ended yet, the list is not there. Airflow takes the instances as its database gives them.
        """
        found = self.found
        members = (member for source in node.sources for member in found.members[source])
        return any(found.status[member] != ENDED for member in members)

    def end(self, one: int, state: State) -> None:
        """Give an instance its state, whatever it had, and end its body if that runs."""
        found = self.found
        if found.status[one] == RUNNING:
            found.times[one] = (found.times[one][0], self.now)
        found.status[one], found.state[one] = ENDED, state
        self.dirty.update(found.nodes[found.task[one]].watchers)
