"""SQL text as operators take it: one statement, a list of them, a text with several, or a file's name."""

from __future__ import annotations

import re

from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal, Value
from dagmig.integrations.spelling import given, items

FILES = (".sql", ".hql", ".json")
_PIECE = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | \$(\w*)\$.*?\$\1\$ | \{\{.*?\}\} | ; | .""",
    re.VERBOSE | re.DOTALL,
)


def statements(task: Task, argument: str = "sql") -> list[Value]:
    """The statements of an argument, in order. Raises ``ValueError`` in words where they are not known."""
    value = given(task, argument)
    if value is None:
        raise ValueError("there is none")
    if isinstance(value, Items) or (isinstance(value, Literal) and isinstance(value.value, (list, tuple))):
        found = [one for item in items(value) for one in _parted(item)]
        if not found:
            raise ValueError("there is none")
        return found
    return _parted(value)


def only(found: list[Value]) -> Value:
    """The one statement there is."""
    if len(found) > 1:
        raise ValueError("there are several: make a task of each")
    return found[0]


def _parted(value: Value) -> list[Value]:
    if not isinstance(value, Literal):
        return [value]
    if not isinstance(value.value, str):
        raise ValueError("it is no text")
    if value.value.strip().endswith(FILES):
        raise ValueError(f"it is in the file `{value.value.strip()}`: put its text here")
    found = [Literal(text) for text in split(value.value)]
    if not found:
        raise ValueError("there is none")
    return list(found)


def split(text: str) -> list[str]:
    """The statements of a text: what stands between semicolons, not those in strings and comments."""
    found = [""]
    for piece in _PIECE.finditer(text):
        if piece[0] == ";":
            found.append("")
        else:
            found[-1] += piece[0]
    return [one.strip() for one in found if _says_something(one)]


def _says_something(text: str) -> bool:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL).strip() != ""
