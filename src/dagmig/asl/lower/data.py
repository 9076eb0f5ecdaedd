"""Values as JSON, and as JSONata where they are known only when the machine runs.

Whatever cannot be said raises ``Untranslatable``; the caller makes it an open row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from dagmig.asl.lower.jsonata import constant as source_of
from dagmig.asl.lower.jsonata import member, steps
from dagmig.asl.lower.scene import Scene, Untranslatable, named
from dagmig.asl.lower.templates.names import value_of
from dagmig.graph import jinja
from dagmig.graph.values import (
    Entries,
    Items,
    Joined,
    Literal,
    MapItem,
    New,
    Output,
    Template,
    Transformed,
    Value,
)
from dagmig.integrations.jsonata import quoted


def render(value: Value, scene: Scene) -> Any:
    """The value as JSON, with JSONata strings in it. Raises ``Untranslatable``."""
    match value:
        case Literal(constant):
            return _constant(constant, scene)
        case Items(items):
            return [render(item, scene) for item in items]
        case Entries(entries):
            return {_key(key): render(item, scene) for key, item in entries}
    return f"{{% {_source(value, scene)[0]} %}}"


def operand(value: Value, scene: Scene) -> str:
    """The value as a JSONata operand. Raises ``Untranslatable``."""
    match value:
        case Literal(str() as text) if not _is_rendered(text, scene):
            return quoted(text)
        case Literal(constant) if not isinstance(constant, str):
            return source_of(_constant(constant, scene))
        case Items(items):
            return f"[{', '.join(_member(item, scene) for item in items)}]"
        case Entries(entries):
            pairs = (f"{quoted(_key(key))}: {operand(item, scene)}" for key, item in entries)
            return f"{{{', '.join(pairs)}}}"
    source, is_loose = _source(value, scene)
    return f"({source})" if is_loose else source


def evaluated(source: str, scene: Scene, *, is_library: bool = False) -> str:
    """What a Jinja expression gives, as a JSONata operand. Raises ``Untranslatable``."""
    from dagmig.asl.lower.templates.statements import given  # imports jinja2

    return given(source, scene, is_library=is_library).atom


def _member(value: Value, scene: Scene) -> str:
    source = operand(value, scene)
    return source if isinstance(value, (Literal, Items, Entries, Template)) else member(source)


def _source(value: Value, scene: Scene) -> tuple[str, bool]:
    """JSONata for a template or a reference, and whether it needs parentheses as an operand."""
    match value:
        case MapItem(path) if scene.item:
            return steps(scene.item, path), False
        case Literal(str() as text):
            pass
        case Template():
            text = jinja.unparse(value)
        case _:
            code = value_of(value, scene)
            return code.source, code.is_loose
    from dagmig.asl.lower.templates.statements import printed  # imports jinja2

    code = printed(text, scene)
    return code.source, code.is_loose


def references(value: Value) -> Iterator[Output]:
    """Every task output that a value reads, Jinja in its texts included."""
    if isinstance(value, Output):
        yield value
    for part in _parts(value):
        yield from references(part)
    for pull in pulls(value):
        yield from pull.outputs


def pulls(value: Value) -> Iterator[jinja.Pull]:
    """The calls of ``xcom_pull`` in a value's own texts."""
    match value:
        case Literal(constant):
            for text in _texts(constant):
                yield from jinja.pulls(text)
        case Template():
            yield from jinja.pulls(jinja.unparse(value))


def reads_item(value: Value) -> bool:
    """Whether a value holds what an instance is mapped over."""
    return isinstance(value, MapItem) or any(reads_item(part) for part in _parts(value))


def _parts(value: Value) -> Iterator[Value]:
    """The values that a value is made of, one level down."""
    match value:
        case Items(items):
            yield from items
        case Entries(entries):
            yield from (item for pair in entries for item in pair)
        case Joined(_, parts, fill):
            yield from (*parts, *(() if fill is None else (fill,)))
        case Transformed(inner):
            yield inner
        case New(_, arguments, keywords):
            yield from (*arguments, *keywords.values())


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
    if _is_rendered(text, scene):
        return f"{{% {_source(Literal(text), scene)[0]} %}}"
    looks_like_code = text.startswith("{%") and text.endswith("%}")
    return f"{{% {quoted(text)} %}}" if looks_like_code else text


def _is_rendered(text: str, scene: Scene) -> bool:
    """Whether there may be something in a text to render; a DAG may have other delimiters."""
    return bool(scene.rendering.options) or jinja.has_jinja(text)


def _key(key: Value) -> str:
    if isinstance(key, Literal) and isinstance(key.value, (str, int)):
        return str(key.value)
    raise Untranslatable(f"the key {named(key)}")


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
