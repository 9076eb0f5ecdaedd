"""``with setup_or_teardown:``: the tasks made inside run between the setup and its teardown.

As Airflow's ``SetupTeardownContext``: at the block's end the setup goes before the tasks that wait for
nothing and the teardown after those that nothing waits for; inner setups follow outer ones, inner teardowns
go before outer ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dagmig.airflow.read.objects import Task


@dataclass(eq=False)
class Context:
    """One open block: its setup or teardown ``task``, and the tasks made inside."""

    task: Task
    inside: dict[Task, None] = field(default_factory=dict)


@dataclass
class Contexts:
    """The open blocks, innermost last; ``edge`` makes a dependency."""

    edge: Callable[[Task, Task], None]
    open: list[Context] = field(default_factory=list)

    def enter(self, task: Task) -> None:
        """Begin the block of a setup or teardown."""
        self.open.append(Context(task))

    def note(self, task: Task) -> None:
        """A task that was made, or used in an edge, while blocks are open."""
        for kind in ("is_setup", "is_teardown"):
            of_kind = [context for context in self.open if getattr(context.task, kind)]
            if of_kind:
                of_kind[-1].inside[task] = None

    def leave(self) -> None:
        """End the innermost block: make its dependencies."""
        context = self.open.pop()
        task = context.task
        work = [one for one in context.inside if not (one.is_setup or one.is_teardown) and one is not task]
        around = [one.task for one in self.open if one.task.is_setup == task.is_setup]
        if work:
            roots = [one for one in work if not one.upstream] or work[:1]
            leaves = [one for one in work if not one.downstream] or work[-1:]
            setups = [task] if task.is_setup else [one for one in task.upstream if one.is_setup]
            teardowns = [task] if task.is_teardown else [one for one in task.downstream if one.is_teardown]
            self._all(setups, roots)
            self._all(leaves, teardowns)
        if around and task.is_setup:
            self.edge(around[-1], task)
        elif around:
            self.edge(task, around[-1])

    def _all(self, before: list[Task], after: list[Task]) -> None:
        for one in before:
            for other in after:
                self.edge(one, other)
