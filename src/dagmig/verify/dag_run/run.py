"""One run of a workflow: the scheduler comes by, and bodies end as the vector says, in virtual time.

Bodies start as soon as they may; there are workers for all.
"""

from __future__ import annotations

from collections.abc import Hashable
from heapq import heappop, heappush

from dagmig.regions.order import bits
from dagmig.verify.dag_run.happens_before import happens_before
from dagmig.verify.dag_run.instances import ENDED, PENDING, RUNNING
from dagmig.verify.dag_run.program import Node, Program
from dagmig.verify.dag_run.retries import comes_to, delay
from dagmig.verify.dag_run.run_state import ends
from dagmig.verify.dag_run.scheduler import Choice, Scheduler, first
from dagmig.verify.dag_run.skipping import refused, roots
from dagmig.verify.observed import Ended, Observed, Outcome, State, Vector

Event = tuple[float, int, int]  # when, which instance, in which attempt


def run(program: Program, vector: Vector, choose: Choice = first) -> Observed:
    """Run a workflow once. What ends at the same moment is seen together, and then a failure counts more.

    ``choose`` is asked where Airflow decides one way or another by accident: of two states that two checks
    give, or whether a body that is stopped had started. Raises ``ValueError`` for a branch that chooses what
    is neither a task nor a group.
    """
    return Run(program, vector, choose).finished()


class Run(Scheduler):
    """A run on its way; ``events`` are the bodies that will end, and waiting that will."""

    def __init__(self, program: Program, vector: Vector, choose: Choice = first) -> None:
        super().__init__(program, vector, choose)
        self.events: list[Event] = []

    def finished(self) -> Observed:
        """Run until nothing is left to happen."""
        while True:
            self.settle()
            if self.is_over:
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
        return self.has_failed or bool(self.left) or not (self.dirty or self.events)

    def key(self) -> Hashable:
        """All that decides how the run goes on, but for time."""
        events = tuple(sorted((one, attempt) for _, one, attempt in self.events))
        return self.found.key(), tuple(sorted(self.dirty)), events, self.has_failed, self.left

    def settle(self) -> None:
        """Let the scheduler come by until that comes to nothing."""
        self.come_by()
        while self.dirty and not self.is_over:
            self.come_by()

    def come_by(self) -> None:
        """One pass of the scheduler, and what it does where the pass came to nothing."""
        for one in self.pass_over():
            self._start(one)
        if self.found.refused and not self.dirty:
            self.look_for_deadlock()

    def _start(self, one: int) -> None:
        found = self.found
        found.status[one] = RUNNING
        found.attempts[one] += 1
        started = found.times[one][0] if found.attempts[one] > 1 else self.now
        found.times[one] = (started, self.now)
        takes = self.vector.duration(found.name(one))
        heappush(self.events, (self.now + takes, one, found.attempts[one]))

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
        has_to_return = bool(node.mapped) and not node.is_mapped
        state = comes_to(outcome, attempt, node.retries, has_to_return)
        if state is None:
            found.times[one] = (found.times[one][0], self.now)
            found.status[one] = PENDING
            found.ready[one] = self.now + delay(node.policy, attempt)
            heappush(self.events, (found.ready[one], one, attempt))
            return
        self.end(one, state)
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
        has_started = found.status[one] == RUNNING and not self._was_queued(one)
        has_run = has_started or found.state[one] in (State.SUCCESS, State.FAILED)
        if not has_run or self.program.airflow < 3:
            self.end(one, State.SKIPPED)

    def _was_queued(self, one: int) -> bool:
        """Whether a body that is said to run had not started yet, which it does as soon as a worker is free;
        then it has not run.
        """
        found = self.found
        if not self.choose(2):
            return False
        found.attempts[one] -= 1
        found.status[one] = PENDING
        return True

    def _stop(self, failed: int) -> None:
        """``_stop_remaining_tasks`` of a DAG that fails fast; other instances of the task go on."""
        found = self.found
        found.fatal.append(failed)
        for one in range(len(found.task)):
            place = found.task[one]
            is_over = found.state[one] in (State.SUCCESS, State.FAILED)
            if place == found.task[failed] or is_over or found.nodes[place].is_teardown:
                continue
            runs = found.status[one] == RUNNING and not self._was_queued(one)
            self.end(one, State.FAILED if runs else State.SKIPPED)

    def _time_out(self, at: float) -> None:
        """``SchedulerJobRunner._schedule_dag_run`` where ``dagrun_timeout`` is over: what has not ended is
        skipped; but in Airflow 2 what nothing was decided about yet stays so.
        """
        found, self.now, self.has_failed = self.found, at, True
        for one, status in enumerate(found.status):
            if status != ENDED and (self.program.airflow >= 3 or found.attempts[one]):
                self.end(one, State.SKIPPED)

    def observed(self) -> Observed:
        """What is seen of a run that has ended."""
        found = self.found
        names = [found.name(one) for one in range(len(found.task))]
        instances = {}
        for one, name in enumerate(names):
            ran = found.attempts[one] > 0
            started, finished = found.times[one] if ran else (None, None)
            instances[name] = Ended(found.state[one], found.attempts[one], started, finished)
        counted = [one for one in range(len(found.task)) if one not in self.left]
        of_leaves = [found.state[one] for one in counted if found.task[one] in self.program.leaves]
        values = {names[one]: value for one, value in found.values.items()}
        state = State.FAILED if self.has_failed else ends((found.state[one] for one in counted), of_leaves)
        return Observed(state, instances, happens_before(found), values)
