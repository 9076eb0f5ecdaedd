"""The token at one state: where it comes from, and where it is sent on to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dagmig.asl.lift import code, joining
from dagmig.asl.lift.document import INSTANCE, Lost, Made, Ref, Scene, is_large, losses
from dagmig.asl.lift.expression import python
from dagmig.asl.lift.joining import Taken, Way, picked, reads_input, spoilt, variables_read
from dagmig.asl.lift.making import Making, new_parts, settled
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

NEVER = Lost("the branch never ends")
Joined = tuple[tuple[str, ...], TriggerRule, Scene]  # upstream tasks, their rule, the data


@dataclass(slots=True)
class Visit:
    """One state when the token comes to it: where from, with what, and the scope it is in."""

    weaver: Weaver
    passage: Passage
    state: State
    arrivals: list[Arrival]
    walk: Callable[[Weaver, Scope, Arrival], Passage]  # converts a scope inside this state
    later: list[Callable[[], None]] = field(default_factory=list)
    entered: Scene | None = None  # what the state saw
    picker: str = ""  # the task before the state that picks the data of the path that was taken
    joined: Joined | None = None

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.state.fields

    @property
    def needs_task(self) -> bool:
        """Whether even a state without work has to be a task, for the shape of the graph."""
        return len(self.arrivals) > 1 or self.arrivals[0].is_chosen

    def leave(self, arrival: Arrival) -> None:
        """Send the token on: to the next state, or out of the scope."""
        arrival = self.kept(arrival)
        if self.state.is_terminal:
            self.passage.ends.append(arrival)
            return
        following = targets(self.state)
        if not following:
            self.stop(arrival)
        for target in following:
            self.send(target, arrival)

    def kept(self, arrival: Arrival) -> Arrival:
        """The arrival after a task that makes what this state makes of its result, once for all."""
        is_read = not self.state.is_terminal or self.passage.scope.pointer
        parts = new_parts(arrival.scene, self.entered or Scene(), only_chance=False)
        if not is_read or not arrival.tasks:
            return arrival
        if not parts:
            return self.gathered(arrival)
        task = self.weaver.names.give(f"{self.state.name}_output")
        scene = self.make(
            task, arrival.scene, parts, arrival.tasks, TriggerRule.ALL_SUCCESS, "The data after"
        )
        return Arrival((task,), scene)

    def gathered(self, arrival: Arrival) -> Arrival:
        """The arrival after a task that puts the data together, where that has so many parts that each later
        task would have to do it.
        """
        document = arrival.scene.document
        if not is_large(document) or any(losses(document)):
            return arrival
        task = self.weaver.names.give(f"{self.state.name}_output")
        said = f"The data after {self.state.name}."
        body = code.function(code.identifier("make", task), said, [f"return {python(document)}"])
        self.weaver.add(task, code.call("@task", body), arrival.tasks, self.state)
        whole = Ref(task, index=INSTANCE if self.weaver.names.group else "")
        return Arrival((task,), arrival.scene.seeing(whole))

    def make(
        self,
        task: str,
        scene: Scene,
        parts: list[Made],
        upstream: Sequence[str],
        trigger: TriggerRule,
        said: str,
    ) -> Scene:
        """Add a task that makes parts of the data; the scene with references to it."""
        making = Making(task, INSTANCE if self.weaver.names.group else "")
        after = settled(scene, making, parts)
        call = code.call("@task", making.function(self.state, said))
        self.weaver.add(task, call, upstream, self.state, trigger=trigger)
        return after

    def stop(self, arrival: Arrival) -> str:
        """A state that neither ends nor goes on: a task that fails follows it, whose id is returned."""
        message = f"the state {self.state.name} has neither Next nor End"
        task_id = self.weaver.names.give(f"{self.state.name}_next")
        self.weaver.placeholder(self.state, task_id, arrival.tasks, message, TriggerRule.ALL_SUCCESS)
        self.weaver.row(self.state, Disposition.IMPOSSIBLE, message, task=task_id, construct="transition")
        self.passage.failures.append(task_id)
        return task_id

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
        self.passage.entries[self.state.name] = (self.picker,) if self.picker else task_ids

    def join(self) -> Joined:
        """The upstream tasks, the trigger rule and the data of the state; the same each time."""
        if self.joined is None:
            tasks, trigger, scene = self._join()
            self.entered = replace(scene, state=self.state.name)
            self.joined = tasks, trigger, self.entered
        return self.joined

    def _join(self) -> Joined:
        if not reads_input(self.state, self.passage.scope):
            return self.weaver.join(self.arrivals, self.state)
        self._tell_apart()
        joined = self.weaver.join(self.arrivals, self.state)
        picker, after = self.pick(self.arrivals, joined, "input", self.state)
        self.picker = picker or ""
        return ((picker,), TriggerRule.ALL_SUCCESS, after) if picker else joined

    def _tell_apart(self) -> None:
        """Put a task between the state and each branch task that leads to it, where only these tell which way
        was taken.
        """
        ways = self._ways(self.arrivals, [str(one.tasks) for one in self.arrivals], self.state)
        data = [(one.document, one.variables) for one in ways if one.is_chosen]
        apart = [replace(one, is_chosen=False) for one in ways]
        if all(one == data[0] for one in data) or not picked(apart):
            return
        for number, one in enumerate(self.arrivals):
            if one.is_chosen:
                (branch,) = one.tasks
                between = self.weaver.names.give(f"{branch}_to_{self.state.name}")
                self.weaver.add(between, Call(EMPTY_OPERATOR), one.tasks, self.state)
                self.passage.between[branch, self.state.name] = between
                self.arrivals[number] = replace(one, tasks=(between,), is_chosen=False)

    def _ways(self, arrivals: Sequence[Arrival], tasks: Sequence[str], reader: State | None) -> list[Way]:
        """The data of each path, and the variables that ``reader`` or a state after it looks at."""
        names = {name for one in arrivals for name in one.scene.variables}
        read = variables_read(reader, self.passage.scope, names) if reader is not None else set()
        return [
            Way(
                task,
                one.scene.document,
                {name: doc for name, doc in one.scene.variables.items() if name in read},
                one.is_chosen,
            )
            for task, one in zip(tasks, arrivals, strict=True)
        ]

    def pick(
        self, arrivals: Sequence[Arrival], joined: Joined, suffix: str, reader: State | None
    ) -> tuple[str | None, Scene]:
        """A task that picks the data of the path that was taken, where they differ; what comes after it.

        ``reader`` is the first state that may read variables; None where none can.
        """
        tasks, trigger, scene = joined
        if not 1 < len(arrivals) == len(tasks):
            return None, scene
        ways = self._ways(arrivals, tasks, reader)
        for reason in spoilt(ways):
            self.weaver.miss(reason)
        if not (places := picked(ways)):
            return None, scene
        names = self.weaver.names
        picker = names.give(f"{self.state.name}_{suffix}")
        body = joining.function(self.state, picker, ways, places)
        self.weaver.add(picker, code.call("@task", body), tasks, self.state, trigger=trigger)
        taken = Taken(picker, places, INSTANCE if names.group else "")
        variables = {name: taken.put(doc, (f"${name}",)) for name, doc in scene.variables.items()}
        return picker, replace(scene, document=taken.put(scene.document, ("input",)), variables=variables)


def placeholder(
    visit: Visit, task_id: str, upstream: tuple[str, ...], trigger: TriggerRule, scene: Scene, message: str
) -> None:
    """A task that fails in the state's place, and the path after it."""
    visit.weaver.placeholder(visit.state, task_id, upstream, message, trigger)
    visit.weaver.row(visit.state, Disposition.REDESIGN, message, task=task_id)
    after = outcome(visit.state, scene, Lost(f"{visit.state.name} is not converted"))
    visit.leave(Arrival((task_id,), after))


