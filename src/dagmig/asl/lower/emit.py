"""A plan as states, written from its end to its beginning."""

from __future__ import annotations

from typing import Any

from dagmig.asl.lower.guards import condition
from dagmig.asl.lower.plan import Chain, Do, Fork, Gate, Pick, Plan, steps
from dagmig.asl.lower.task import Setting, States, field_name, leave, write
from dagmig.asl.lower.variables import Scope


def name_forks(setting: Setting, plan: Plan) -> None:
    """Name the Parallel states in reading order."""
    match plan:
        case Fork(branches):
            setting.forks[id(plan)] = setting.names.state("Parallel")
            parts: tuple[Plan, ...] = branches
        case Chain(found) | Pick(_, found, _):
            parts = found
        case Gate(_, body):
            parts = (body,)
        case Do():
            parts = ()
    for part in parts:
        name_forks(setting, part)


def emit(setting: Setting, plan: Plan, after: str | None, scope: Scope = ()) -> tuple[str, States]:
    """The entry and the states of a plan that goes on to ``after``, or ends its branch."""
    match plan:
        case Do(task):
            return write(setting, task, after)
        case Fork():
            return _fork(setting, plan, after, scope)
        case Gate():
            return _gate(setting, plan, after, scope)
        case Pick():
            return _pick(setting, plan, after, scope)
        case Chain(()):
            return "Done", {"Done": {"Type": "Succeed"}}
        case Chain(parts):
            emitted: list[States] = []
            for part in reversed(parts):
                after, states = emit(setting, part, after, scope)
                emitted.append(states)
            return str(after), {k: v for states in reversed(emitted) for k, v in states.items()}


def _fork(setting: Setting, fork: Fork, after: str | None, scope: Scope) -> tuple[str, States]:
    name = setting.forks[id(fork)]
    branches: list[dict[str, Any]] = []
    assigned: dict[str, str] = {}
    for place, branch in enumerate(fork.branches):
        start, states = _branch(setting, branch, scope)
        branches.append({"StartAt": start, "States": states})
        for task, key in setting.variables.leaving(steps(branch), len(scope) + 1):
            source = f"{{% $states.result[{place}].{field_name(task, key)} %}}"
            assigned[setting.variables.name(task, key, len(scope))] = source
    state: dict[str, Any] = {"Type": "Parallel", "Branches": branches}
    if assigned:
        state["Assign"] = assigned
    return name, {name: {**state, **leave(after)}}


def _branch(setting: Setting, plan: Plan, scope: Scope) -> tuple[str, States]:
    depth = len(scope) + 1
    inner = setting.variables.scopes[next(steps(plan))][:depth]
    leaving = setting.variables.leaving(steps(plan), depth)
    if not leaving:
        return emit(setting, plan, None, inner)
    if isinstance(plan, Do):
        return write(setting, plan.task, None, is_output=True)
    result = setting.names.state(leaving[-1][0], " result")
    start, states = emit(setting, plan, result, inner)
    variable = setting.variables.name
    output = {field_name(t, key): f"{{% ${variable(t, key, depth)} %}}" for t, key in leaving}
    return start, {**states, result: {"Type": "Succeed", "Output": output}}


def _gate(setting: Setting, gate: Gate, after: str | None, scope: Scope) -> tuple[str, States]:
    first = next(steps(gate.body))
    name = setting.names.state(first, "?")
    start, states = emit(setting, gate.body, after, scope)
    otherwise, ended = _otherwise(setting, first, after)
    rule = {"Condition": _condition(setting, gate, scope), "Next": start}
    choice = {"Type": "Choice", "Choices": [rule], "Default": otherwise}
    return name, {name: {**choice, **_nothing(setting, [gate.body], scope)}, **states, **ended}


def _pick(setting: Setting, pick: Pick, after: str | None, scope: Scope) -> tuple[str, States]:
    name = setting.names.state(pick.chooser, " choice")
    found: States = {}
    rules: list[dict[str, Any]] = []
    for arm in pick.arms:
        start, states = emit(setting, arm.body, after, scope)
        others = _nothing(setting, [other.body for other in pick.arms if other is not arm], scope)
        rules.append({"Condition": _condition(setting, arm, scope), "Next": start, **others})
        found |= states
    if pick.is_total:
        last = rules.pop()
        default = {"Default": last["Next"], **({"Assign": last["Assign"]} if "Assign" in last else {})}
    else:
        otherwise, ended = _otherwise(setting, pick.chooser, after)
        found |= ended
        default = {"Default": otherwise, **_nothing(setting, [arm.body for arm in pick.arms], scope)}
    return name, {name: {"Type": "Choice", "Choices": rules, **default}, **found}


def _otherwise(setting: Setting, first: str, after: str | None) -> tuple[str, States]:
    """Where to go when nothing is chosen: what follows, or the end."""
    if after is not None:
        return after, {}
    name = setting.names.state(first, " skipped")
    return name, {name: {"Type": "Succeed"}}


def _condition(setting: Setting, gate: Gate, scope: Scope) -> str:
    said = condition(gate.guard, setting.guards, lambda task: setting.seen(task, "return_value", scope))
    return f"{{% {said} %}}"


def _nothing(setting: Setting, skipped: list[Plan], scope: Scope) -> dict[str, Any]:
    """``Assign`` with null for what skipped tasks would have given, which is what Airflow reads then."""
    depth, variables = len(scope), setting.variables
    found = {
        variables.name(task, key, depth): None
        for plan in skipped
        for task in steps(plan)
        for key in variables.of(task)
        if variables.homes[task, key] <= depth
    }
    return {"Assign": found} if found else {}
