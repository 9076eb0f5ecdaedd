"""The states of a machine as tasks: one token moving along ``Next`` becomes edges and trigger rules.

A place that several paths lead to runs when one of them arrives (``none_failed_min_one_success``); a state
without work of its own (Pass, Succeed) becomes a task only where the shape needs one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dagmig.asl.lift import code, jsonata, jsonpath
from dagmig.asl.lift.document import UNSET, Doc, Known, Scene, bounded, merge, unblamed
from dagmig.asl.lift.names import Names
from dagmig.asl.lift.policy import arguments as arguments_of
from dagmig.asl.model import Machine, Scope, State
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Call, Edge, Group, Policy, Task, TriggerRule
from dagmig.graph.values import Literal

EMPTY_OPERATOR = "airflow.providers.standard.operators.empty.EmptyOperator"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The token comes when all of ``tasks`` have succeeded; ``is_chosen`` where a branch task decides."""

    tasks: tuple[str, ...]
    scene: Scene
    is_chosen: bool = False


@dataclass(slots=True)
class Passage:
    """One scope on its way: who arrives where, the first tasks of each state, how it ends."""

    scope: Scope
    order: list[str]
    loops: set[tuple[str, str]]
    tolerated: set[str] = field(default_factory=set)  # states after errors that the operator takes for done
    arrivals: dict[str, list[Arrival]] = field(default_factory=dict)
    entries: dict[str, tuple[str, ...]] = field(default_factory=dict)
    between: dict[tuple[str, str], str] = field(default_factory=dict)  # tasks from a branch task to a state
    ends: list[Arrival] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _sources: dict[str, set[str]] = field(default_factory=dict)

    def sources(self, target: str) -> set[str]:
        """The names of the states with an arrow to a state."""
        if not self._sources:
            for state in self.scope.states.values():
                for arrow in state.transitions():
                    self._sources.setdefault(arrow.target, set()).add(state.name)
        return self._sources.get(target, set())


@dataclass(frozen=True, slots=True)
class Together:
    """A Parallel or Map whose parts end together when one fails: ``members`` are the tasks inside of it,
    ``task`` stands for it in the ledger; ``is_limited`` where parts may wait for others before they begin.
    ``tolerated`` are the expressions of how many, and of what percentage of the parts may fail.
    """

    state: State
    members: frozenset[str]
    task: str = ""
    is_mapped: bool = False
    is_limited: bool = False
    tolerated: tuple[str, str] | None = None


@dataclass(slots=True)
class Weaver:
    """The workflow being made: its tasks in order, its edges, the ledger. ``works`` are the tasks that do
    what a Task or Wait does, with the state's pointer; ``caught`` the pointers of states with a Catch.
    ``wanted`` are those of states of which more is wanted than an operator returns, ``missed`` those of which
    more would have been. ``hosts`` are those of APIs on the web, by task. ``keeps_loops``: those that would
    be one task stay in Step Functions.
    """

    machine: Machine
    report: Report
    names: Names = field(default_factory=Names)
    tasks: dict[str, Task] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    groups: dict[str, Group] = field(default_factory=dict)
    together: list[Together] = field(default_factory=list)
    works: dict[str, str] = field(default_factory=dict)
    caught: set[str] = field(default_factory=set)
    wanted: frozenset[str] = frozenset()
    missed: set[str] = field(default_factory=set)
    hosts: dict[str, str] = field(default_factory=dict)
    keeps_loops: bool = False

    def saved(self) -> Callable[[], None]:
        """What takes back all tasks, edges and rows that are added from now on."""
        tasks, edges, rows = set(self.tasks), set(self.edges), len(self.report.rows)

        def undo() -> None:
            for name in self.tasks.keys() - tasks:
                del self.tasks[name]
            self.edges &= edges
            del self.report.rows[rows:]

        return undo

    def miss(self, reason: str) -> str:
        """A reason as a person reads it; the states to blame would have had to give more."""
        said, missed = unblamed(reason)
        self.missed.update(missed)
        return said

    def row(
        self,
        state: State,
        disposition: Disposition,
        difference: str = "",
        *,
        task: str = "",
        construct: str = "",
    ) -> None:
        target = f"task:{task}" if task else ""
        difference = self.miss(difference)
        span = self.machine.locate(state.pointer, True)
        self.report.row(
            construct or state.type or "state", span, target, disposition, difference, task=task or None
        )

    def add(
        self,
        task_id: str,
        call: Call,
        upstream: Sequence[str],
        state: State,
        *,
        trigger: TriggerRule = TriggerRule.ALL_SUCCESS,
        policy: Policy | None = None,
    ) -> None:
        """Put a task into the workflow, after ``upstream``."""
        span = self.machine.locate(state.pointer, True)
        said = arguments_of(policy or Policy())
        if trigger is not TriggerRule.ALL_SUCCESS:
            said["trigger_rule"] = Literal(str(trigger))
        call = Call(call.operator, {**call.arguments, **said})
        defaults = {"retries": Literal(0)}
        self.tasks[task_id] = Task(
            task_id,
            call,
            policy or Policy(),
            trigger,
            group=self.names.group or None,
            defaults=defaults,
            span=span,
        )
        self.edges |= {Edge(before, task_id) for before in upstream}

    def name(self, state: State) -> str:
        """The task id of a state, with a row where it had to be changed."""
        given = self.names.give(state.name, state.name)
        if state.name not in (given, local := self.names.local(given)):
            message = f"a task id cannot be `{state.name}`, or it is taken: the task is `{local}`"
            self.row(state, Disposition.NOTED, message, task=given, construct="state-name")
        return given

    def is_in_sight(self, task_id: str) -> bool:
        """Whether the DAG file has made a task before those of the group that is filled now."""
        return self.tasks[task_id].group in (None, self.names.group or None)

    def join(self, arrivals: Sequence[Arrival], state: State) -> tuple[tuple[str, ...], TriggerRule, Scene]:
        """The upstream tasks, the trigger rule and the data of a state that these arrivals lead to."""
        if len(arrivals) == 1:
            return arrivals[0].tasks, TriggerRule.ALL_SUCCESS, arrivals[0].scene
        singles = tuple(dict.fromkeys(self.gather(arrival, state) for arrival in arrivals))
        variables = [arrival.scene.variables for arrival in arrivals]
        names = dict.fromkeys(name for each in variables for name in each)
        scene = Scene(
            merge([arrival.scene.document for arrival in arrivals]),
            {name: merge([each.get(name, UNSET) for each in variables]) for name in names},
            arrivals[0].scene.item,
            lists=arrivals[0].scene.lists,
            given=arrivals[0].scene.given,
        )
        return singles, TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, scene

    def gather(self, arrival: Arrival, state: State) -> str:
        """One task that stands for all tasks of an arrival."""
        if len(arrival.tasks) == 1:
            return arrival.tasks[0]
        joined = self.names.give(f"{state.name}_join")
        self.add(joined, Call(EMPTY_OPERATOR), arrival.tasks, state)
        return joined

    def placeholder(
        self, state: State, task_id: str, upstream: Sequence[str], message: str, trigger: TriggerRule
    ) -> None:
        """A task that fails when it runs, where a person has to write what the machine does."""
        body = code.function(
            code.identifier("todo", task_id), f"Stands for {state.name}.", code.fail(message)
        )
        self.add(task_id, code.call("@task", body), upstream, state, trigger=trigger)


