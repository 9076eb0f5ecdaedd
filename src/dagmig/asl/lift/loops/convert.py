"""A region as tasks: a sensor where it only waits for something, else one task that runs all its states."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from dagmig.asl.flow import reached
from dagmig.asl.lift import calls, catch, code, driver, expression, kept, leaves, policy
from dagmig.asl.lift.branch import fork, goes, guard
from dagmig.asl.lift.document import INSTANCE, Doc, Lost, Ref, Scene, replaced
from dagmig.asl.lift.expression import Inexpressible, quote
from dagmig.asl.lift.joining import reads_input
from dagmig.asl.lift.loops import inner, operators
from dagmig.asl.lift.loops import kept as kept_loop
from dagmig.asl.lift.loops.idiom import Idiom, recognised
from dagmig.asl.lift.loops.program import Program
from dagmig.asl.lift.loops.region import END, Region, contracted, regions
from dagmig.asl.lift.loops.step import seconds
from dagmig.asl.lift.loops.watched import Watched, watched
from dagmig.asl.lift.visit import Joined, Visit
from dagmig.asl.lift.walk import EMPTY_OPERATOR, Arrival, Weaver, outcome
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call, TriggerRule
from dagmig.graph.values import Literal, Value

Loop = Region | Idiom | Watched
SLOT = "while it waits, the task keeps its worker slot"


def without_loops(weaver: Weaver, scope: Scope) -> tuple[Scope, dict[str, Loop]]:
    """The scope with one state in place of each loop, and what it stands for, by its name."""
    idioms: dict[str, Idiom | Watched] = {**recognised(scope)}
    scope = contracted(scope, {name: one.region for name, one in idioms.items()})
    if not scope.pointer or '"Catch"' not in json.dumps(weaver.machine.document):
        own = watched(scope, weaver.wanted)
        scope = contracted(scope, {name: one.region for name, one in own.items()})
        idioms |= own
    found = regions(scope)
    return contracted(scope, found), {**found, **idioms}


def convert(visit: Visit, region: Loop, scope: Scope) -> None:
    """Turn a region into tasks; ``scope`` is the one it is in, with all states."""
    joined = visit.join()
    if isinstance(region, Watched):
        operators.watching(visit, region, joined)
        return
    if isinstance(region, Idiom):
        try:
            operators.operator(visit, region, joined)
        except Inexpressible:
            region = region.region
        else:
            return
    try:
        if _sensor(visit, region, scope, joined):
            _say(visit, region, "asks again and again: it is a sensor")
        elif not _is_kept(visit, region, joined):
            _task(visit, region, scope, joined)
            _say(visit, region, "is one task, which does what its states do in turn, as a DAG has no cycles")
    except Inexpressible as reason:
        visit.weaver.miss(str(reason))
        try:
            _keep(visit, region, joined, str(reason))
        except Inexpressible:
            _not_converted(visit, region, joined, str(reason))


def _say(visit: Visit, region: Region, said: str) -> None:
    """A row for what has become of the loop as a whole."""
    names = ", ".join(name for name, state in region.states.items() if state.type != "Fail")
    state = region.states[region.entry]
    (task_id, *_) = visit.passage.entries.get(state.name, ("",))
    visit.weaver.row(state, Disposition.EXACT, f"the loop of {names} {said}", task=task_id, construct="loop")


def _is_kept(visit: Visit, region: Region, joined: Joined) -> bool:
    """Whether the region stays in Step Functions, as is wanted; a row says why it cannot."""
    weaver = visit.weaver
    if not weaver.keeps_loops:
        return False
    try:
        _keep(visit, region, joined, "as is wanted")
    except Inexpressible as reason:
        message = f"the loop cannot stay in Step Functions ({weaver.miss(str(reason))}): it is one task"
        weaver.row(region.states[region.entry], Disposition.NOTED, message, construct="loop")
        return False
    return True


def in_one_task(visit: Visit) -> bool:
    """Whether a Map or a Parallel became one task: where no group of Airflow's tasks does what it does.

    A group is not tried again as a whole, tells no error by its name, and is not mapped inside of another;
    of its items one may begin before another has ended. In a mapped group what joins its branches fails for
    all items when it does for one (``TriggerRuleDep``, before the join is expanded).
    """
    state = visit.state
    if not _is_better_alone(visit):
        return False
    try:
        _task(visit, Region(state.name, {state.name: state}), visit.passage.scope, visit.join())
    except Inexpressible as reason:
        visit.weaver.miss(str(reason))
        return False
    return True


def _is_better_alone(visit: Visit) -> bool:
    state = visit.state
    if driver.retriers(state)[0] or any(
        catch.OF_GROUPS.isdisjoint(catch.error_names(one)) for one in catch.usable(state)
    ):
        return True
    if state.type != "Map":
        return bool(visit.weaver.names.group and catch.usable(state))
    limit = state.fields.get("MaxConcurrency", 0)
    works = [one for scope in state.scopes() for one in scope.states.values() if one.type != "Pass"]
    is_late = "MaxConcurrencyPath" in state.fields or not isinstance(limit, int)
    return bool(visit.weaver.names.group) or is_late or (limit == 1 and len(works) > 1)


def _program(
    visit: Visit, region: Region, scope: Scope, scene: Scene, entry: str = "", again: str = ""
) -> Program:
    def is_live(target: str) -> tuple[bool, Callable[[str], bool]]:
        return _live(visit, scope, target)

    wanted = visit.weaver.wanted
    found = Program(region, entry or region.entry, scene, is_live, again, wanted=wanted)
    found.write()
    return found


def _live(visit: Visit, scope: Scope, target: str) -> tuple[bool, Callable[[str], bool]]:
    """Whether an exit's target looks at its input, and a test for the variables that are read later."""
    is_inner = bool(visit.passage.scope.pointer)
    if target == END or target not in scope.states:
        return is_inner and target == END, lambda _: False
    later = json.dumps([scope.states[name].fields for name in reached(scope, target)])
    return reads_input(scope.states[target], scope), lambda name: bool(
        re.search(rf"\${re.escape(name)}(?!\w)", later)
    )


