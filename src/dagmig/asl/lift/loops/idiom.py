"""The loops that ``lower`` makes of operators that wait and of sensors, read back.

A candidate is made of the loop's call, and lowered again: where that gives the same states, it is the one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.flow import following, reached
from dagmig.asl.lift import expression, jsonata
from dagmig.asl.lift.document import Known
from dagmig.asl.lift.loops.region import Region, regions
from dagmig.asl.lower import lower
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Report, Span
from dagmig.graph.model import Call, Edge, Task, Workflow
from dagmig.graph.values import Literal, Output, Value
from dagmig.integrations import Integration, Loop, in_one_partition, registry
from dagmig.regions.fold import fold

AFTER = "dagmig after"  # no task id, so that no state is called so
_NEXT = Call("airflow.providers.amazon.aws.operators.lambda_function.LambdaInvokeFunctionOperator",
             {"function_name": Literal("after")})  # fmt: skip
_EVERY = re.compile(r"\$max\(\[([1-9]\d{0,8}), ")
_LIMIT = re.compile(r" > (\d{1,15}) %\}")


@dataclass(frozen=True, slots=True)
class Idiom:
    """An operator that stands for ``region``; ``main`` is the state that is named after its task.

    ``holes`` are the texts in the call's arguments that stand for JSONata, ``output`` is the variable that
    holds what the operator returns, empty where nothing reads it.
    """

    call: Call
    main: State
    region: Region
    holes: Mapping[str, str]
    output: str


def recognised(scope: Scope) -> dict[str, Idiom]:
    """The operators of a scope that loops stand for, by the state that the token comes to first."""
    found: dict[str, Idiom] = {}
    if not any(state.query_language == "JSONata" for state in scope.states.values()):
        return found
    before: dict[str, list[str]] = {}
    for name in reached(scope, scope.start_at):
        for target in following(scope, name):
            before.setdefault(target, []).append(name)
    for region in regions(scope).values():
        outside = [name for name in before.get(region.entry, []) if name not in region.states]
        if len(outside) == 1 and len(region.exits) == 1 and region.exits[0] in scope.states:
            first = scope.states[outside[0]]
            whole = Region(first.name, {first.name: first, **region.states})
            idiom = _idiom(whole, region) if whole.exits == region.exits else None
            if idiom is not None:
                found[first.name] = idiom
    return found


def _idiom(whole: Region, loop: Region) -> Idiom | None:
    first = whole.states[whole.entry]
    main = loop.states[loop.entry] if first.type == "Pass" else first
    if main.type != "Task" or main.query_language != "JSONata":
        return None
    holes: dict[str, str] = {}
    normal = _normal(whole)
    for candidate in _candidates(first, main, whole, holes):
        plain = _filled(_states(candidate, main.name), holes)
        if plain == normal:
            return Idiom(candidate, main, whole, holes, "")
        read = _filled(_states(candidate, main.name, is_read=True), holes)
        if plain is not None and read == normal:
            (output,) = _assigned(read) - _assigned(plain) or {""}
            return Idiom(candidate, main, whole, holes, output)
    return None


def _assigned(states: Mapping[str, Any]) -> set[str]:
    return {name for state in states.values() for name in state.get("Assign", {})}


def _filled(value: Any, holes: Mapping[str, str]) -> Any:
    """The value with the JSONata that its holes stand for."""
    match value:
        case str():
            return holes.get(value, value)
        case dict():
            return {key: _filled(child, holes) for key, child in value.items()}
        case list():
            return [_filled(child, holes) for child in value]
    return value


def _with_holes(value: Any, holes: dict[str, str]) -> Any:
    """The value with a text of its own in place of each piece of JSONata."""
    match value:
        case str() if jsonata.is_expression(value):
            known = {text: hole for hole, text in holes.items()}
            hole = known.get(value, f"dagmig-hole-{len(holes)}")
            holes[hole] = value
            return hole
        case dict():
            return {key: _with_holes(child, holes) for key, child in value.items()}
        case list():
            return [_with_holes(child, holes) for child in value]
    return value


def _candidates(first: State, main: State, whole: Region, holes: dict[str, str]) -> Iterator[Call]:
    """The calls that may have become the states; their ``holes`` are noted."""
    resource = in_one_partition(str(main.fields.get("Resource")))
    given = main.fields.get("Arguments", {})
    text = json.dumps([state.fields for state in whole.states.values()])
    every, limit = _EVERY.search(text), _LIMIT.search(text)
    if resource is None or not isinstance(given, dict) or not (every and limit):
        return
    given = _with_holes(given, holes)
    parameters = {name: expression.value(Known(value)) for name, value in given.items()}
    pace = int(every[1]), int(limit[1]) // 1000
    if first is not main:
        for sensor in registry().integrations:
            if sensor.loop is not None and sensor.loop.resource == resource:
                yield from _sensors(sensor, sensor.loop, given, pace)
        return
    one = registry().for_resource(resource)
    if one is None or one.to_airflow is None or one.loop is None:
        return
    report = Report()
    call = one.to_airflow(resource, parameters, Span(""), report)
    if not report.has_open_rows:
        own = {name: value for name, value in call.arguments.items() if name != one.loop.waits}
        seconds, attempts = pace[0], pace[1] // pace[0]
        yield Call(call.operator, own)
        paced = {one.loop.every: seconds, one.loop.times: attempts}
        yield Call(call.operator, {**own, **_set({one.loop.waits: True})})
        yield Call(call.operator, {**own, **_set(paced)})
        yield Call(call.operator, {**own, **_set({one.loop.waits: True, **paced})})


def _sensors(one: Integration, loop: Loop, given: Mapping[str, Any], pace: tuple[int, int]) -> Iterator[Call]:
    asked = loop.asked(given) if loop.asked is not None else None
    if asked is not None:
        own = {name: expression.value(Known(value)) for name, value in asked.items()}
        yield Call(one.operator, own)
        yield Call(one.operator, {**own, **_set({loop.every: pace[0]})})
        yield Call(one.operator, {**own, **_set({loop.times: pace[1]})})
        yield Call(one.operator, {**own, **_set({loop.every: pace[0], loop.times: pace[1]})})


def _set(arguments: Mapping[str, Any]) -> dict[str, Value]:
    return {name: Literal(value) for name, value in arguments.items() if name}


def _states(call: Call, task: str, *, is_read: bool = False) -> dict[str, Any] | None:
    """The states that a task becomes, where a later one reads what it returns or not; None where a row of
    its ledger is open.
    """
    payload: dict[str, Value] = {"payload": Output(task)} if is_read else {}
    after = replace(_NEXT, arguments={**_NEXT.arguments, **payload})
    tasks = {task: Task(task, call), AFTER: Task(AFTER, after)}
    workflow = Workflow("dag", tasks, frozenset({Edge(task, AFTER)}), is_airflow_3=True)
    report = Report()
    product = lower(workflow, fold(workflow, report), report)
    if report.has_open_rows or product.functions:
        return None
    found: dict[str, Any] = json.loads(json.dumps(product.machine["States"]))
    found.pop(AFTER, None)
    return found


def _normal(whole: Region) -> dict[str, Any]:
    """The region's states with ``AFTER`` as where they lead to."""
    (target,) = whole.exits

    def renamed(value: Any) -> Any:
        match value:
            case dict():
                return {
                    key: AFTER if (key, child) in (("Next", target), ("Default", target)) else renamed(child)
                    for key, child in value.items()
                }
            case list():
                return [renamed(child) for child in value]
        return value

    return {name: renamed(dict(state.fields)) for name, state in whole.states.items()}
