"""A fragment's dicts as plain JSON: transitions resolved, values and expressions written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.asl.lower.data import evaluated, operand, render
from dagmig.asl.lower.dates import zone
from dagmig.asl.lower.fallback import hint, runs_apart
from dagmig.asl.lower.names import identifier
from dagmig.asl.lower.scene import Scene, Untranslatable
from dagmig.asl.lower.setting import Setting, function_name
from dagmig.asl.lower.stage import scene_of
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Task
from dagmig.integrations.fragment import (
    AFTER,
    Expression,
    Fragment,
    FunctionName,
    InZone,
    Part,
    Ref,
    Rendered,
)
from dagmig.integrations.jsonata import quoted

DECISION = Disposition.DECISION
UNWRITTEN = "value"  # the construct of rows about values that have no form


@dataclass(frozen=True, slots=True)
class Place:
    """The task being written: the ``depth`` of its variables and the state names by local name."""

    setting: Setting
    task: Task
    fragment: Fragment
    depth: int
    names: Mapping[str, str] = field(default_factory=dict)
    after: str | None = None
    item: str = ""  # the JSONata of what an instance of a mapped task is given


def fill(place: Place, node: Any) -> Any:
    """Plain JSON from a fragment's dicts: transitions resolved, values and expressions written out."""
    match node:
        case Ref() if node == AFTER:
            return place.after
        case Ref(state):
            return place.names[state]
        case FunctionName():
            return function_name(place.setting.workflow, node)
        case Expression():
            return jsonata(place, node)
        case Mapping():
            return {_key(place.task, key): fill(place, value) for key, value in node.items()}
        case list() | tuple():
            return [fill(place, item) for item in node]
        case str() | int() | float() | None:
            return node
    try:
        return render(node, scene_of(place.setting, place.task, place.item))
    except Untranslatable as problem:
        return f"{{% {_untranslated(place, problem)} %}}"


def jsonata(place: Place, expression: Expression) -> str:
    pieces: list[str] = []
    for part in expression.parts:
        if isinstance(part, str):
            pieces.append(part.replace("$:", f"${identifier(place.task.id)}_"))
            continue
        try:
            scene = scene_of(place.setting, place.task, place.item)
            pieces.append(_part(place, part, scene))
        except Untranslatable as problem:
            pieces.append(_untranslated(place, problem))
    return f"{{% {''.join(pieces)} %}}"


def _part(place: Place, part: Part, scene: Scene) -> str:
    match part:
        case InZone():
            return _in_zone(place, part)
        case Rendered(source, is_library):
            return evaluated(source, scene, is_library=is_library)
    assert not isinstance(part, str)
    return operand(part, scene)


def _in_zone(place: Place, part: InZone) -> str:
    found = zone(place.setting.workflow)
    if found is None:
        raise Untranslatable("a time in the DAG's zone, which is not known,")
    try:
        return part.write(found)
    except ValueError as problem:
        raise Untranslatable(str(problem)) from None


def _untranslated(place: Place, problem: Untranslatable) -> str:
    """JSONata that fails the state, instead of guessing; and the row that says so."""
    said = f"{problem} has no form in a state machine: the state fails when it is reached"
    task = place.task
    if not runs_apart(place.fragment):
        said += hint(place.setting.workflow, task)
    place.setting.report.row(UNWRITTEN, task.span, f"task:{task.id}", DECISION, said, task=task.id)
    named = str(problem).replace("{%", "{ %").replace("%}", "% }")
    return f"$error({quoted(f'not translated: {named}')})"


def _key(task: Task, key: str) -> str:
    return f"{identifier(task.id)}_{key[1:]}" if key.startswith(":") else key
