"""JSON text with Jinja in it as the data it renders to.

In quotes an expression is part of a string; outside of them it is a JSON value of its own:
``{"day": "{{ ds }}", "size": {{ params.size }}, "conf": {{ dag_run.conf | tojson }}}``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from dagmig.graph import jinja
from dagmig.graph.values import Entries, Literal, Opaque, Output, Param, RunContext, Template, Value
from dagmig.integrations.fragment import Expression, Rendered

QUOTED, BARE, END = "\ue000", "\ue001", "\ue002"  # private use: they stand for holes while the text is parsed
_HOLE = re.compile(f"[{QUOTED}{BARE}]([0-9]+){END}")
_TO_JSON = re.compile(r"(.+?)\s*\|\s*tojson", re.DOTALL)


def node(value: Value) -> Any:
    """A fragment's node for JSON text. Raises ``ValueError`` where it is no JSON, or not known."""
    match value:
        case Literal(bytes() as data):
            return node(Literal(data.decode()))
        case Literal(str() as text) if isinstance(parsed := jinja.parse(text), Template):
            return _filled(parsed.parts)
        case Literal(str() as text):
            return Literal(json.loads(text))
        case Literal(dict()) | Entries():
            return value
        case Template(parts):
            return _filled(parts)
        case Output() | Param() | RunContext():
            return _value(value)
    raise ValueError("not JSON text that is known")


def _filled(parts: tuple[str | Value, ...]) -> Any:
    pieces: list[str] = []
    is_quoted = False
    for number, part in enumerate(parts):
        if isinstance(part, str):
            if re.search(f"[{QUOTED}{BARE}{END}]", part):
                raise ValueError("characters for private use")
            pieces.append(part)
            is_quoted ^= len(re.findall(r'"', re.sub(r"\\.", "", part, flags=re.DOTALL))) % 2 == 1
            continue
        pieces.append(f"{QUOTED}{number}{END}" if is_quoted else f'"{BARE}{number}{END}"')
    return _restored(json.loads("".join(pieces)), parts)


def _restored(data: Any, parts: tuple[str | Value, ...]) -> Any:
    match data:
        case dict():
            if any(_HOLE.search(key) for key in data):
                raise ValueError("a key is known only when the machine runs")
            return {key: _restored(item, parts) for key, item in data.items()}
        case list():
            return [_restored(item, parts) for item in data]
        case str():
            return _text(data, parts)
    return data


def _text(text: str, parts: tuple[str | Value, ...]) -> Any:
    found: list[str | Value] = []
    position = 0
    for hole in _HOLE.finditer(text):
        part = parts[int(hole[1])]
        assert not isinstance(part, str)
        if text.startswith(BARE):
            return _value(part)
        if hole.start() > position:
            found.append(text[position : hole.start()])
        found.append(part)
        position = hole.end()
    if position < len(text):
        found.append(text[position:])
    return Template(tuple(found)) if position else Literal(text)


def _value(part: Value) -> Any:
    """A value that stands for itself: JSON text is read, ``tojson`` writes what is there."""
    if isinstance(part, Opaque) and (inner := _TO_JSON.fullmatch(part.source)):
        found = jinja.reference(inner[1])
        return Expression.of(Rendered(inner[1])) if isinstance(found, Opaque) else found
    return Expression.of("$type(", part, ") = 'string' ? $parse(", part, ") : ", part)
