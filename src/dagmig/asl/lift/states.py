"""Each type of state as tasks. One function a type; a table chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from dagmig.asl.lift import calls, choice, code, expression, jsonata, jsonpath, policy
from dagmig.asl.lift.document import Doc, Known, Lost, Scene, known, plain
from dagmig.asl.lift.expression import Inexpressible, python, quote
from dagmig.asl.lift.walk import (
    EMPTY_OPERATOR,
    Arrival,
    Passage,
    Weaver,
    arguments,
    chosen,
    outcome,
    parallel_result,
    pass_result,
    passage,
    targets,
)
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call, TriggerRule
from dagmig.graph.values import Literal

WAIT_SENSOR = "airflow.providers.standard.sensors.time_delta.WaitSensor"
TIME_SENSOR = "airflow.providers.standard.sensors.date_time.DateTimeSensorAsync"
FOLDED = "needs no task: its data goes straight to where it is used"
MAX_WAIT = 99_999_999


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


def walk(weaver: Weaver, scope: Scope, start: Arrival) -> Passage:
    """Turn one scope into tasks; its ``ends`` are where the token leaves it."""
    found = passage(scope)
    if not found.order:
        _nowhere(weaver, found, start)
    later: list[Callable[[], None]] = []
    found.arrivals[scope.start_at] = [start]
    for name in found.order:
        state = scope.states[name]
        visit = Visit(weaver, found, state, found.arrivals.pop(name), later)
        _CONVERT.get(state.type, _unknown)(visit)
    for finish in later:
        finish()
    for name in scope.states:
        if name not in found.order:
            message = "the token comes here only after an error, or never: it is not converted"
            weaver.row(scope.states[name], Disposition.REDESIGN, message)
    return found


def _nowhere(weaver: Weaver, found: Passage, start: Arrival) -> None:
    """A scope without a state to start at: a task that fails."""
    scope = found.scope
    state = State("machine" if not scope.pointer else "branch", {}, scope.pointer, "")
    message = f"there is no state to start at: StartAt is {scope.start_at!r}"
    task_id = weaver.names.give("start")
    weaver.placeholder(state, task_id, start.tasks, message, TriggerRule.ALL_SUCCESS)
    weaver.row(state, Disposition.IMPOSSIBLE, message, task=task_id, construct="StartAt")
    found.entries[scope.start_at] = (task_id,)
    found.failures.append(task_id)


def _task(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    visit.enter(task_id)
    resource = state.fields.get("Resource")
    span = weaver.machine.locate(state.pointer, True)
    try:
        if "Credentials" in state.fields:
            raise Inexpressible("`Credentials`: the role belongs into an Airflow connection")
        if not isinstance(resource, str):
            raise Inexpressible("the state has no `Resource`")
        done = calls.work(resource, arguments(state, scene), task_id, span, weaver.report)
    except Inexpressible as reason:
        what = resource if isinstance(resource, str) else "the Task"
        _placeholder(visit, task_id, upstream, trigger, scene, f"{what} is not converted: {reason}")
        return
    task_policy, findings = policy.policy(state.fields)
    weaver.add(task_id, done.call, upstream, state, trigger=trigger, policy=task_policy)
    weaver.row(state, Disposition.EXACT, task=task_id)
    for construct, disposition, difference in [*done.findings, *findings]:
        weaver.row(state, disposition, difference, task=task_id, construct=construct)
    _catch(visit, task_id)
    visit.leave(Arrival((task_id,), outcome(state, scene, done.result)))


def _placeholder(
    visit: Visit, task_id: str, upstream: tuple[str, ...], trigger: TriggerRule, scene: Scene, message: str
) -> None:
    """A task that fails in the state's place, and the path after it."""
    visit.weaver.placeholder(visit.state, task_id, upstream, message, trigger)
    visit.weaver.row(visit.state, Disposition.REDESIGN, message, task=task_id)
    after = outcome(visit.state, scene, Lost(f"{visit.state.name} is not converted"))
    visit.leave(Arrival((task_id,), after))


