"""``with setup_or_teardown:``: the tasks made inside run between the setup and its teardown.

As Airflow's ``SetupTeardownContext``, which keeps one state for all blocks: the setups and teardowns that
are entered, and those found on their other side. At a block's end the setups go before the tasks that wait
for nothing and the teardowns after those that nothing waits for; inner setups follow outer ones, inner
teardowns go before outer ones. Once an inner block has ended, tasks belong to none until the next begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dagmig.airflow.read.airflow_objects import Task
from dagmig.airflow.read.evaluation import Raised


@dataclass(eq=False)
class Entered:
    """Tasks of one kind: those of the innermost block that has some, and those of the blocks around it."""

    now: list[Task] = field(default_factory=list)
    around: list[list[Task]] = field(default_factory=list)

    def push(self, tasks: list[Task]) -> None:
        if self.now and self.now != tasks:
            self.around.append(self.now)
        self.now = tasks

    def pop(self) -> tuple[list[Task], list[Task]]:
        """What is left, and what it was in if that is to be joined with it."""
        left, joined = self.now, bool(self.around)
        self.now = self.around.pop() if self.around else []
        return left, self.now if joined else []


class Contexts:
    """The open blocks; ``edge`` makes a dependency."""

    def __init__(self, edge: Callable[[Task, Task], None]) -> None:
        self.edge = edge
        self.is_active = False
        self.inside: dict[tuple[Task, ...], list[Task]] = {}
        self.setups, self.teardowns = Entered(), Entered()
        self.found_setups, self.found_teardowns = Entered(), Entered()

    def enter(self, tasks: list[Task]) -> None:
        """Begin the block of setups, or of teardowns; raises ``Raised`` where Airflow refuses."""
        first = tasks[0]
        if any(task.is_setup != first.is_setup for task in tasks):
            raise Raised(ValueError("All tasks in the list must be either setup or teardown tasks"))
        if first.is_teardown:
            self.teardowns.push(tasks)
            self.found_setups.push(_nearest(first, list(first.upstream), "is_setup"))
        else:
            self.setups.push(tasks)
            self.found_teardowns.push(_nearest(first, list(first.downstream), "is_teardown"))
        self.is_active = True

    def note(self, task: Task) -> None:
        """A task that was made."""
        if not self.is_active:
            return
        for entered in (self.setups, self.teardowns):
            if entered.now:
                self.inside.setdefault(tuple(entered.now), []).append(task)

    def leave(self) -> None:
        """End the innermost block: make its dependencies."""
        if work := self._work(self.setups):
            self._all(self.setups.now, [one for one in work if not one.upstream] or work[:1])
            leaves = [one for one in work if not one.downstream] or work[-1:]
            self._all(self.teardowns.now or leaves, self.found_teardowns.now)
        if work := self._work(self.teardowns):
            self._all([one for one in work if not one.downstream] or work[-1:], self.teardowns.now)
            roots = [one for one in work if not one.upstream] or work[:1]
            self._all(self.found_setups.now, self.setups.now or roots)
        for entered, is_setup in (
            (self.setups, True),
            (self.teardowns, False),
            (self.found_teardowns, False),
            (self.found_setups, True),
        ):
            inner, outer = entered.pop()
            self._all(*((outer, inner) if is_setup else (inner, outer)))
            if entered in (self.setups, self.teardowns):
                self.inside.pop(tuple(inner), None)
        self.is_active = False

    def _work(self, entered: Entered) -> list[Task]:
        inside = self.inside.get(tuple(entered.now), []) if entered.now else []
        return [one for one in inside if not (one.is_setup or one.is_teardown)]

    def _all(self, before: list[Task], after: list[Task]) -> None:
        for one in before:
            for other in after:
                self.edge(one, other)


def _nearest(start: Task, tasks: list[Task], kind: str) -> list[Task]:
    """The nearest tasks of a kind among those and their neighbours, whichever way; Airflow goes round for
    ever where there is none.
    """
    seen = set()
    while tasks and not any(getattr(task, kind) for task in tasks):
        state = frozenset(map(id, tasks))
        if state in seen:
            raise Raised(RecursionError())
        seen.add(state)
        near = dict.fromkeys(one for task in tasks for one in (*task.downstream, *task.upstream))
        tasks = [one for one in near if one is not start]
    return [task for task in tasks if getattr(task, kind)]
