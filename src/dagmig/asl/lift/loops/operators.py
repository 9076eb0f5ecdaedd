"""Loops as operators that wait by themselves: those that ``lower`` writes, and a user's own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dagmig.asl.lift import calls, expression, jsonata, policy
from dagmig.asl.lift.document import INSTANCE, Doc, Known, Ref, Scene, blame
from dagmig.asl.lift.expression import Inexpressible
from dagmig.asl.lift.leaves import FOLDED, Before, documented
from dagmig.asl.lift.loops.idiom import Idiom
from dagmig.asl.lift.loops.waited import REST, Found, found, given
from dagmig.asl.lift.loops.watched import Watched, mark
from dagmig.asl.lift.visit import Joined, Visit
from dagmig.asl.lift.walk import Arrival, arguments
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Call, Policy
from dagmig.graph.values import Entries, Items, Literal, Value

YEAR = 31_536_000  # seconds; an execution ends after a year: service-quotas
PACE = "the operator asks at one pace, however long it takes"
ASKS = "the operator asks: for the first time when the work has begun, then at the pace of the loop"
OWN_MESSAGE = "the operator fails, with a message of its own"


def bound(visit: Visit) -> float:
    """After how many seconds a wait gives up: as the machine does, or after the year an execution has."""
    limit = policy.number(visit.weaver.machine.document.get("TimeoutSeconds"), YEAR)
    return min(limit or YEAR, YEAR)


# those that ``lower`` writes


def operator(visit: Visit, idiom: Idiom, joined: Joined) -> None:
    """The operator that ``lower`` has made these states of. Raises ``Inexpressible``."""
    weaver = visit.weaver
    upstream, trigger, scene = joined
    arguments = {name: _filled(value, idiom, scene) for name, value in idiom.call.arguments.items()}
    task_id = weaver.name(idiom.main)
    visit.enter(task_id)
    weaver.add(task_id, replace(idiom.call, arguments=arguments), upstream, visit.state, trigger=trigger)
    weaver.works[task_id] = visit.state.pointer
    for state in idiom.region.states.values():
        is_wait = state.type == "Wait"
        weaver.row(state, Disposition.NOTED if is_wait else Disposition.EXACT, PACE * is_wait, task=task_id)
    (target,) = idiom.region.exits
    variables = {**scene.variables, **({idiom.output: _result(visit, task_id)} if idiom.output else {})}
    visit.send(target, Arrival((task_id,), replace(scene, document=Known({}), variables=variables)))


def _result(visit: Visit, task_id: str) -> Ref:
    return Ref(task_id, index=INSTANCE if visit.weaver.names.group else "")


def _filled(value: Value, idiom: Idiom, scene: Scene) -> Value:
    """An argument with the data that its holes stand for. Raises ``Inexpressible``."""
    match value:
        case Literal(str() as text) if text in idiom.holes:
            return expression.value(jsonata.template(idiom.holes[text], scene))
        case Literal(list() as items) if _has(items, idiom):
            return Items(tuple(_filled(Literal(item), idiom, scene) for item in items))
        case Literal(dict() as members) if _has(members, idiom):
            filled = {key: _filled(Literal(member), idiom, scene) for key, member in members.items()}
            return Entries(tuple((Literal(key), one) for key, one in filled.items()))
    return value


def _has(value: Any, idiom: Idiom) -> bool:
    """Whether there is a hole in a value."""
    text = json.dumps(value, default=str)
    return any(hole in text for hole in idiom.holes)


# a user's own


def watching(visit: Visit, one: Watched, joined: Joined) -> None:
    """The operator that starts the work and waits for it, where it does what the loop does.

    Where it does not, the loop is wanted as it is: the machine is converted once more.
    """
    weaver, start = visit.weaver, one.start
    task_id = weaver.name(start)
    visit.enter(task_id)
    ledger = Report()
    before = Before(visit, joined[0], joined[1])
    try:
        call, how, findings = _call(visit, one, joined[2], task_id, ledger, before)
        is_open = ledger.has_open_rows or any(found[1].is_open for found in findings)
    except Inexpressible:
        is_open = True
    if is_open:
        weaver.missed.add(mark(start))
        weaver.placeholder(start, task_id, before.upstream, "its loop is wanted", before.trigger)
        after = joined[2]
    else:
        own_policy, said = policy.policy(start.fields)
        weaver.report.take(ledger)
        _add(visit, one, task_id, documented(start, call), before, own_policy)
        _rows(visit, one, how, task_id)
        for construct, disposition, difference in (*findings, *said):
            weaver.row(start, disposition, difference, task=task_id, construct=construct)
        after = _seen(visit, one, how, task_id)
    (target,) = one.region.exits
    visit.send(target, Arrival((task_id,), after))


def _call(
    visit: Visit, one: Watched, scene: Scene, task_id: str, ledger: Report, before: Before
) -> tuple[Call, Found, list[policy.Finding]]:
    """The operator's call, how the loop waits, and findings. Raises ``Inexpressible``."""
    span = visit.weaver.machine.locate(one.start.pointer, True)
    document = arguments(one.start, scene)
    done = calls.work(one.resource, document, task_id, span, ledger, before.settle)
    how = found(one, scene, lambda: done.call)
    watch = how.watch
    times = int(bound(visit)) // how.pause if how.times is None else how.times
    paced = {watch.every: how.pause, watch.times: max(times, 1)}
    loop = one.one.loop
    own = {name: held for name, held in done.call.arguments.items() if loop is None or name != loop.waits}
    sets = {name: Literal(held) for name, held in {**watch.sets, **paced}.items() if name}
    return Call(done.call.operator, {**own, **sets}), how, done.findings


def _add(visit: Visit, one: Watched, task_id: str, call: Call, before: Before, own: Policy) -> None:
    weaver = visit.weaver
    weaver.add(task_id, call, before.upstream, one.start, trigger=before.trigger, policy=own)
    weaver.works[task_id] = one.start.pointer


def _rows(visit: Visit, one: Watched, how: Found, task_id: str) -> None:
    weaver = visit.weaver
    for state in one.region.states.values():
        if state is one.ask:
            weaver.row(state, Disposition.NOTED, ASKS, task=task_id)
        elif state.type == "Fail":
            weaver.row(state, Disposition.NOTED, OWN_MESSAGE, task=task_id)
        elif state.type == "Pass":
            weaver.row(state, Disposition.NOTED, FOLDED)
        else:
            weaver.row(state, Disposition.EXACT, task=task_id)
    names = ", ".join(name for name, state in one.loop.states.items() if state.type != "Fail")
    message = f"the loop of {names} waits for what {one.start.name} starts, as the operator does by itself"
    weaver.row(one.start, Disposition.EXACT, message, task=task_id, construct="loop")
    for word, said in how.differences:
        weaver.row(one.ask, Disposition.NOTED, f"at `{word}` {said}", task=task_id, construct="status")


def _seen(visit: Visit, one: Watched, how: Found, task_id: str) -> Scene:
    """What is seen behind the loop."""
    kept = one.kept(how.watch)
    reason = REST + blame(mark(one.start))
    result = _result(visit, task_id)

    def left(doc: Doc) -> Doc:
        return given(doc, kept, result, reason)

    variables = {name: left(doc) for name, doc in how.after.variables.items()}
    return replace(how.after, document=left(how.after.document), variables=variables)
