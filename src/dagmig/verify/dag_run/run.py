"""One run of a workflow: passes of the scheduler, and bodies that end as the vector says, in virtual time.

After ``DagRun.task_instance_scheduling_decisions``: a pass looks at all that has ended before it, and sees
nothing of what it decides itself. Bodies start as soon as they may; there are workers for all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from heapq import heappop, heappush

from dagmig.regions.order import bits
from dagmig.verify.dag_run.decisions import decisions, expands_skipped, is_refused
from dagmig.verify.dag_run.happens_before import happens_before
from dagmig.verify.dag_run.instances import ENDED, PENDING, RUNNING, Instances
from dagmig.verify.dag_run.program import Node, Program
from dagmig.verify.dag_run.retries import comes_to, delay
from dagmig.verify.dag_run.run_state import ends
from dagmig.verify.dag_run.skipping import refused, roots
from dagmig.verify.dag_run.trigger_rules import RUN, WAIT, Decision
from dagmig.verify.observed import Ended, Observed, Outcome, State, Vector

Choice = Callable[[int], int]  # which of so many, from 0


def first(_: int) -> int:
    """The choice that is made where nobody says another."""
    return 0


def run(program: Program, vector: Vector, choose: Choice = first) -> Observed:
    """Run a workflow once. What ends at the same moment is seen together, and then a failure counts more.

    ``choose`` is asked where Airflow decides one way or another by accident (``decisions``). Raises
    ``ValueError`` for a branch that chooses what is neither a task nor a group.
    """
    return Run(program, vector, choose).finished()


class Run:
    """A run on its way. ``dirty`` are the tasks whose upstream instances have changed since the last pass;
    ``has_failed`` where the scheduler gave up on it.
    """

    def __init__(self, program: Program, vector: Vector, choose: Choice = first) -> None:
        self.program, self.vector, self.choose = program, vector, choose
        self.found = Instances(program, vector)
        self.now = 0.0
        self.has_failed = False
        self.dirty: set[int] = set(range(len(program.nodes)))
        self.events: list[tuple[float, int, int]] = []  # when, which instance, in which attempt

    def finished(self) -> Observed:
        """Run until nothing is left to happen."""
        while True:
            self.settle()
            if self.has_failed or not self.events:
                return self.observed()
            if self.program.timeout is not None and self.events[0][0] > self.program.timeout:
                self._time_out(self.program.timeout)
                return self.observed()
            self.now = self.events[0][0]
            while self.events and self.events[0][0] == self.now:
                self.happen(*heappop(self.events)[1:])

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to happen."""
        return self.has_failed or not (self.dirty or self.events)

    def key(self) -> Hashable:
        """All that decides how the run goes on, but for time."""
        events = tuple(sorted((one, attempt) for _, one, attempt in self.events))
        return self.found.key(), tuple(sorted(self.dirty)), events, self.has_failed

    def settle(self) -> None:
        """Passes of the scheduler until one comes to nothing."""
        while True:
            while self.dirty:
                self.pass_over()
            if self.found.refused:
                self.look_for_deadlock()
            if self.has_failed or not self.dirty:
                return

    def pass_over(self) -> None:
        """One pass of the scheduler over all tasks that something has changed for, in topological order.

        Tasks mapped over what the pass decides see it at once, all others in the next pass.
        """
        found, places, self.dirty = self.found, sorted(self.dirty), set()
        listed, starting = set(places), list[int]()
        while places:
            place = heappop(places)
            starting += self._look_at(place)
            if any(one in found.deciding for one in found.members[place]):
                for other in set(found.nodes[place].mapped) - listed:
                    listed.add(other)
                    heappush(places, other)
        decided, found.deciding = found.deciding, {}
        for one, state in decided.items():
            self._end(one, state)
        for one in starting:
            self._start(one)

    def _look_at(self, place: int) -> list[int]:
        """Decide about the instances of one task that have not started; those that start now."""
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
                self._end(one, decided)
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
            return State.SKIPPED, []
        self.dirty.update(found.nodes[place].watchers)
        return WAIT, found.expand(one, length)

    def _start(self, one: int) -> None:
        found = self.found
        found.status[one] = RUNNING
        found.attempts[one] += 1
        started = found.times[one][0] if found.attempts[one] > 1 else self.now
        found.times[one] = (started, self.now)
        takes = self.vector.duration(found.name(one))
        heappush(self.events, (self.now + takes, one, found.attempts[one]))

    def _end(self, one: int, state: State) -> None:
        found = self.found
        if found.status[one] == RUNNING:
            found.times[one] = (found.times[one][0], self.now)
        found.status[one], found.state[one] = ENDED, state
        self.dirty.update(found.nodes[found.task[one]].watchers)

    def happen(self, one: int, attempt: int) -> None:
        """An attempt ends, or the time to wait for the next one does."""
        found = self.found
        if found.attempts[one] != attempt or found.status[one] == ENDED:
            return
        node = found.nodes[found.task[one]]
        if found.status[one] == PENDING:
            self.dirty.add(found.task[one])
            return
        outcome = self.vector.outcome(found.name(one))
        state = comes_to(outcome, attempt, node.retries)
        if state is None:
            found.times[one] = (found.times[one][0], self.now)
            found.status[one] = PENDING
            found.ready[one] = self.now + delay(node.policy, attempt)
            heappush(self.events, (found.ready[one], one, attempt))
            return
        self._end(one, state)
        if state is State.FAILED and self.program.fails_fast:
            self._stop(one)
        if state is State.SUCCESS:
            self._succeed(one, node, outcome)

    def _succeed(self, one: int, node: Node, outcome: Outcome) -> None:
        value = outcome.value
        skipped = 0
        if node.chooser is not None and outcome.chosen is not None:
            if node.chooser.is_branch:
                value = list(outcome.chosen)
            elif not outcome.chosen:
                value = False
            skipped = self._choose(one, node, outcome.chosen)
        is_pushed = not skipped or self.found.index[one] >= 0 or self.program.airflow < 3
        if is_pushed and value is not None:
            self.found.values[one] = value

    def _choose(self, one: int, node: Node, chosen: tuple[str, ...]) -> int:
        """Note whom a branch or a short circuit skips, and skip them; the tasks it would skip."""
        assert node.chooser is not None
        found, program = self.found, self.program
        picked = [program.place[root] for name in chosen for root in roots(program.workflow, name)]
        kept = 0
        for place in picked:
            kept |= 1 << place | program.nodes[place].after
        goes_on = bool(chosen) and not node.chooser.is_branch
        direct, reached = refused(
            node.chooser, node.direct, node.after, None if goes_on else kept, program.teardowns
        )
        index = found.index[one]
        if direct:
            found.refused[found.task[one], index] = direct
        found.skipped[one] = reached
        for place in bits(reached):
            self.dirty.add(place)
            for member in list(found.members[place]):
                if self._is_reached(node, index, found.index[member]):
                    self._skip(member)
        return reached

    def _is_reached(self, node: Node, index: int, other: int) -> bool:
        """Whether an instance is skipped at once, and not only when the scheduler comes to it.

        Airflow 3 leaves out expanded tasks, and all where the chooser is one of several; Airflow 2 leaves
        them out as well where a branch chose, but skips all instances where a short circuit did.
        """
        if self.program.airflow >= 3:
            return index < 0 and other < 0
        assert node.chooser is not None
        return other == index if node.chooser.is_branch else index < 0

    def _skip(self, one: int) -> None:
        """Airflow 3 skips what has neither started nor run; Airflow 2 whatever there is."""
        found = self.found
        has_run = found.status[one] == RUNNING or found.state[one] in (State.SUCCESS, State.FAILED)
        if not has_run or self.program.airflow < 3:
            self._end(one, State.SKIPPED)

    def _stop(self, failed: int) -> None:
        """``_stop_remaining_tasks`` of a DAG that fails fast; other instances of the task go on."""
        found = self.found
        found.fatal.append(failed)
        for one in range(len(found.task)):
            place = found.task[one]
            is_over = found.state[one] in (State.SUCCESS, State.FAILED)
            if place == found.task[failed] or is_over or found.nodes[place].is_teardown:
                continue
            self._end(one, State.FAILED if found.status[one] == RUNNING else State.SKIPPED)

    def _time_out(self, at: float) -> None:
        """``SchedulerJobRunner._schedule_dag_run`` where ``dagrun_timeout`` is over: what has not ended is
        skipped; but in Airflow 2 what nothing was decided about yet stays so.
        """
        found, self.now, self.has_failed = self.found, at, True
        for one, status in enumerate(found.status):
            if status != ENDED and (self.program.airflow >= 3 or found.attempts[one]):
                self._end(one, State.SKIPPED)

    def observed(self) -> Observed:
        """What is seen of a run that has ended."""
        found = self.found
        names = [found.name(one) for one in range(len(found.task))]
        instances = {}
        for one, name in enumerate(names):
            ran = found.attempts[one] > 0
            started, finished = found.times[one] if ran else (None, None)
            instances[name] = Ended(found.state[one], found.attempts[one], started, finished)
        of_leaves = [found.state[one] for leaf in self.program.leaves for one in found.members[leaf]]
        values = {names[one]: value for one, value in found.values.items()}
        state = State.FAILED if self.has_failed else ends(found.state, of_leaves)
        return Observed(state, instances, happens_before(found), values)
