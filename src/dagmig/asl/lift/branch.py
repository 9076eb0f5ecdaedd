"""A Choice state as a task that names the tasks to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.asl.lift import choice, code, jsonpath
from dagmig.asl.lift.document import INSTANCE, Scene
from dagmig.asl.lift.expression import Inexpressible, quote
from dagmig.asl.lift.making import without_chance
from dagmig.asl.lift.visit import Visit
from dagmig.asl.lift.walk import (
    EMPTY_OPERATOR,
    Arrival,
    outcome,
    targets,
)
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call


def choose(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = visit.join()
    visit.enter(task_id)
    is_jsonata = state.query_language == "JSONata"
    inner = scene if is_jsonata else scene.seeing(jsonpath.shape_input(state.fields, scene))
    rules = _rules(visit, task_id, inner)
    weaver.add(task_id, Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
    failed: dict[str, tuple[str, ...]] = {}
    if not targets(state):
        visit.passage.failures.append(task_id)
    for target in targets(state):
        ways = [fields for _, fields, towards in rules if towards == target]
        after = [after_rule(state, fields, scene) for fields in ways] or [scene]
        scenes = [Arrival((task_id,), each) for each in after]
        joined = scenes[0] if len(scenes) == 1 else replace(scenes[0], scene=weaver.join(scenes, state)[2])
        failed[target] = fork(visit, task_id, target, joined.scene)

    def finish() -> None:
        body = [line for text, _, target in rules for line in _branch(visit, task_id, text, target, failed)]
        if not rules or rules[-1][0]:
            body += code.fail("States.NoChoiceMatched: no rule of the Choice is true")
        function = code.function(code.identifier("choose", task_id), state.name, body)
        old = weaver.tasks[task_id]
        given = {name: value for name, value in old.call.arguments.items() if name == "trigger_rule"}
        decorator = "@task" if old.group else "@task.branch"
        weaver.tasks[task_id] = replace(old, call=code.call(decorator, function, **given))

    visit.later.append(finish)


def fork(visit: Visit, task_id: str, target: str, scene: Scene) -> tuple[str, ...]:
    """Send the token from a branch task to ``target``; the ids to choose, where that is known already."""
    scene = without_chance(scene, visit.entered or Scene())
    if visit.weaver.names.group:
        first = guard(visit, task_id, target)
    elif _needs_own_task(visit, target):
        first = visit.weaver.names.give(f"{task_id}_to_{target}")
        visit.weaver.add(first, Call(EMPTY_OPERATOR), (task_id,), visit.state)
    else:
        return visit.send(target, Arrival((task_id,), scene, is_chosen=True))
    visit.send(target, Arrival((first,), scene))
    return (first,)


def _needs_own_task(visit: Visit, target: str) -> bool:
    """Whether the way from a branch to a join needs a task that is skipped when it is not taken.

    Airflow leaves the join alone where the way that was chosen leads to it as well, and the branch succeeds
    in any case; that is right unless the token may end before it comes to the join.
    """
    scope = visit.passage.scope
    if len(visit.passage.sources(target)) < 2 or (visit.state.name, target) in visit.passage.loops:
        return False
    others = {arrow.target for arrow in visit.state.transitions()} - {target}
    return any({"", target} <= _ends_of(scope, name, target) for name in others)


def _ends_of(scope: Scope, start: str, target: str) -> set[str]:
    """Where the token gets to from a state: ``target``, and the empty name for an end before it."""
    found: set[str] = set()
    waiting, seen = [start], {start}
    while waiting:
        state = scope.states.get(waiting.pop())
        if state is None or state.is_terminal:
            found.add("")
        names = {arrow.target for arrow in state.transitions()} if state else set()
        found |= names & {target}
        waiting += names - seen - {target}
        seen |= names
    return found


def goes(visit: Visit, task_id: str, target: str, fixed: tuple[str, ...] | None) -> str:
    """The statement by which a branch task chooses the first tasks of ``target``, or the ``fixed`` ones
    (None: no task).
    """
    if fixed is None:
        return "return []"
    between = visit.passage.between.get((task_id, target))
    ids = fixed or ((between,) if between else visit.passage.entries.get(target, ()))
    return f"return {quote(ids[0])}" if len(ids) == 1 else f"return [{', '.join(map(quote, ids))}]"


def guard(visit: Visit, task_id: str, target: str) -> str:
    """The first task of a way out of a branch inside of a mapped group: it skips unless it was chosen.

    There ``@task.branch`` skips nothing: https://github.com/apache/airflow/issues/67265
    """
    weaver = visit.weaver
    name = weaver.names.give(f"{visit.state.name}_to_{target}")
    pulled = f"ti.xcom_pull(task_ids={quote(task_id)}, map_indexes={INSTANCE})"
    body = [
        f"if {pulled} != ti.task_id:",
        f"    raise AirflowSkipException({quote(f'{target} was not chosen')})",
    ]
    function = code.function(code.identifier("only", name), f"Go on to {target} if it was chosen.", body)
    weaver.add(name, code.call("@task", function), (task_id,), visit.state)
    return name


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
            text = choice.condition(rule, scene, state.query_language)
        except Inexpressible as reason:
            message = f"rule {number} of the Choice is not converted: {reason}"
            visit.weaver.row(state, Disposition.DECISION, message, task=task_id, construct="choice-rule")
            text = f"!{message}"
            open_rules += 1
        found.append((text, rule, rule["Next"]))
    if isinstance(default := state.fields.get("Default"), str):
        found.append(("", state.fields, default))
    if not open_rules:
        visit.weaver.row(state, Disposition.EXACT, task=task_id)
    return found


def after_rule(state: State, fields: Mapping[str, Any], scene: Scene) -> Scene:
    """What the target of a rule sees: a rule's own Output and Assign go before the state's."""
    own = {key: fields[key] for key in ("Output", "Assign") if key in fields}
    shared = {key: value for key, value in state.fields.items() if key not in ("Output", "Assign")}
    if "Output" in state.fields and "Output" not in own:
        own["Output"] = state.fields["Output"]
    return outcome(replace(state, fields={**shared, **own}), scene, scene.document, has_result=False)


def _branch(
    visit: Visit, task_id: str, text: str, target: str, failed: Mapping[str, tuple[str, ...]]
) -> list[str]:
    if text.startswith("!"):
        return code.fail(text[1:])
    way = goes(visit, task_id, target, failed.get(target, ()))
    return [f"if {text}:", f"    {way}"] if text else [way]
