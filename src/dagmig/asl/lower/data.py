"""Values as JSON, and as JSONata where they are known only when the machine runs.

Whatever cannot be said raises ``Untranslatable``; the caller makes it an open row.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dagmig.graph import jinja
from dagmig.graph.values import (
    Entries,
    Function,
    Items,
    Literal,
    MapItem,
    New,
    Output,
    Param,
    RunContext,
    Template,
    Value,
)

INPUT = "$states.context.Execution.Input"
LOGICAL_DATE = f"{INPUT}.logical_date"
_LOGICAL = f"($exists({LOGICAL_DATE}) ? {LOGICAL_DATE} : $states.context.Execution.StartTime)"
_DS = f"$substring({_LOGICAL}, 0, 10)"
_TS = f"$substring({_LOGICAL}, 0, 19)"
CONTEXT: Mapping[str, str] = {
    "ds": _DS,
    "ds_nodash": f"$replace({_DS}, '-', '')",
    "ts": f"{_TS} & '+00:00'",
    "ts_nodash": f"$replace($replace({_TS}, '-', ''), ':', '')",
    "ts_nodash_with_tz": f"$replace($replace({_TS}, '-', ''), ':', '') & '+0000'",
    "run_id": "$states.context.Execution.Name",
    "dag_run.run_id": "$states.context.Execution.Name",
    "dag_run.conf": f"$exists({INPUT}.conf) ? {INPUT}.conf : {{}}",
}  # https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Untranslatable(ValueError):
    """A value that has no form in a state machine; the message names it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a state may refer to: ``variable`` gives the JSONata of a task's output where it can be
    read, ``params`` are the DAG's defaults, ``constants`` the names of the run that are known. What is
    put into a text and need not be one is given to ``in_text``. ``item`` is the JSONata of what an
    instance of a mapped task is given.
    """

    variable: Callable[[Output], str]
    params: Mapping[str, Any]
    constants: Mapping[str, str]
    in_text: Callable[[Value], None]
    item: str = ""


def render(value: Value, scene: Scene) -> Any:
    """The value as JSON, with JSONata strings in it. Raises ``Untranslatable``."""
    match value:
        case Literal(constant):
            return _constant(constant, scene)
        case Items(items):
            return [render(item, scene) for item in items]
        case Entries(entries):
            return {_key(key): render(item, scene) for key, item in entries}
    return f"{{% {_bare(operand(value, scene))} %}}"


def _bare(source: str) -> str:
    """Without parentheses around the whole."""
    while source.startswith("(") and source.endswith(")") and _closes_last(source):
        source = source[1:-1]
    return source


def _closes_last(source: str) -> bool:
    """Whether the first parenthesis is closed by the last one; a quoted parenthesis makes it unsure."""
    depth = 0
    for place, character in enumerate(source):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place == len(source) - 1 and "'" not in source and '"' not in source
    return False


def operand(value: Value, scene: Scene) -> str:
    """The value as a JSONata operand. Raises ``Untranslatable``."""
    match value:
        case Literal(str() as text) if isinstance(parsed := jinja.parse(text), Template):
            return operand(parsed, scene)
        case Literal(constant):
            return _source(_constant(constant, scene))
        case Items(items):
            return f"[{', '.join(operand(item, scene) for item in items)}]"
        case Entries(entries):
            pairs = (f"{quoted(_key(key))}: {operand(item, scene)}" for key, item in entries)
            return f"{{{', '.join(pairs)}}}"
        case Template(parts):
            return _text(parts, scene)
        case Output(_, _, path):
            return steps(scene.variable(value), path)
        case MapItem(path) if scene.item:
            return steps(scene.item, path)
        case Param(name, path):
            return _param(name, path, scene)
        case RunContext(name, path) if name in scene.constants and not path:
            return quoted(scene.constants[name])
        case RunContext(name, path) if name in CONTEXT:
            return steps(f"({CONTEXT[name]})", path)
    raise Untranslatable(named(value))


def references(value: Value) -> Iterator[Output]:
    """Every task output that a value reads, Jinja in its texts included."""
    if isinstance(value, Output):
        yield value
    for part in _parts(value):
        yield from references(part)


def _parts(value: Value) -> Iterator[Value]:
    """The values that a value is made of, one level down."""
    match value:
        case Literal(constant):
            parsed = (jinja.parse(text) for text in _texts(constant))
            yield from (template for template in parsed if isinstance(template, Template))
        case Items(items):
            yield from items
        case Entries(entries):
            yield from (item for pair in entries for item in pair)
        case Template(parts):
            yield from (part for part in parts if not isinstance(part, str))
        case New(_, arguments, keywords):
            yield from (*arguments, *keywords.values())


def steps(base: str, path: tuple[str | int, ...]) -> str:
    """JSONata that looks keys up; parentheses keep an index from reaching into every member."""
    for key in path:
        base = f"({base})[{key}]" if isinstance(key, int) else f"{base}.{_field(key)}"
    return base


def quoted(text: str) -> str:
    """A JSONata string; JSONata knows JSON's escapes and no other."""
    inner = json.dumps(text, ensure_ascii=False)
    return inner if "'" in text or '"' in text else f"'{inner[1:-1]}'"