def passage(scope: Scope) -> Passage:
    """A scope's reachable states in an order in which every state comes after those that lead to it.

    A transition back to a state on the way to itself is a loop and no part of the order.
    """
    order: list[str] = []
    loops: set[tuple[str, str]] = set()
    done: set[str] = set()
    if scope.start_at not in scope.states:
        return Passage(scope, order, loops)
    open_states = {scope.start_at}
    stack: list[tuple[str, Iterator[str]]] = [(scope.start_at, iter(_ways(scope.states[scope.start_at])))]
    while stack:
        name, waiting = stack[-1]
        for target in waiting:
            if target in open_states:
                loops.add((name, target))
            elif target in scope.states and target not in done:
                open_states.add(target)
                stack.append((target, iter(_ways(scope.states[target]))))
                break
        else:
            stack.pop()
            open_states.discard(name)
            done.add(name)
            order.append(name)
    return Passage(scope, order[::-1], loops)


def _ways(state: State) -> list[str]:
    """Where the token may go from a state; handlers first, so that they come last in the order."""
    handlers = [arrow.target for arrow in state.transitions() if arrow.kind == "Catch"]
    return [*reversed(handlers), *targets(state)]


def targets(state: State) -> list[str]:
    """Where the token may go from a state when nothing fails, each once; as written."""
    found = [arrow.target for arrow in state.transitions() if arrow.kind in _arrows(state)]
    return list(dict.fromkeys(reversed(found)))


def _arrows(state: State) -> tuple[str, ...]:
    if state.type == "Choice":
        return ("Choices", "Default")
    return () if state.is_terminal else ("Next",)


def outcome(state: State, scene: Scene, result: Doc, *, has_result: bool = True) -> Scene:
    """What the next state sees after a state that yielded ``result``."""
    found = _jsonata_outcome if state.query_language == "JSONata" else _jsonpath_outcome
    after = found(state, scene, result, has_result)
    variables = {name: bounded(held) for name, held in after.variables.items()}
    return replace(after, document=bounded(after.document), variables=variables)


def _jsonata_outcome(state: State, scene: Scene, result: Doc, has_result: bool) -> Scene:
    known_result = result if has_result else None
    document = result if has_result else scene.document
    if "Output" in state.fields:
        document = jsonata.template(state.fields["Output"], scene, known_result)
    return replace(scene, document=document, variables=jsonata.assigned(state.fields, scene, known_result))


def _jsonpath_outcome(state: State, scene: Scene, result: Doc, has_result: bool) -> Scene:
    variables = dict(scene.variables)
    if isinstance(assign := state.fields.get("Assign"), dict):
        new = jsonpath.template(assign, scene.seeing(result if has_result else scene.document))
        variables.update(getattr(new, "fields", {}))
    document = jsonpath.shape_output(state.fields, scene, result, has_result=has_result)
    return replace(scene, document=document, variables=variables)


def arguments(state: State, scene: Scene) -> Doc:
    """What a Task, Parallel or Pass works on."""
    if state.query_language != "JSONata":
        return bounded(jsonpath.shape_input(state.fields, scene, "Parameters"))
    if "Arguments" not in state.fields:
        return scene.document
    return bounded(jsonata.template(state.fields["Arguments"], scene))


def pass_result(state: State, scene: Scene) -> Doc:
    """The result of a Pass: its ``Result``, else its input as ``Parameters`` shape it."""
    if state.query_language != "JSONata" and "Result" in state.fields:
        return Known(state.fields["Result"])
    return arguments(state, scene)
