"""Data for a machine, made up from what it reads: a value that no other has for every path, of the kind that
is asked for; and the values that make a difference to its Choices.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from dagmig.asl.model import written_states

Document = Mapping[str, Any]
ITEMS = 3
_PATH = re.compile(r"\$\$?((?:\.[A-Za-z_]\w*|\[\d+\]|\[\*\])+)")
_JSONATA = re.compile(r"\$states\.(?:input|result|context\.Execution\.Input)((?:\.[A-Za-z_]\w*|\[\d+\])+)")
_VARIABLE = re.compile(r"\$(?!states\b)([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)+)")
_COMPARED = re.compile(
    r"([\w.]+)\)?\s*(=|!=|<=|>=|<|>)\s*('[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?|true|false|null)"
)


ABSENT = "(absent)"


def candidates(document: Document) -> dict[str, list[Any]]:
    """The values that may make a difference, by the last name of the path that is compared."""
    found: dict[str, list[Any]] = {}

    def add(path: str, *values: Any) -> None:
        known = found.setdefault(path.rpartition(".")[2], [])
        known.extend(one for one in values if not any(_same(one, other) for other in known))

    for state in of_type(document, "Choice"):
        for rule in state["Choices"]:
            for test in _tests(rule):
                for operator, value in test.items():
                    if operator not in ("Variable", "Next", "Comment"):
                        add(test.get("Variable", ""), *_about(operator, value))
                        if operator.endswith("Path"):
                            add(value, *_about(operator, value))
        for expression in _expressions(state):
            for path, _, literal in _COMPARED.findall(expression):
                value = json.loads(f'"{literal[1:-1]}"') if literal[0] in "'\"" else json.loads(literal)
                add(path, *_near(value))
    return found


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _tests(rule: Any) -> Iterator[dict[str, Any]]:
    if isinstance(rule, dict):
        if "Variable" in rule:
            yield rule
        for key in ("And", "Or", "Not"):
            for one in rule[key] if isinstance(rule.get(key), list) else [rule.get(key)]:
                yield from _tests(one)


SIDES: dict[str, list[Any]] = {
    "Numeric": [1, 50],
    "String": ["a", "zz"],
    "Timestamp": ["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
    "Boolean": [True, False],
}


def _about(operator: str, value: Any) -> list[Any]:
    """Values on both sides of a comparison."""
    if operator.endswith("Path"):
        return next(found for kind, found in SIDES.items() if operator.startswith(kind))
    kinds: dict[str, list[Any]] = {
        "IsPresent": ["here", ABSENT, {"k": 1}],
        "IsNull": [None, "something"],
        "IsBoolean": [True, "text"],
        "IsNumeric": [7, "text"],
        "IsString": ["text", 7],
        "IsTimestamp": ["2024-01-02T03:04:05Z", "text"],
    }
    if operator in kinds:
        return kinds[operator]
    if operator == "StringMatches":
        return [value.replace("\\*", "\0").replace("*", "xy").replace("\0", "*"), "nothing like it"]
    if operator.startswith("Timestamp"):
        return [value, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]
    return _near(value)


def _near(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [value, not value]
    if isinstance(value, (int, float)):
        return [value, value + 1, value - 1]
    if isinstance(value, str):
        return [value, value + "z", "A"]
    return [value, "something", ABSENT]


# what data there are


def data(
    document: Document, seed: Mapping[str, Any], values: list[dict[Any, Any]]
) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    """An input, and what each state returns: at first with the first values, then with the next."""
    shape = _shape(document)
    told = seed.get("input", {})
    given = {**_made(shape, "input"), **told} if isinstance(told, dict) else told
    given = _with(given, values[0])
    script = {}
    for name, state in written_states(document):
        if state["Type"] != "Task":
            continue
        result = seed.get("results", {}).get(name, _result(name, state, shape))
        rounds = result[THEN] if isinstance(result, dict) and THEN in result else [result]
        count = max(len(rounds), len(values))
        both = [(rounds[min(n, len(rounds) - 1)], values[min(n, len(values) - 1)]) for n in range(count)]
        script[name] = [{"return": _with(deepcopy(one), changed)} for one, changed in both]
    return given, script


def _with(data: Any, values: Mapping[Any, Any]) -> Any:
    """The data with some values in the place of others, wherever their names are."""
    if isinstance(data, list):
        return [_with(one, values) for one in data]
    if not isinstance(data, dict):
        return data
    found = {}
    for key, one in data.items():
        if ("items", key) in values and isinstance(one, list):
            one = one[: values["items", key]]
        value = values.get(key, ABSENT if key in values else _with(one, values))
        if not _same(value, ABSENT):
            found[key] = value
    return found


THEN = "then"  # in a seed's results: what the calls return in turn
LIST = object()
Shape = dict[str, Any]


def _shape(document: Document) -> Shape:
    """All paths that the machine reads, as a tree: a leaf is the kind of value that is asked for."""
    shape: Shape = {}
    for text in _texts(document):
        for path in (*_PATH.findall(text), *_JSONATA.findall(text)):
            _grow(shape, _steps(path))
        for _, path in _VARIABLE.findall(text):
            _grow(shape, _steps(path))
    for _, state in written_states(document):
        if (path := items_path(state)) is not None:
            _grow(shape, [path], LIST)
        for key, kind in (("SecondsPath", 5), ("TimestampPath", "2024-05-06T08:00:00Z")):
            if key in state:
                _grow(shape, _steps(state[key][1:]), kind)
    _grow_functions(document, shape)
    return shape


FUNCTIONS: dict[str, Any] = {
    "MathAdd": 4,
    "MathRandom": 1,
    "ArrayLength": LIST,
    "ArrayPartition": LIST,
    "ArrayContains": LIST,
    "ArrayGetItem": LIST,
    "ArrayUnique": LIST,
    "StringToJson": '{"a": 1}',
    "StringSplit": "a,b",
}


def _grow_functions(document: Document, shape: Shape) -> None:
    for text in _texts(document):
        for name, path in re.findall(r"States\.(\w+)\(\$((?:\.\w+)+)", text):
            if name in FUNCTIONS:
                _grow(shape, _steps(path), FUNCTIONS[name])


def _steps(path: str) -> list[str]:
    """``.Execution.Input.a`` are those of the input; of other parts of the context there are none."""
    steps = [one for one in re.split(r"\.|(\[\d+\]|\[\*\])", path) if one]
    if steps[:2] == ["Execution", "Input"]:
        return steps[2:]
    if steps[:3] == ["Map", "Item", "Value"]:
        return steps[3:]
    if steps[:1] in (["Execution"], ["State"], ["StateMachine"], ["Task"]) or steps[:2] == ["Map", "Item"]:
        return []
    return steps


def _grow(shape: Shape, steps: list[str], kind: Any = None) -> None:
    for number, step in enumerate(steps):
        if step.startswith("["):
            return
        is_list = steps[number + 1 : number + 2] and steps[number + 1].startswith("[")
        if is_list or (number == len(steps) - 1):
            if shape.get(step) is None:
                shape[step] = LIST if is_list else kind
            return
        if not isinstance(shape.get(step), dict):
            shape[step] = {}
        shape = shape[step]


def _made(shape: Shape, whose: str, depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, kind in sorted(shape.items()):
        if kind is LIST:
            if depth == 0:
                flat = {name: one for name, one in shape.items() if one is not LIST}
                found[key] = [
                    {**_made(flat, f"{whose} {key} {number}", 1), "number": number} for number in range(ITEMS)
                ]
        elif isinstance(kind, dict):
            found[key] = _made(kind, f"{whose} {key}", depth)
        else:
            found[key] = f"{key} of {whose}" if kind is None else kind
    return found


def _result(name: str, state: Document, shape: Shape) -> Any:
    """What a state returns: all that anybody could read."""
    is_invoked = state["Resource"].startswith("arn:aws:states:::lambda:invoke")
    place = state.get("ResultPath", "$")
    whole = shape
    if state.get("ResultSelector") is None and isinstance(place, str) and place.startswith("$."):
        for step in _steps(place[1:]):
            inner = whole.get(step)
            if inner is LIST:
                return _made({step: LIST, **{k: v for k, v in shape.items() if v is not LIST}}, name)[step]
            if not isinstance(inner, dict):
                return {"of": name} if inner is None and step not in whole else _scalar(inner, step, name)
            whole = inner
    made = _made(whole, name)
    made.setdefault("of", name)
    if is_invoked:
        payload = made.get("Payload")
        made["Payload"] = {**made, **(payload if isinstance(payload, dict) else {})}
        return {"Payload": made.pop("Payload"), "StatusCode": 200}
    return made


def _scalar(kind: Any, step: str, name: str) -> Any:
    return f"{step} of {name}" if kind is None else kind


def items_path(state: Document) -> str | None:
    """The last name of the path to a Map's items."""
    if state["Type"] != "Map":
        return None
    text = state.get("ItemsPath") or state.get("Items")
    if not isinstance(text, str):
        return None
    found = re.findall(r"[A-Za-z_]\w*", text)
    return found[-1] if found else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _expressions(state: Document) -> Iterator[str]:
    for text in _texts({key: one for key, one in state.items() if key != "Comment"}):
        if text.startswith("{%"):
            yield text


def of_type(document: Document, kind: str) -> Iterator[Document]:
    for _, state in written_states(document):
        if state["Type"] == kind:
            yield state
