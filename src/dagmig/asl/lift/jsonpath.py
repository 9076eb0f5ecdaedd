"""JSONPath data flow: paths, payload templates and intrinsic functions over documents.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html,
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dagmig.asl.lift.document import (
    EMPTY,
    INPUT,
    Arr,
    Doc,
    Key,
    Known,
    Lost,
    Obj,
    Ref,
    Scene,
    Text,
    insert,
    select,
)

_STEP = re.compile(
    r"\.(?P<name>[^\W\d][\w-]*)|\[(?P<index>-?\d+)\]|\['(?P<single>[^'\\]*)'\]|\[\"(?P<double>[^\"\\]*)\"\]"
)
_INTRINSIC = re.compile(r"States\.(?P<name>\w+)\((?P<arguments>.*)\)", re.DOTALL)
_FORMAT_HOLE = re.compile(r"\\(.)|(\{\})", re.DOTALL)
_VARIABLE = re.compile(r"\$(?P<name>[^\W\d]\w*)(?P<path>.*)", re.DOTALL)


def keys(path: str) -> tuple[Key, ...] | None:
    """The steps after the root (``.a[0]['b c']``); None for a path that may name several values."""
    found: list[Key] = []
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            return None
        index = step["index"]
        name = step["name"] or step["single"] or step["double"] or ""
        found.append(int(index) if index else name)
        position = step.end()
    return tuple(found)


def resolve(path: str, scene: Scene) -> Doc:
    """What a path, a context path (``$$.``), a variable (``$name``) or an intrinsic function names."""
    if (call := _INTRINSIC.fullmatch(path.strip())) is not None:
        return _intrinsic(call["name"], call["arguments"], scene)
    if path.startswith("$$"):
        return _selected(context(scene), path[2:], path)
    if (variable := _VARIABLE.fullmatch(path)) is not None:
        held = scene.variables.get(variable["name"], Lost(f"the variable `${variable['name']}` is not set"))
        return _selected(held, variable["path"], path)
    if path.startswith("$"):
        return _selected(scene.document, path[1:], path)
    return Lost(f"`{path}` is not a path")


def _selected(doc: Doc, path: str, whole: str) -> Doc:
    steps = keys(path)
    return Lost(f"`{whole}` may name several values") if steps is None else select(doc, steps)


def context(scene: Scene) -> Doc:
    """The context object as far as a DAG run has the same."""
    execution: dict[str, Doc] = {
        "Input": INPUT,
        "Name": Ref(context="run_id"),
        "Id": Lost("a DAG run has no execution ARN"),
        "StartTime": Lost("a DAG run writes its start another way than Step Functions"),
    }
    other = Lost("only the execution's part of the context object has a counterpart")
    held = other if scene.item is None else scene.item
    return Obj(
        {"Execution": Obj(execution), "State": other, "StateMachine": other, "Task": other, "Map": held}
    )


def template(value: Any, scene: Scene) -> Doc:
    """A payload template (``Parameters``, ``ResultSelector``, ``Assign``): ``"x.$"`` fields are looked up."""
    match value:
        case dict():
            return Obj(dict(_fields(value, scene)))
        case list():
            return Arr(tuple(template(member, scene) for member in value))
    return Known(value)


def _fields(value: dict[str, Any], scene: Scene) -> Iterator[tuple[str, Doc]]:
    for key, member in value.items():
        if not key.endswith(".$"):
            yield key, template(member, scene)
        elif isinstance(member, str):
            yield key[:-2], resolve(member, scene)
        else:
            yield key[:-2], Lost(f"`{key}` is not a path")


def reference_path(value: Any) -> tuple[Key, ...] | None:
    """A ``ResultPath`` as steps; None where it is none."""
    return keys(value[1:]) if isinstance(value, str) and value.startswith("$") else None


def _intrinsic(name: str, text: str, scene: Scene) -> Doc:
    arguments = [_argument(part, scene) for part in split_arguments(text)]
    match name, arguments:
        case "Format", [Known(str() as pattern), *values]:
            return _format(pattern, values)
        case "Array", _:
            return Arr(tuple(arguments))
        case "StringToJson", [Known(str() as constant)]:
            try:
                return Known(json.loads(constant))
            except ValueError:
                return Lost("the text is not JSON")
        case "StringToJson", [Ref(is_text=False) as held] if held.task and not held.path:
            return replace(held, is_text=True)
        case "JsonToString", [Ref(is_text=True, path=()) as held]:
            return replace(held, is_text=False)
        case "ArrayLength", [Arr(items)]:
            return Known(len(items))
        case "ArrayGetItem", [array, Known(int() as index)]:
            return select(array, (index,))
    return Lost(f"the intrinsic function States.{name} is not converted")


def _format(pattern: str, values: list[Doc]) -> Doc:
    parts: list[Doc] = []
    waiting = list(values)
    position = 0
    for hole in _FORMAT_HOLE.finditer(pattern):
        parts.append(Known(pattern[position : hole.start()] + (hole[1] or "")))
        if hole[2]:
            parts.append(waiting.pop(0) if waiting else Lost("States.Format has too few arguments"))
        position = hole.end()
    parts.append(Known(pattern[position:]))
    return text_of(parts)


def text_of(parts: list[Doc]) -> Doc:
    """Documents joined to a string; a constant where all of them are."""
    joined: list[Doc] = []
    for part in (
        inner for whole in parts for inner in (whole.parts if isinstance(whole, Text) else (whole,))
    ):
        spelled = part
        if isinstance(part, Known):
            spelled = Known(part.value if isinstance(part.value, str) else json.dumps(part.value))
        if isinstance(spelled, Known) and joined and isinstance(joined[-1], Known):
            joined[-1] = Known(joined[-1].value + spelled.value)
        elif spelled != Known(""):
            joined.append(spelled)
    if not joined:
        return Known("")
    return joined[0] if len(joined) == 1 and isinstance(joined[0], Known) else Text(tuple(joined))


def _argument(text: str, scene: Scene) -> Doc:
    if text.startswith("'") and text.endswith("'") and len(text) > 1:
        return Known(re.sub(r"\\(['\\])", r"\1", text[1:-1]))
    if text.startswith(("$", "States.")):
        return resolve(text, scene)
    try:
        return Known(json.loads(text))
    except ValueError:
        return Lost(f"`{text}` is no argument of an intrinsic function")


def split_arguments(text: str) -> list[str]:
    """The arguments of an intrinsic function, split at the commas outside quotes and brackets."""
    found, depth, quoted, start, skip = [], 0, False, 0, False
    for index, character in enumerate(text):
        if skip:
            skip = False
        elif character == "\\":
            skip = True
        elif character == "'":
            quoted = not quoted
        elif not quoted and character in "([":
            depth += 1
        elif not quoted and character in ")]":
            depth -= 1
        elif character == "," and not quoted and depth == 0:
            found.append(text[start:index].strip())
            start = index + 1
    last = text[start:].strip()
    return [*found, last] if last or found else []


def shape_input(fields: Mapping[str, Any], scene: Scene, *template_fields: str) -> Doc:
    """What the work of a state receives: ``InputPath``, then the payload template if there is one."""
    path = fields.get("InputPath", "$")
    document = EMPTY if path is None else resolve(path, scene) if isinstance(path, str) else Lost("no path")
    inner = scene.seeing(document)
    for name in template_fields:
        if name in fields:
            return template(fields[name], inner)
    return document


def shape_output(fields: Mapping[str, Any], scene: Scene, result: Doc, *, has_result: bool = True) -> Doc:
    """The output of a state: ``ResultSelector``, ``ResultPath``, ``OutputPath`` applied to its result."""
    if has_result and "ResultSelector" in fields:
        result = template(fields["ResultSelector"], scene.seeing(result))
    document = scene.document if has_result else shape_input(fields, scene)
    place = fields.get("ResultPath", "$") if has_result else None
    if place is not None:
        steps = reference_path(place)
        document = Lost("the ResultPath is no path") if steps is None else insert(document, steps, result)
    path = fields.get("OutputPath", "$")
    if path is None:
        return EMPTY
    return resolve(path, scene.seeing(document)) if isinstance(path, str) else Lost("no path")
