"""The token at one state: where it comes from, and where it is sent on to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.asl.lift.document import Lost, Scene
from dagmig.asl.lift.walk import (
    Arrival,
    Passage,
    Weaver,
    outcome,
    targets,
)
from dagmig.asl.model import State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import TriggerRule


@dataclass(slots=True)
class Visit:
    """One state when the token comes to it: where from, with what, and the scope it is in."""

    weaver: Weaver
    passage: Passage
    state: State
    arrivals: list[Arrival]
    later: list[Callable[[], None]] = field(default_factory=list)

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.state.fields

    @property
    def needs_task(self) -> bool:
        """Whether even a state without work has to be a task, for the shape of the graph."""
        return len(self.arrivals) > 1 or self.arrivals[0].is_chosen

    def leave(self, arrival: Arrival) -> None:
        """Send the token on: to the next state, or out of the scope."""
        if self.state.is_terminal:
            self.passage.ends.append(arrival)
            return
        following = targets(self.state)
        if not following:
            self.stop(arrival)
        for target in following:
            self.send(target, arrival)

    def stop(self, arrival: Arrival) -> None:
        """A state that neither ends nor goes on: a task that fails follows it."""
        message = f"the state {self.state.name} has neither Next nor End"
        task_id = self.weaver.names.give(f"{self.state.name}_next")
        self.weaver.placeholder(self.state, task_id, arrival.tasks, message, TriggerRule.ALL_SUCCESS)
        self.weaver.row(self.state, Disposition.IMPOSSIBLE, message, task=task_id, construct="transition")
        self.passage.failures.append(task_id)

    def send(self, target: str, arrival: Arrival) -> tuple[str, ...]:
        """Send the token to ``target``.

        A loop or an unknown name gets a task that fails, whose id is returned.
        """
        is_loop = (self.state.name, target) in self.passage.loops
        if target in self.passage.scope.states and not is_loop:
            self.passage.arrivals.setdefault(target, []).append(arrival)
            return ()
        what = f"the loop from {self.state.name} back to {target}" if is_loop else f"the state {target}"
        message = f"{what} is not converted: " + ("a DAG has no cycles" if is_loop else "there is none")
        task_id = self.weaver.names.give(f"{self.state.name}_to_{target}")
        trigger = TriggerRule.ALL_SUCCESS
        self.weaver.placeholder(self.state, task_id, arrival.tasks, message, trigger)
        self.weaver.row(
            self.state,
            Disposition.REDESIGN if is_loop else Disposition.IMPOSSIBLE,
            message,
            task=task_id,
            construct="loop" if is_loop else "transition",
        )
        self.passage.failures.append(task_id)
        return (task_id,)

    def enter(self, *task_ids: str) -> None:
        self.passage.entries[self.state.name] = task_ids


def placeholder(
    visit: Visit, task_id: str, upstream: tuple[str, ...], trigger: TriggerRule, scene: Scene, message: str
) -> None:
    """A task that fails in the state's place, and the path after it."""
    visit.weaver.placeholder(visit.state, task_id, upstream, message, trigger)
    visit.weaver.row(visit.state, Disposition.REDESIGN, message, task=task_id)
    after = outcome(visit.state, scene, Lost(f"{visit.state.name} is not converted"))
    visit.leave(Arrival((task_id,), after))