def _source(constant: Any) -> str:
    match constant:
        case str():
            return quoted(constant)
        case list():
            return f"[{', '.join(_source(item) for item in constant)}]"
        case dict():
            return f"{{{', '.join(f'{quoted(k)}: {_source(v)}' for k, v in constant.items())}}}"
    return json.dumps(constant)


def _constant(constant: Any, scene: Scene) -> Any:
    match constant:
        case str():
            return _string(constant, scene)
        case None | bool() | int():
            return constant
        case float() if math.isfinite(constant):
            return constant
        case timedelta():
            return constant.total_seconds()
        case datetime() | date():
            return constant.isoformat()
        case list() | tuple():
            return [_constant(item, scene) for item in constant]
        case set() | frozenset():
            return [_constant(item, scene) for item in sorted(constant, key=repr)]
        case dict():
            return {_key(Literal(k)): _constant(v, scene) for k, v in constant.items()}
    raise Untranslatable(repr(constant))


def _string(text: str, scene: Scene) -> str:
    parsed = jinja.parse(text)
    if isinstance(parsed, Template):
        return f"{{% {operand(parsed, scene)} %}}"
    looks_like_code = text.startswith("{%") and text.endswith("%}")
    return f"{{% {quoted(text)} %}}" if looks_like_code else text


def _text(parts: tuple[str | Value, ...], scene: Scene) -> str:
    """Text with values in it: always a string, as Airflow renders it."""
    pieces = [quoted(part) if isinstance(part, str) else _in_text(part, scene) for part in parts]
    return " & ".join(pieces)


def _in_text(part: Value, scene: Scene) -> str:
    source = operand(part, scene)
    if isinstance(part, RunContext) and not part.path and part.name != "dag_run.conf":
        return f"({source})"
    scene.in_text(part)
    return f"$string({source})"


def _param(name: str, path: tuple[str | int, ...], scene: Scene) -> str:
    given = f"{INPUT}.conf.{_field(name)}"
    if name not in scene.params:
        return steps(given, path)
    default = _source(_constant(scene.params[name], scene))
    return steps(f"($exists({given}) ? {given} : {default})", path)


def _key(key: Value) -> str:
    if isinstance(key, Literal) and isinstance(key.value, (str, int)):
        return str(key.value)
    raise Untranslatable(f"the key {named(key)}")


def _field(name: str) -> str:
    return name if _NAME.match(name) else f"`{name}`"


def named(value: Value) -> str:
    """The value as a reader of the DAG file knows it."""
    match value:
        case Function(name):
            return f"the function {name}"
        case New(kind):
            return f"{kind}(...)"
        case Literal(constant):
            return repr(constant)
        case MapItem():
            return "what it is mapped over"
    try:
        return jinja.expression(value)
    except TypeError:
        return type(value).__name__


def _texts(constant: Any) -> Iterator[str]:
    match constant:
        case str():
            yield constant
        case dict():
            for item in constant.values():
                yield from _texts(item)
        case list() | tuple() | set() | frozenset():
            for item in constant:
                yield from _texts(item)