# a sensor


def _sensor(visit: Visit, region: Region, scope: Scope, joined: Joined) -> bool | None:
    """Whether the region became a sensor: one that only asks between waits of one length, again and again."""
    waits = [state for state in region.states.values() if state.type == "Wait"]
    if len(waits) != 1 or waits[0].is_terminal:
        return None
    (wait,) = waits
    upstream, trigger, scene = joined
    first = wait.fields.get("Next")
    if not isinstance(first, str) or first not in region.states or region.entry not in (wait.name, first):
        return None
    try:
        pause = seconds(wait, scene)
        seen = outcome(wait, scene, scene.document, has_result=False) if region.entry == wait.name else scene
        program = _program(visit, region, scope, seen, entry=first, again=wait.name)
    except Inexpressible:
        return None
    if pause is None or program.carrier.places_of(first) or "return False" not in "\n".join(program.lines):
        return None
    weaver = visit.weaver
    before: tuple[str, ...] = ()
    if region.entry == wait.name:
        before = (weaver.name(wait),)
        call, _ = leaves.waiting(wait, scene, before[0], calls.unchanged)
        weaver.add(before[0], call, upstream, wait, trigger=trigger)
        upstream, trigger = before, TriggerRule.ALL_SUCCESS
    task_id = weaver.name(region.states[first])
    visit.enter(*(before or (task_id,)))
    timeout = operators.bound(visit)
    arguments: dict[str, Value] = {
        "poke_interval": Literal(pause),
        "timeout": Literal(timeout),
        "mode": Literal("reschedule"),
    }
    body = code.function(code.identifier("ask", task_id), _doc(region, first), program.lines)
    _add(visit, task_id, code.call("@task.sensor", body, **arguments), (upstream, trigger))
    weaver.row(wait, Disposition.EXACT, task=before[0] if before else task_id)
    _rows(visit, region, program, task_id, skipped=wait.name)
    _leave(visit, region, program, task_id)
    return True


