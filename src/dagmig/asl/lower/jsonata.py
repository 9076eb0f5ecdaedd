"""JSONata as text: strings, constants and paths (https://docs.jsonata.org/)."""

from __future__ import annotations

import json
import re
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def steps(base: str, path: tuple[str | int, ...]) -> str:
    """JSONata that looks keys up; parentheses keep an index from reaching into every member."""
    for key in path:
        base = f"({base})[{key}]" if isinstance(key, int) else f"{base}.{field_of(key)}"
    return base


def quoted(text: str) -> str:
    """A JSONata string; JSONata knows JSON's escapes and no other."""
    inner = json.dumps(text, ensure_ascii=False)
    return inner if "'" in text or '"' in text else f"'{inner[1:-1]}'"


def member(source: str) -> str:
    """A value as a member of a list, among which JSONata takes lists apart that are not written out."""
    return f"($one := {source}; $type($one) = 'array' ? [[$one]] : $one)"


def constant(value: Any) -> str:
    """A JSON value as JSONata."""
    match value:
        case str():
            return quoted(value)
        case list() | tuple():
            return f"[{', '.join(constant(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{quoted(str(k))}: {constant(v)}' for k, v in value.items())}}}"
    return json.dumps(value)


def field_of(name: str) -> str:
    """A key in a path."""
    return name if _NAME.match(name) else f"`{name}`"
