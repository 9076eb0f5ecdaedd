"""One task as states: its fragment with names, values, policies and a way out filled in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from dagmig.asl.lower.fill import Place, fill, jsonata
from dagmig.asl.lower.giving import ways
from dagmig.asl.lower.names import identifier
from dagmig.asl.lower.policy import NO_RETRY, differences, retrier, seconds
from dagmig.asl.lower.setting import Exits, Setting, States
from dagmig.asl.lower.variables import RETURNED
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Task
from dagmig.integrations.asking import STATE
from dagmig.integrations.fragment import MAIN, Fragment, Ref

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
FAILED = "failed"
INPUT = "$states.input"
ITEM = f"{{% {INPUT} %}}"


def field_name(task: str, key: str) -> str:
    """The name of a task's output within the output of a branch."""
    return f"state_of_{identifier(task)}" if key == STATE else f"{identifier(task)}_{identifier(key)}"


def leave(after: str | None) -> dict[str, Any]:
    """The way out of a state."""
    return {"End": True} if after is None else {"Next": after}


def write(setting: Setting, name: str, exits: Exits, *, is_instance: bool = False) -> tuple[str, States]:
    """The entry and the states of a task; ``is_instance``: they are all that runs for an item of a Map."""
    task, fragment = setting.workflow.tasks[name], setting.fragments[name]
    _policy_rows(setting, task, fragment)
    state = setting.states[name]
    if is_placeholder(fragment):
        if exits.after is None:
            return state, {state: {**fragment.states[FAILED]}}
        start, states = _several(setting, task, fragment, exits)
        return start, _valued(setting, task, states)
    if len(fragment.states) == 1:
        return state, {state: _single(setting, task, fragment, exits)}
    retry = retrier(task.policy)
    if retry is None and not exits.catch and (is_instance or not exits.is_output):
        return _several(setting, task, fragment, exits, is_inner=is_instance)
    return _wrapped(setting, task, fragment, exits, retry)


def _valued(setting: Setting, task: Task, states: States) -> States:
    """The states of a placeholder with a value for what others are handed on, as behind each task."""
    choice, depth = states[setting.states[task.id]], _depth(setting, task)
    missing = {setting.variables.name(task.id, key, depth): None for key in setting.variables.of(task.id)}
    if missing:
        choice["Choices"] = [{**way, "Assign": missing} for way in choice["Choices"]]
    return states


def item_name(name: str) -> str:
    """The variable that keeps what an instance of a task, or of a mapped group's, is given."""
    return f"item_{identifier(name)}"


def _item(setting: Setting, task: Task) -> str:
    """The JSONata of what an instance of a task is given, where its first state is entered."""
    return INPUT if task.id in setting.mapped else setting.items.get(task.id, "")


def can_fail(fragment: Fragment) -> bool:
    """Whether the work can fail in a way that can be caught; what was not translated fails the execution."""
    works = any(state["Type"] == "Task" for state in fragment.states.values())
    return not is_placeholder(fragment) and (works or len(fragment.states) > 1)


def is_one_call(fragment: Fragment) -> bool:
    """Whether the work is one state that does what it is told, and computes nothing that others get."""
    (first, *others) = fragment.states.values()
    return not others and (first["Type"] == "Task" or not fragment.outputs)


def is_placeholder(fragment: Fragment) -> bool:
    """Whether the states only fail."""
    return fragment.states[MAIN].get("Default") == Ref(FAILED) and len(fragment.states) == 2


def _caught(exits: Exits) -> dict[str, Any]:
    """The catchers of a state."""
    kept = "Output" if exits.is_output else "Assign"
    found: list[dict[str, Any]] = []
    for one in exits.catch:
        values = {kept: dict(one.values)} if one.values else {}
        found.append({"ErrorEquals": list(one.errors), **values, "Next": one.target})
    return {"Catch": found} if found else {}


def _depth(setting: Setting, task: Task) -> int:
    return len(setting.variables.scopes[task.id])