# a task


def _task(visit: Visit, region: Region, scope: Scope, joined: Joined) -> None:
    upstream, trigger, scene = joined
    program = _program(visit, region, scope, scene)
    task_id = visit.weaver.name(region.states[region.entry])
    visit.enter(task_id)
    body = code.function(code.identifier("run", task_id), _doc(region, region.entry), program.lines)
    _add(visit, task_id, code.call("@task", body), (upstream, trigger))
    _rows(visit, region, program, task_id)
    _leave(visit, region, program, task_id)


def _add(visit: Visit, task_id: str, call: Call, way: tuple[tuple[str, ...], TriggerRule]) -> None:
    upstream, trigger = way
    visit.weaver.add(task_id, call, upstream, visit.state, trigger=trigger)
    visit.weaver.works[task_id] = visit.state.pointer


def _doc(region: Region, first: str) -> str:
    comment = region.states[first].fields.get("Comment")
    if isinstance(comment, str) and comment.strip():
        return comment
    names = [name for name, state in region.states.items() if state.type != "Fail"]
    if names == [first] and first not in {arrow.target for arrow in region.states[first].transitions()}:
        return f"{first}, as a whole."
    return f"{', '.join(names)}: again and again."


def _rows(visit: Visit, region: Region, program: Program, task_id: str, skipped: str = "") -> None:
    """A row for each state of the region: what it is in the task, and what differs."""
    weaver = visit.weaver
    for name, state in region.states.items():
        if name == skipped:
            continue
        if name not in program.states:
            weaver.row(state, Disposition.NOTED, "nothing leads to this state: it is left out")
            continue
        findings = _told(state)
        if state.type in ("Map", "Parallel"):
            findings += inner.findings(state)
            for one in (each for part in state.scopes() for each in part.all_states()):
                weaver.row(one, Disposition.EXACT, task=task_id)
                for construct, disposition, difference in _told(one):
                    weaver.row(one, disposition, difference, task=task_id, construct=construct)
        if state.type == "Wait":
            findings.append(("Wait", Disposition.NOTED, SLOT))
        elif state.type != "Pass":
            weaver.row(state, Disposition.EXACT, task=task_id)
        else:
            weaver.row(state, Disposition.NOTED, leaves.FOLDED)
        for construct, disposition, difference in findings:
            weaver.row(state, disposition, difference, task=task_id, construct=construct)


def _told(state: State) -> list[policy.Finding]:
    """The rows of what a state's work does otherwise in a function."""
    found = driver.retriers(state)[1]
    return [*found, *driver.limits(state)] if state.type == "Task" else found


def _leave(visit: Visit, region: Region, program: Program, task_id: str) -> None:
    """Send the token on from the region's task: to its one exit, or by a branch to that which it returned."""
    exits = program.exits
    if not exits:
        visit.passage.failures.append(task_id)
        return
    is_single = len(region.exits) == 1
    after = {target: _outside(visit, program, target, task_id, is_single) for target in exits}
    if is_single:
        _onward(visit, exits[0], Arrival((task_id,), after[exits[0]]))
        return
    _route(visit, task_id, after)


def _route(visit: Visit, task_id: str, after: Mapping[str, Scene]) -> None:
    """Send the token to that exit which a task returned as ``next``, each with what it sees."""
    weaver = visit.weaver
    exits = list(after)
    route = weaver.names.give(f"{visit.state.name}_next")
    weaver.add(route, Call(EMPTY_OPERATOR), (task_id,), visit.state)
    fixed = {target: _forked(visit, route, target, after[target]) for target in exits}

    def finish() -> None:
        index = f", map_indexes={INSTANCE}" if weaver.tasks[route].group else ""
        body = [f'state = ti.xcom_pull(task_ids={quote(task_id)}{index})["next"]'] if len(exits) > 1 else []
        *guarded, last = exits
        for target in guarded:
            body += [f"if state == {quote(target)}:", f"    {goes(visit, route, target, fixed[target])}"]
        body.append(goes(visit, route, last, fixed[last]))
        function = code.function(code.identifier("route", route), f"After {visit.state.name}.", body)
        old = weaver.tasks[route]
        decorator = "@task" if old.group else "@task.branch"
        weaver.tasks[route] = replace(old, call=code.call(decorator, function))

    visit.later.append(finish)


