"""JSONata as text: strings, constants and paths (https://docs.jsonata.org/)."""

from __future__ import annotations

import json
import re
from typing import Any

from dagmig.integrations.jsonata import quoted

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def steps(base: str, path: tuple[str | int, ...]) -> str:
    """JSONata that looks keys up; parentheses keep an index from reaching into every member."""
    for key in path:
        base = f"({base})[{key}]" if isinstance(key, int) else f"{base}.{field_of(key)}"
    return base


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