def _single(setting: Setting, task: Task, fragment: Fragment, exits: Exits) -> dict[str, Any]:
    names = {MAIN: setting.states[task.id]}
    place = Place(setting, task, fragment, _depth(setting, task), names, exits.after, _item(setting, task))
    built = fill(place, {**fragment.states[MAIN]})
    given = {key: _given(place, key) for key in wanted(setting, task.id)}
    if built["Type"] == "Pass" and RETURNED in given:
        built.pop("Output", None)  # what others get is worked out once
    if exits.is_bare and given:
        (built["Output"],) = given.values()
    else:
        for name, values in handed_on(setting, task.id, given, exits).items():
            built[name] = {**built.get("Assign", {}), **values} if name == "Assign" else values
    retriers = _retriers(fragment, retrier(task.policy))
    if retriers and built["Type"] == "Task":
        built["Retry"] = [*built.get("Retry", []), *retriers]
    if isinstance(task.policy.timeout, timedelta) and built["Type"] == "Task":
        built["TimeoutSeconds"] = seconds(task.policy.timeout)
    if built["Type"] == "Task":
        built |= _caught(exits)
    return _ended(built, exits.after)


def handed_on(setting: Setting, task: str, given: Mapping[str, Any], exits: Exits) -> dict[str, Any]:
    """The ``Output`` or ``Assign`` of a task's last state: what it gives others by key, and the exits'."""
    if exits.is_output:
        return {"Output": {**{field_name(task, key): value for key, value in given.items()}, **exits.assign}}
    if not given and not exits.assign:
        return {}
    depth = len(setting.variables.scopes[task])
    assigned = {setting.variables.name(task, key, depth): value for key, value in given.items()}
    return {"Assign": {**assigned, **exits.assign}}


def wanted(setting: Setting, task: str) -> list[str]:
    """The keys of a task's outputs that others read, and that it has."""
    return [key for key in setting.variables.of(task) if key in setting.fragments[task].outputs]


def _given(place: Place, key: str) -> str:
    """The JSONata of an output that others read, and a row where it is not what the operator gives."""
    output, task = place.fragment.outputs[key], place.task
    if output.difference:
        report = place.setting.report
        report.row(key, task.span, f"task:{task.id}", Disposition.NOTED, output.difference, task=task.id)
    return jsonata(place, output.expression)


def _several(
    setting: Setting, task: Task, fragment: Fragment, exits: Exits, *, is_inner: bool = False
) -> tuple[str, States]:
    """The states of a fragment in a row; ``is_inner``: alone in a branch, whose output is the task's.

    An instance of a mapped task keeps its item, as only the first state is handed it.
    """
    main, after = setting.states[task.id], exits.after
    names = {
        local: main if local == MAIN else setting.names.state(main, f" {local}") for local in fragment.states
    }
    depth = _depth(setting, task) + is_inner
    keys = wanted(setting, task.id)
    done: States = {}
    chooses = any(state.get("Type") == "Choice" for state in fragment.states.values())
    if exits.assign:
        ending = setting.names.state(main, " done")
        done[ending] = {"Type": "Pass", "Assign": dict(exits.assign), **leave(after)}
        after = ending
    elif after is None and (chooses or (is_inner and keys)):
        after = setting.names.state(main, " done")
        done[after] = {"Type": "Succeed"}
        if is_inner and keys:
            variable = setting.variables.name
            kept = {field_name(task.id, k): f"{{% ${variable(task.id, k, depth)} %}}" for k in keys}
            done[after]["Output"] = next(iter(kept.values())) if exits.is_bare else kept
    start, found = names[fragment.entry], States()
    item = _item(setting, task)
    read = f"${item_name(task.id)}" if item == INPUT else item
    place = Place(setting, task, fragment, depth, names, after, read)
    for local, state in fragment.states.items():
        built = fill(place, {**state})
        for key in keys:
            if fragment.outputs[key].state == local:
                assigned = {setting.variables.name(task.id, key, depth): _given(place, key)}
                built["Assign"] = {**built.get("Assign", {}), **assigned}
        found[names[local]] = _ended(built, after)
    if item == INPUT:
        start, found = _keeping(found, start, item_name(task.id), lambda: setting.names.state(main, " item"))
    return start, found | done


