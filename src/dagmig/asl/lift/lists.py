"""Which names stand for lists in a machine's JSONata, as far as its own expressions show it.

``orders.id`` is the id of each order where ``orders`` is a list, and a list of Python has no names. Where
some expression treats ``orders`` as a list, paths through it are left to the JSONata library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_PATH = r"\$?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_TREATED = re.compile(
    rf"({_PATH})\s*(?:\[|\.\s*[({{$\[]|\^\()"
)  # a predicate, something of each member, an order
_GIVEN = re.compile(
    r"\$(?:append|average|count|distinct|each|filter|join|map|max|min|partition|reduce|reverse|shuffle|single|sort"
    rf"|sum|zip)\(\s*({_PATH})"
)
_MADE = re.compile(
    r"\[|\^\(|\*\*|\$(?:append|distinct|filter|keys|map|partition|reverse|shuffle|sort|split|zip)\("
)
_OWN = frozenset({"$states", "input", "result", "context", "errorOutput"})  # which are no names of lists


def list_names(value: Any, key: str = "") -> frozenset[str]:
    """The fields, and the variables without ``$``, that a machine or a part of it has for lists."""
    return frozenset(_names(value, key)) - {""}


def _names(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _names(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from _names(member, key)
    elif isinstance(value, str) and value.startswith("{%"):
        treated = [*_TREATED.findall(value), *(re.findall(_PATH, value) if key == "Items" else ())]
        yield from (_last(path, 1)[0] for path in treated)
        for path in _GIVEN.findall(value):  # of ``$sum(orders.price)`` orders may be the list, or price
            yield from _last(path, 2)
        if _MADE.search(value):
            yield key


def _last(path: str, count: int) -> list[str]:
    """The last names of a path; an empty one where it ends with a name that Step Functions gives."""
    names = path.split(".")[-count:]
    return ["" if name in _OWN else name.removeprefix("$") for name in names]