def not_converted(visit: Visit, reason: str = "", joined: Joined | None = None) -> None:
    """The whole state, with those inside of it, as one task that fails."""
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = joined or visit.join()
    visit.enter(task_id)
    what = f"the {state.type} state {state.name}" if state.type else f"the state {state.name}"
    message = f"{what} is not converted" + (f": {reason}" if reason else "")
    placeholder(visit, task_id, upstream, trigger, scene, message)
    for inner in (each for scope in state.scopes() for each in scope.all_states()):
        message = f"it is inside {state.name}, which is not converted"
        weaver.row(inner, Disposition.REDESIGN, message, task=task_id)


def end(visit: Visit, inner: Passage) -> Arrival:
    """The tasks that have to succeed for a scope inside the state to have ended, and what it ends with."""
    if not inner.ends and not inner.failures:
        return Arrival((), Scene(NEVER))
    ends = inner.ends or [Arrival((task,), Scene(NEVER)) for task in inner.failures]
    if len(ends) == 1:
        return ends[0]
    weaver, state = visit.weaver, visit.state
    upstream, trigger, scene = joined = weaver.join(ends, state)
    task, after = None, scene
    if state.fields.get("ResultPath", "$"):
        task, after = visit.pick(ends, joined, "end", None)
    if task is None:
        task = weaver.names.give(f"{state.name}_end")
        weaver.add(task, Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
    return Arrival((task,), after)
