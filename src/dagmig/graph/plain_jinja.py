"""Templates as most are: names with what is looked up and called on them, known without Jinja's own parser.

That one takes a millisecond for each, and to import it fifty.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dagmig.graph.jinja import RESERVED, has_jinja

_NAME = r"[A-Za-z_]\w*"
_PLAIN = rf"(?:{_NAME}(?:\.{_NAME})*|'[^'\\]*'|\"[^\"\\]*\"|-?(?:0|[1-9]\d*))"
_PLACED = rf"{_PLAIN}(?!\s*=)"
_NAMED = rf"{_NAME}\s*=\s*{_PLAIN}"
_AFTER = rf"(?:\s*,\s*{_NAMED})*"
_GIVEN = rf"(?:{_PLACED}(?:\s*,\s*{_PLACED})*{_AFTER}|{_NAMED}{_AFTER})"
_CALLED = rf"\(\s*(?:{_GIVEN}\s*)?\)"
_LOOKED_UP = rf"(?:\.{_NAME}|\[{_PLAIN}\]|{_CALLED})"
_FILTERED = rf"(?:\s*\|\s*{_NAME})"
_EXPRESSION = re.compile(rf"\{{\{{\s*({_NAME}{_LOOKED_UP}*{_FILTERED}*)\s*\}}\}}", re.ASCII)
_PIECES = re.compile(rf"'[^']*'|\"[^\"]*\"|([.|]\s*)?({_NAME})(\s*=)?", re.ASCII)


class Used(NamedTuple):
    """What a template takes from its context, and the filters it goes through."""

    names: frozenset[str]
    filters: frozenset[str]


def used(text: str) -> Used | None:
    """Of a template that Jinja can parse; None where there is more in it, or where Jinja has to look."""
    parts = _EXPRESSION.split(text)
    if "\r" in text or any(has_jinja(part) for part in parts[::2]):
        return None
    names: set[str] = set()
    filters: set[str] = set()
    for before, expression in zip(parts[::2], parts[1::2], strict=False):
        if before.endswith("{"):
            return None
        for mark, name, keyword in _PIECES.findall(expression):
            if mark.startswith("|"):
                filters.add(name)
            elif not mark and not keyword:
                names.add(name)
            if name in RESERVED or name == "self":
                return None
    return Used(frozenset(names - {""}), frozenset(filters))