def _catch(visit: Visit, task_id: str) -> None:
    catchers = visit.fields.get("Catch")
    if not isinstance(catchers, list) or not catchers:
        return
    names = [c["Next"] for c in catchers if isinstance(c, dict) and isinstance(c.get("Next"), str)]
    message = (
        f"the Catch of {visit.state.name} is not converted: after an error it goes to {', '.join(names)}"
    )
    failed = visit.weaver.names.give(f"{task_id}_catch")
    visit.weaver.placeholder(visit.state, failed, (task_id,), message, TriggerRule.ONE_FAILED)
    visit.weaver.row(visit.state, Disposition.REDESIGN, message, task=failed, construct="Catch")


def _pass(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    if not visit.needs_task:
        arrival = visit.arrivals[0]
        if arrival.tasks or not state.is_terminal:
            scene = _passed(state, arrival.scene)
            weaver.row(state, Disposition.NOTED, FOLDED)
            visit.enter()
            visit.leave(Arrival(arrival.tasks, scene))
            return
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    task_id = weaver.name(state)
    weaver.add(task_id, Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
    weaver.row(state, Disposition.EXACT, task=task_id)
    visit.enter(task_id)
    visit.leave(Arrival((task_id,), _passed(state, scene)))


def _passed(state: State, scene: Scene) -> Scene:
    if state.type == "Succeed":
        return outcome(state, scene, scene.document, has_result=False)
    if state.query_language == "JSONata":
        return outcome(state, scene, scene.document, has_result=False)
    return outcome(state, scene, pass_result(state, scene))


def _fail(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    visit.enter(task_id)
    visit.passage.failures.append(task_id)
    try:
        message = _failure(state, scene)
    except Inexpressible as reason:
        weaver.row(state, Disposition.NOTED, f"fails without the machine's message: {reason}", task=task_id)
        message = quote(state.name)
    else:
        weaver.row(state, Disposition.EXACT, task=task_id)
    doc = state.fields.get("Comment")
    lines = [f"raise AirflowFailException({message})"]
    body = code.function(code.identifier("fail", task_id), doc if isinstance(doc, str) else state.name, lines)
    weaver.add(task_id, code.call("@task", body), upstream, state, trigger=trigger)


def _failure(state: State, scene: Scene) -> str:
    """The Python expression of ``Error: Cause``."""
    parts: list[Doc] = []
    for name in ("Error", "Cause"):
        if name in state.fields:
            value = state.fields[name]
            is_jsonata = state.query_language == "JSONata"
            parts.append(jsonata.template(value, scene) if is_jsonata else Known(value))
        elif isinstance(path := state.fields.get(f"{name}Path"), str):
            parts.append(jsonpath.resolve(path, scene))
    between: list[Doc] = [parts[0], Known(": "), parts[1]] if len(parts) == 2 else parts
    return python(jsonpath.text_of(between or [Known(state.name)]))


def _wait(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    visit.enter(task_id)
    try:
        call, difference = _waiting(state, scene, task_id)
    except Inexpressible as reason:
        _placeholder(visit, task_id, upstream, trigger, scene, f"the Wait is not converted: {reason}")
        return
    weaver.add(task_id, call, upstream, state, trigger=trigger)
    weaver.row(state, Disposition.NOTED if difference else Disposition.EXACT, difference, task=task_id)
    visit.leave(Arrival((task_id,), outcome(state, scene, scene.document, has_result=False)))


def _waiting(state: State, scene: Scene, task_id: str) -> tuple[Call, str]:
    """The call that waits, and a difference to note. Raises ``Inexpressible``."""
    kind, doc = _waited(state, scene)
    if kind == "Timestamp":
        if known(doc) and not isinstance(plain(doc), str):
            raise Inexpressible("the timestamp is no text")
        return Call(TIME_SENSOR, {"target_time": expression.value(doc)}), ""
    if not known(doc):
        body = [f"time.sleep({python(doc)})"]
        function = code.function(code.identifier("wait", task_id), state.name, body)
        return code.call("@task", function), "the waiting task keeps its worker slot"
    seconds = plain(doc)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= MAX_WAIT:
        raise Inexpressible("the number of seconds is not valid")
    waits = {"time_to_wait": Literal(timedelta(seconds=seconds)), "deferrable": Literal(True)}
    return Call(WAIT_SENSOR, waits), ""


def _waited(state: State, scene: Scene) -> tuple[str, Doc]:
    for kind in ("Seconds", "Timestamp"):
        if kind in state.fields:
            value = state.fields[kind]
            return kind, jsonata.template(value, scene) if state.query_language == "JSONata" else Known(value)
        if isinstance(path := state.fields.get(f"{kind}Path"), str):
            inner = Scene(jsonpath.shape_input(state.fields, scene), scene.variables)
            return kind, jsonpath.resolve(path, inner)
    raise Inexpressible("it says neither how long nor until when")


def _choice(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    visit.enter(task_id)
    is_jsonata = state.query_language == "JSONata"
    inner = scene if is_jsonata else Scene(jsonpath.shape_input(state.fields, scene), scene.variables)
    rules = _rules(visit, task_id, inner)
    weaver.add(task_id, Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
    failed: dict[str, tuple[str, ...]] = {}
    if not targets(state):
        visit.passage.failures.append(task_id)
    for target in targets(state):
        ways = [fields for _, fields, towards in rules if towards == target]
        after = [_after_rule(state, fields, scene) for fields in ways] or [scene]
        scenes = [Arrival((task_id,), each) for each in after]
        joined = scenes[0] if len(scenes) == 1 else replace(scenes[0], scene=weaver.join(scenes, state)[2])
        failed[target] = visit.send(target, chosen(joined))

    def finish() -> None:
        body = [line for text, _, target in rules for line in _branch(visit, text, target, failed)]
        if not rules or rules[-1][0]:
            body += code.fail("States.NoChoiceMatched: no rule of the Choice is true")
        function = code.function(code.identifier("choose", task_id), state.name, body)
        old = weaver.tasks[task_id]
        given = {name: value for name, value in old.call.arguments.items() if name == "trigger_rule"}
        weaver.tasks[task_id] = replace(old, call=code.call("@task.branch", function, **given))

    visit.later.append(finish)


Rule = tuple[str, Mapping[str, Any], str]  # a Python condition (empty: always), the rule's fields, its target


def _rules(visit: Visit, task_id: str, scene: Scene) -> list[Rule]:
    """The rules in order, the Default last; a rule that cannot be written ends the list with a failure."""
    state = visit.state
    found: list[Rule] = []
    choices = state.fields.get("Choices")
    open_rules = 0
    if not isinstance(choices, list) or not choices:
        visit.weaver.row(state, Disposition.IMPOSSIBLE, "the Choice has no rules", task=task_id)
        open_rules, choices = 1, []
    for number, rule in enumerate(choices, 1):
        if not isinstance(rule, dict) or not isinstance(rule.get("Next"), str):
            message = f"rule {number} of the Choice goes nowhere"
            visit.weaver.row(state, Disposition.IMPOSSIBLE, message, task=task_id, construct="choice-rule")
            open_rules += 1
            continue
        try:
            texts = choice.conditions(rule, scene, state.query_language)
        except Inexpressible as reason:
            message = f"rule {number} of the Choice is not converted: {reason}"
            visit.weaver.row(state, Disposition.DECISION, message, task=task_id, construct="choice-rule")
            texts = [f"!{message}"]
            open_rules += 1
        found += [(text, rule, rule["Next"]) for text in texts]
    if isinstance(default := state.fields.get("Default"), str):
        found.append(("", state.fields, default))
    if not open_rules:
        visit.weaver.row(state, Disposition.EXACT, task=task_id)
    return found


def _after_rule(state: State, fields: Mapping[str, Any], scene: Scene) -> Scene:
    """What the target of a rule sees: a rule's own Output and Assign go before the state's."""
    own = {key: fields[key] for key in ("Output", "Assign") if key in fields}
    shared = {key: value for key, value in state.fields.items() if key not in ("Output", "Assign")}
    if "Output" in state.fields and "Output" not in own:
        own["Output"] = state.fields["Output"]
    return outcome(replace(state, fields={**shared, **own}), scene, scene.document, has_result=False)


def _branch(visit: Visit, text: str, target: str, failed: Mapping[str, tuple[str, ...]]) -> list[str]:
    if text.startswith("!"):
        return code.fail(text[1:])
    ids = failed.get(target) or visit.passage.entries.get(target, ())
    goes = f"return {quote(ids[0])}" if len(ids) == 1 else f"return [{', '.join(map(quote, ids))}]"
    return [f"if {text}:", f"    {goes}"] if text else [goes]


def _parallel(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    scopes = list(state.scopes()) if isinstance(state.fields.get("Branches"), list) else []
    if not scopes or "Catch" in state.fields or "Retry" in state.fields:
        _unsupported_parallel(visit, bool(scopes))
        if not scopes:
            return
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    start = Arrival(upstream, Scene(arguments(state, scene), scene.variables), visit.arrivals[0].is_chosen)
    gate: tuple[str, ...] = ()
    if len(visit.arrivals) > 1:
        gate = (weaver.name(state),)
        weaver.add(gate[0], Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
        start = Arrival(gate, start.scene)
    passages = [walk(weaver, scope, start) for scope in scopes]
    firsts = [task for p in passages for task in p.entries.get(p.scope.start_at, ())]
    visit.enter(*(gate or tuple(dict.fromkeys(firsts))))
    ends = [_end(visit, passage_) for passage_ in passages]
    weaver.parallels.append(state)
    result = parallel_result([p.ends for p in passages])
    tasks = tuple(dict.fromkeys(task for end in ends for task in end))
    visit.leave(Arrival(tasks, outcome(state, scene, result)))


def _end(visit: Visit, branch: Passage) -> tuple[str, ...]:
    """The tasks that have to succeed for a branch to have ended."""
    if not branch.ends and not branch.failures:
        return ()
    ends = branch.ends or [Arrival((task,), Scene()) for task in branch.failures]
    if len(ends) == 1:
        return ends[0].tasks
    joined = visit.weaver.names.give(f"{visit.state.name}_end")
    upstream, trigger, _ = visit.weaver.join(ends, visit.state)
    visit.weaver.add(joined, Call(EMPTY_OPERATOR), upstream, visit.state, trigger=trigger)
    return (joined,)


def _unsupported_parallel(visit: Visit, has_branches: bool) -> None:
    if not has_branches:
        _unknown(visit)
        return
    for name in ("Catch", "Retry"):
        if name in visit.fields:
            message = f"the {name} of a Parallel is not converted: Airflow has none for a group of tasks"
            visit.weaver.row(visit.state, Disposition.REDESIGN, message, construct=name)


def _unknown(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = weaver.join(visit.arrivals, state)
    visit.enter(task_id)
    what = f"the {state.type} state {state.name}" if state.type else f"the state {state.name}"
    _placeholder(visit, task_id, upstream, trigger, scene, f"{what} is not converted")
    for inner in (each for scope in state.scopes() for each in scope.all_states()):
        message = f"it is inside {state.name}, which is not converted"
        weaver.row(inner, Disposition.REDESIGN, message, task=task_id)


_CONVERT: Mapping[str, Callable[[Visit], None]] = {
    "Task": _task,
    "Pass": _pass,
    "Succeed": _pass,
    "Fail": _fail,
    "Wait": _wait,
    "Choice": _choice,
    "Parallel": _parallel,
}
