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

from dagmig.asl.lift import intrinsics, runtime, several
from dagmig.asl.lift.document import (
    EMPTY,
    INPUT,
    OTHERS,
    Arr,
    Doc,
    Key,
    Known,
    Lost,
    Made,
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
    steps = several.steps(path)
    if steps is None:
        return Lost(f"`{whole}` is not a path that is understood")
    if not any(isinstance(step, several.Several) for step in steps):
        return select(doc, tuple(steps))
    for depth, step in enumerate(steps):
        if isinstance(doc, Obj) and isinstance(step, str) and step not in doc.fields:
            doc = doc.fields.get(OTHERS, doc)
        if isinstance(step, several.Several) or not isinstance(doc, Obj | Known):
            return Made("find_all", (doc,), tuple(several.source(one) for one in steps[depth:]))
        doc = select(doc, (step,))
        if isinstance(doc, Lost) and "is not in the data" in doc.reason:
            return Known([])
    return doc


RUN_FOR_ARN = "dag_run.run_id"  # spelled otherwise than the run's name, so that it is found again
ROLE_NAME = 'dag_run.dag_id + "_role_arn"'  # of the Airflow Variable with the machine's role


def context(scene: Scene) -> Doc:
    """The context object as far as a DAG run has the same; the run's id stands for the execution's ARN."""
    no_arn = Lost("a DAG has no ARN")
    own: dict[str, dict[str, Doc]] = {
        "Execution": {
            "Id": Ref(context=RUN_FOR_ARN),
            "Input": scene.given,
            "Name": Ref(context="run_id"),
            "StartTime": Made("time_text", (Ref(context="dag_run.start_date"),)),
            "RoleArn": Made("Variable.get", (Ref(context=ROLE_NAME),)),
            "RedriveCount": Known(0),
        },
        "State": {
            "EnteredTime": Made("time_now", ()),
            "Name": Known(scene.state),
            "RetryCount": Ref(context="(ti.try_number - 1)"),
        },
        "StateMachine": {"Id": no_arn, "Name": Ref(context="dag_run.dag_id")},
        "Task": {"Token": Lost("nobody can report back to an Airflow task with a token")},
    }
    fields: dict[str, Doc] = {name: Obj(inner) for name, inner in own.items()}
    return Obj(fields if scene.item is None else {**fields, "Map": scene.item})


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
                return Known(intrinsics.string_to_json(constant))
            except ValueError:
                return Lost("the text is not JSON")
        case "StringToJson", [Ref(is_text=False) as held] if held.task and not held.path:
            return replace(held, is_text=True)
        case "ArrayLength", [Arr(items)]:
            return Known(len(items))
        case "ArrayGetItem", [Arr(items), Known(int() as index)] if 0 <= index < len(items):
            return items[index]
        case "JsonMerge", [left, right, Known(False)]:
            return Made("json_merge", (left, right))
    found = FUNCTIONS.get(name)
    if found is None or len(arguments) not in found[1]:
        return Lost(f"States.{name} with {len(arguments)} arguments is not known")
    return Made(found[0], tuple(arguments))


FUNCTIONS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "StringToJson": ("string_to_json", (1,)),
    "JsonToString": ("json_to_string", (1,)),
    "ArrayPartition": ("array_partition", (2,)),
    "ArrayContains": ("array_contains", (2,)),
    "ArrayRange": ("array_range", (3,)),
    "ArrayGetItem": ("array_get_item", (2,)),
    "ArrayLength": ("array_length", (1,)),
    "ArrayUnique": ("array_unique", (1,)),
    "Base64Encode": ("base64_encode", (1,)),
    "Base64Decode": ("base64_decode", (1,)),
    "Hash": ("hash_of", (2,)),
    "MathRandom": ("math_random", (2,)),
    "MathAdd": ("math_add", (2,)),
    "StringSplit": ("string_split", (2,)),
    "UUID": ("new_uuid", (0,)),
}  # the companions of a DAG that do what intrinsic functions do, and how many arguments they have


def _format(pattern: str, values: list[Doc]) -> Doc:
    parts: list[Doc] = []
    waiting = list(values)
    position = 0
    for hole in _FORMAT_HOLE.finditer(pattern):
        parts.append(Known(pattern[position : hole.start()] + (hole[1] or "")))
        if hole[2]:
            parts.append(_held(waiting.pop(0)) if waiting else Lost("States.Format has too few arguments"))
        position = hole.end()
    parts.append(Known(pattern[position:]))
    return text_of(parts, "written")


def _held(doc: Doc) -> Doc:
    """What is put into a text; an object or a list is written by a function, as no template writes it so."""
    is_object = isinstance(doc, Obj | Arr) or doc == INPUT  # a run's conf is an object
    return Made("written", (doc,)) if is_object else doc


def text_of(parts: list[Doc], writer: str = "as_text") -> Doc:
    """Documents joined to a string; a constant where all of them are."""
    joined: list[Doc] = []
    companion = runtime.as_text if writer == "as_text" else intrinsics.written
    for part in (
        inner for whole in parts for inner in (whole.parts if isinstance(whole, Text) else (whole,))
    ):
        spelled = part
        if isinstance(part, Known):
            spelled = Known(companion(part.value))
        if isinstance(spelled, Known) and joined and isinstance(joined[-1], Known):
            joined[-1] = Known(joined[-1].value + spelled.value)
        elif spelled != Known(""):
            joined.append(spelled)
    match joined:
        case []:
            return Known("")
        case [Made("written")]:
            return joined[0]
    return joined[0] if len(joined) == 1 and isinstance(joined[0], Known) else Text(tuple(joined), writer)


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
