"""Fields of a state as functions of what they see: payload templates, JSONata values, single paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from dagmig.verify.engine import intrinsics
from dagmig.verify.engine.errors import QUERY, InvalidMachine, StatesError, runtime
from dagmig.verify.engine.filters import kind
from dagmig.verify.engine.sight import Sight

Value = Callable[[Sight], Any]
JSONATA = "JSONata"
JSONPATH = "JSONPath"


@cache
def _expression() -> ModuleType:
    """The JSONata side, imported by the first machine that uses it: the library is an optional one."""
    try:
        return import_module("dagmig.verify.engine.expression")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{error}; install `dagmig[verify]`", name=error.name) from error


def constant(value: Any) -> Value:
    return lambda sight: value


def template(value: Any, language: str, field: str) -> Value:
    """The function of a field that may hold expressions anywhere inside."""
    found = _jsonata(value, field) if language == JSONATA else _payload(value)
    return found or constant(value)


def path(text: Any) -> Value:
    """The function of a JSONPath field that holds one path, or an intrinsic function."""
    if not isinstance(text, str):
        raise InvalidMachine(f"{text!r} is not a path")
    return intrinsics.compiled(text)


def _jsonata(value: Any, field: str) -> Value | None:
    """None where the value holds no expression, so that it stands for itself."""
    match value:
        case str() if value.startswith("{%") and value.endswith("%}"):
            return _expression().compiled(value, field)  # type: ignore[no-any-return]
        case dict():
            parts = {key: _jsonata(item, f"{field}/{key}") for key, item in value.items()}
            return _object(value, parts, {})
        case list():
            return _list(value, [_jsonata(item, f"{field}[{number}]") for number, item in enumerate(value)])
    return None


def _payload(value: Any) -> Value | None:
    match value:
        case dict():
            parts: dict[str, Value | None] = {}
            renamed: dict[str, str] = {}
            for key, item in value.items():
                if key.endswith(".$"):
                    parts[key], renamed[key] = path(item), key[:-2]
                else:
                    parts[key] = _payload(item)
            return _object(value, parts, renamed)
        case list():
            return _list(value, [_payload(item) for item in value])
    return None


def _object(
    value: Mapping[str, Any], parts: Mapping[str, Value | None], renamed: Mapping[str, str]
) -> Value | None:
    if not any(parts.values()):
        return None
    fields = [(renamed.get(key, key), parts[key] or constant(item)) for key, item in value.items()]
    return lambda sight: {key: part(sight) for key, part in fields}


def _list(value: list[Any], parts: list[Value | None]) -> Value | None:
    if not any(parts):
        return None
    items = [part or constant(item) for part, item in zip(parts, value, strict=True)]
    return lambda sight: [item(sight) for item in items]


def number(
    state: Mapping[str, Any], field: str, language: str, default: float, *, is_float: bool = False
) -> Value:
    """The function of a numeric field (``TimeoutSeconds``) or, in JSONPath, of its ``...Path``.

    It raises ``States.Runtime`` (JSONata: ``States.QueryEvaluationError``) for anything but a number, or
    but an integer.
    """
    at = f"{field}Path"
    if language == JSONPATH and at in state:
        where = f'The {at} field refers to value "{{}}" which is not a valid {{}}: {state[at]}'
        return _number(path(state[at]), where, is_float=is_float, error=runtime)
    if field not in state:
        return constant(default)
    if not isinstance(state[field], str):
        return constant(state[field])
    where = f'The {field} field has the value "{{}}" which is not a valid {{}}.'
    return _number(template(state[field], language, field), where, is_float=is_float, error=_query)


def _query(cause: str) -> StatesError:
    return StatesError(QUERY, cause, is_evaluation=True)


def _number(find: Value, where: str, *, is_float: bool, error: Callable[[str], StatesError]) -> Value:
    def read(sight: Sight) -> Any:
        value = find(sight)
        if isinstance(value, str) and value.isdecimal():
            return int(value)  # recorded on AWS: a variable that holds "2" is taken for MaxItemsPath
        if kind(value) != "number" or not (is_float or value == int(value)):
            raise error(where.format(_shown(value), "float" if is_float else "integer"))
        return value

    return read


def _shown(value: Any) -> str:
    return intrinsics.written(value)