def _onward(visit: Visit, target: str, arrival: Arrival) -> None:
    if target == END:
        visit.passage.ends.append(arrival)
    else:
        visit.send(target, arrival)


def _forked(visit: Visit, route: str, target: str, scene: Scene) -> tuple[str, ...] | None:
    """The tasks that the branch chooses for a target; None for an end without one."""
    weaver = visit.weaver
    if target != END:
        return fork(visit, route, target, scene)
    if not visit.passage.scope.pointer:
        visit.passage.ends.append(Arrival((route,), scene))
        return None
    if weaver.names.group:
        done = guard(visit, route, "end")
    else:
        done = weaver.names.give(f"{visit.state.name}_end")
        weaver.add(done, Call(EMPTY_OPERATOR), (route,), visit.state)
    visit.passage.ends.append(Arrival((done,), scene))
    return (done,)


def _outside(visit: Visit, program: Program, target: str, task_id: str, is_single: bool) -> Scene:
    """What an exit's target sees, with what the task returned in place of the local variables."""
    names = program.names(target)
    is_plain = is_single and len(names) < 2
    index = INSTANCE if visit.weaver.names.group else ""

    def new(ref: Ref) -> Doc:
        if ref.context not in names:
            return ref
        path = ref.path if is_plain else (ref.context, *ref.path)
        return replace(ref, context="", task=task_id, path=path, index=index)

    scene = program.outcome(target)
    variables = {name: replaced(doc, new) for name, doc in scene.variables.items()}
    return replace(scene, document=replaced(scene.document, new), variables=variables)


def _keep(visit: Visit, region: Region, joined: Joined, reason: str) -> None:
    """The region as a machine of its own that stays in Step Functions. Raises ``Inexpressible``."""
    weaver, scene = visit.weaver, joined[2]
    state = region.states[region.entry]
    exits = region.exits
    machine = kept_loop.definition(region, scene)
    expression.check(machine.given)
    task_id = weaver.name(state)
    said = kept.tasks(visit, state, task_id, machine, joined)
    message = f"the loop stays in Step Functions ({reason}): {said}"
    weaver.row(state, Disposition.DECISION, message, task=task_id, construct="loop")
    for one in region.states.values():
        inside = [] if one is state else [one]
        for other in [*inside, *(each for part in one.scopes() for each in part.all_states())]:
            weaver.row(other, Disposition.NOTED, f"it is in the machine of {state.name}", task=task_id)
    result = Ref(task_id, index=INSTANCE if weaver.names.group else "")
    if not exits:
        visit.passage.failures.append(task_id)
    elif len(exits) == 1:
        _onward(visit, exits[0], Arrival((task_id,), scene.seeing(result)))
    else:
        data = replace(result, path=("data",))
        _route(visit, task_id, dict.fromkeys(exits, scene.seeing(data)))


def _not_converted(visit: Visit, region: Region, joined: Joined, reason: str) -> None:
    """The region as a task that fails, and the ways after it."""
    weaver = visit.weaver
    upstream, trigger, scene = joined
    state = region.states[region.entry]
    task_id = weaver.name(state)
    visit.enter(task_id)
    message = f"the loop of {', '.join(region.states)} is not converted: {reason}"
    weaver.placeholder(state, task_id, upstream, message, trigger)
    for one in region.states.values():
        weaver.row(one, Disposition.REDESIGN, message, task=task_id, construct="loop")
        for other in (each for part in one.scopes() for each in part.all_states()):
            weaver.row(
                other, Disposition.REDESIGN, f"it is inside {one.name}, which is not converted", task=task_id
            )
    for target in region.exits:
        _onward(visit, target, Arrival((task_id,), scene.seeing(Lost(f"{state.name} is not converted"))))
    if not region.exits:
        visit.passage.failures.append(task_id)