def _keeping(found: States, start: str, item: str, name: Callable[[], str]) -> tuple[str, States]:
    """The states with a variable for the input of the first, which assigns it where it may."""
    first, assign = found[start], {item: ITEM}
    is_entered_again = any(start in ways(state) for state in found.values())
    if first["Type"] == "Pass" and not is_entered_again and f"${item}" not in json.dumps(first):
        return start, {**found, start: {**first, "Assign": {**assign, **first.get("Assign", {})}}}
    before = name()
    return before, {before: {"Type": "Pass", "Assign": assign, "Next": start}, **found}


def _wrapped(
    setting: Setting, task: Task, fragment: Fragment, exits: Exits, retry: Mapping[str, Any] | None
) -> tuple[str, States]:
    """The states as the one branch of a Parallel, which retries them as a whole and keeps their output."""
    wrapper = setting.names.state(setting.states[task.id], " retried" if retry else " whole")
    inside = Exits(None, is_bare=exits.is_bare)
    start, inner = _several(setting, task, fragment, inside, is_inner=True)
    outer: dict[str, Any] = {"Type": "Parallel", "Branches": [{"StartAt": start, "States": inner}]}
    if retry:
        outer["Retry"] = [*_never(fragment), dict(retry)]
    fields = {key: field_name(task.id, key) for key in wanted(setting, task.id)}
    kept = {key: f"{{% $states.result[0].{name} %}}" for key, name in fields.items()}
    if exits.is_output:
        outer["Output"] = "{% $states.result[0] %}"
        if exits.assign:
            outer["Output"] = {**{fields[key]: value for key, value in kept.items()}, **exits.assign}
    else:
        outer |= handed_on(setting, task.id, kept, exits)
    return wrapper, {wrapper: {**outer, **_caught(exits), **leave(exits.after)}}


def _retriers(fragment: Fragment, retry: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The task's own retrier, or else the service's: of the retriers that match an error only the first
    counts (https://states-language.net/spec.html#retrying-after-error), so both would not add up.
    """
    if retry is None:
        return [dict(one) for one in fragment.transport]
    never = [NO_RETRY] if fragment.functions else []
    return [*(dict(one) for one in never), *_never(fragment), dict(retry)]


def _never(fragment: Fragment) -> list[dict[str, Any]]:
    """The retrier for errors that fail the task at once."""
    return [{"ErrorEquals": list(fragment.final), "MaxAttempts": 0}] if fragment.final else []


def _ended(built: dict[str, Any], after: str | None) -> dict[str, Any]:
    if built.keys() & {"Next", "End"} or built["Type"] in ("Succeed", "Fail", "Choice"):
        return built
    return {**built, **leave(after)}


def _policy_rows(setting: Setting, task: Task, fragment: Fragment) -> None:
    found = [(name, DECISION if is_open else NOTED, said) for name, is_open, said in differences(task.policy)]
    is_task = len(fragment.states) == 1 and fragment.states[MAIN]["Type"] == "Task"
    takes_time = any(state["Type"] in ("Task", "Wait") for state in fragment.states.values())
    is_open = isinstance(task.policy.timeout, timedelta) and not is_task and not fragment.is_bounded
    if is_open and takes_time:
        said = "not bounded: the work takes several states, and only a Task has a time limit"
        found.append(("execution_timeout", DECISION, said))
    if fragment.transport and retrier(task.policy):
        said = "the service's transient errors are retried as all others, not at once by the client first"
        found.append(("retry-transport", NOTED, said))
    for construct, disposition, said in found:
        setting.report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)
