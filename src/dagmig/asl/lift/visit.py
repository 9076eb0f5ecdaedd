"""The token at one state: where it comes from, and where it is sent on to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.asl.lift.document import Lost, Scene
from dagmig.asl.lift.walk import (
    EMPTY_OPERATOR,
    Arrival,
    Passage,
    Weaver,
    outcome,
    targets,
)
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call, TriggerRule


@dataclass(slots=True)
class Visit:
    """One state when the token comes to it: where from, with what, and the scope it is in."""

    weaver: Weaver
    passage: Passage
    state: State
    arrivals: list[Arrival]
    walk: Callable[[Weaver, Scope, Arrival], Passage]  # converts a scope inside this state
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


Joined = tuple[tuple[str, ...], TriggerRule, Scene]


def not_converted(visit: Visit, reason: str = "", joined: Joined | None = None) -> None:
    """The whole state, with those inside of it, as one task that fails."""
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = joined or weaver.join(visit.arrivals, state)
    visit.enter(task_id)
    what = f"the {state.type} state {state.name}" if state.type else f"the state {state.name}"
    message = f"{what} is not converted" + (f": {reason}" if reason else "")
    placeholder(visit, task_id, upstream, trigger, scene, message)
    for inner in (each for scope in state.scopes() for each in scope.all_states()):
        message = f"it is inside {state.name}, which is not converted"
        weaver.row(inner, Disposition.REDESIGN, message, task=task_id)


def end(visit: Visit, inner: Passage) -> tuple[str, ...]:
    """The tasks that have to succeed for a scope inside the state to have ended."""
    if not inner.ends and not inner.failures:
        return ()
    ends = inner.ends or [Arrival((task,), Scene()) for task in inner.failures]
    if len(ends) == 1:
        return ends[0].tasks
    joined = visit.weaver.names.give(f"{visit.state.name}_end")
    upstream, trigger, _ = visit.weaver.join(ends, visit.state)
    visit.weaver.add(joined, Call(EMPTY_OPERATOR), upstream, visit.state, trigger=trigger)
    return (joined,)
