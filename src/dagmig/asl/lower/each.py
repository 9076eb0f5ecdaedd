"""A mapped group as states: a Map around the states of one item, and a Choice where there may be no items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagmig.asl.lower.data import reads_item
from dagmig.asl.lower.flow import Label, Row, label
from dagmig.asl.lower.giving import ways
from dagmig.asl.lower.instances import each as map_state
from dagmig.asl.lower.instances import of_items
from dagmig.asl.lower.outcomes import EXPANDED, ONLY_SUCCESS, Facts
from dagmig.asl.lower.plan import Chain, Do, Each, Idle, Plan, entering, steps
from dagmig.asl.lower.setting import Setting, States
from dagmig.asl.lower.task import INPUT, ITEM, item_name, leave
from dagmig.asl.lower.variables import Scope
from dagmig.graph.model import Task
from dagmig.integrations.asking import STATE

if TYPE_CHECKING:
    from dagmig.asl.lower.emit import Emitter


def write_each(emitter: Emitter, row: Row, at: int, each: Each, scope: Scope) -> States:
    """The states of a mapped group at a place of a row."""
    setting, group, found = emitter.setting, each.group, States()
    if row.gates[at]:
        found |= _gate(emitter, row, at, each, scope)
    if not row.runs[at]:
        return found
    known = setting.outcomes.meet(row.runs[at])
    name = emitter.names[label(each, "run")] = setting.maps[group]
    is_kept = _hand_items(setting, each)
    leaving = setting.variables.leaving(steps(each.body), len(scope) + 1)
    is_bare = len(leaving) == 1 and leaving[0][1] != STATE and not _is_caught_alone(setting, each.body)
    start, states, ended = emitter.branch(each.body, scope, {**known, group: EXPANDED}, is_bare=is_bare)
    if not leaving:
        _give_nothing(states)
    if is_kept:
        start, states = _keep_item(emitter, group, start, states)
    assigned: dict[str, Any] = {}
    for task, key in leaving:
        is_sure = setting.outcomes.states(task, ended) == ONLY_SUCCESS
        given = of_items(setting, task, key, is_bare=is_bare, is_sure=is_sure)
        assigned[setting.variables.name(task, key, len(scope))] = given
    inside = {task: ended[task] for task in steps(each.body) if task in ended}
    jump = row.jump(at + 1, {**known, **inside}).take()
    assigned |= jump.assign
    state = {**map_state(setting, group, start, states), **({"Assign": assigned} if assigned else {})}
    return {**found, name: {**state, **leave(jump.target)}}


def _gate(emitter: Emitter, row: Row, at: int, each: Each, scope: Scope) -> States:
    """The Choice that decides whether a mapped group has anything to run for; where it has not, its tasks are
    decided about one by one.
    """
    setting, group, found = emitter.setting, each.group, States()
    facts = setting.outcomes.meet(row.gates[at])
    name = emitter.names[label(each, "gate")] = setting.names.state(group, "?")
    rules: list[dict[str, Any]] = []
    idle: dict[str, Row] = {}
    for said, state in emitter.deciding(group, facts, scope).of_group():
        if state not in idle:
            tasks = Chain(tuple(Idle(task, state) for task in steps(each.body)))
            idle[state] = emitter.row(tasks, scope, lambda known: row.jump(at + 1, _without(known, group)))
        jump = idle[state].jump(0, setting.outcomes.not_expanded(group, facts, state)).take()
        target = emitter.landed(jump, group, f" {state}", scope, found)
        assign = {"Assign": dict(jump.assign)} if jump.assign else {}
        rules.append({"Condition": f"{{% {said} %}}", **assign, "Next": target})
    for decided in idle.values():
        found |= emitter.written(decided, scope)
    row.runs[at].append(facts)
    return {name: {"Type": "Choice", "Choices": rules, "Default": label(each, "run")}, **found}


def _without(facts: Facts, name: str) -> Facts:
    return {one: states for one, states in facts.items() if one != name}


def _hand_items(setting: Setting, each: Each) -> bool:
    """Say where the tasks of a group find their item; whether it has to be kept in a variable, as others read
    it than those that are handed it.
    """
    reading = [task for task in steps(each.body) if _reads_item(setting.workflow.tasks[task])]
    first = set(entering(each.body))
    setting.items |= {task: INPUT if task in first else f"${item_name(each.group)}" for task in reading}
    return not first.issuperset(reading)


def _reads_item(task: Task) -> bool:
    return any(reads_item(value) for value in (*task.call.arguments.values(), *task.defaults.values()))


def _keep_item(emitter: Emitter, group: str, start: str, states: States) -> tuple[str, States]:
    """The entry and the states where the item is kept: by the first, if it is entered once, or by another."""
    start, kept = emitter.names.get(Label(start), start), {item_name(group): ITEM}
    first = states[start]
    targets = (Label(way) for state in states.values() for way in ways(state) if way is not None)
    is_again = any(emitter.names.get(target, target) == start for target in targets)
    if first["Type"] in ("Task", "Pass") and "Catch" not in first and not is_again:
        first["Assign"] = {**kept, **first.get("Assign", {})}
        return start, states
    name = emitter.setting.names.state(group, " item")
    return name, {name: {"Type": "Pass", "Assign": kept, "Next": start}, **states}


def _give_nothing(states: States) -> None:
    """Let no state that ends an item give what its service answered, which nobody reads."""
    for state in states.values():
        if state.get("End") and "Output" not in state:
            at = list(state).index("End")
            after = {key: state.pop(key) for key in list(state)[at:]}
            state |= {"Output": {}, **after}


def _is_caught_alone(setting: Setting, plan: Plan) -> bool:
    """Whether a part is one task that ends in several ways, each of which gives its values by name."""
    return isinstance(plan, Do) and plan.task in setting.outcomes.caught | setting.outcomes.skipping
