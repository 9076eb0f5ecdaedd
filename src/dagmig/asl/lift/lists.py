"""Which names stand for lists in a machine's JSONata, as far as its own expressions show it.

``orders.id`` is the id of each order where ``orders`` is a list, and a list of Python has no names. Where
some expression treats ``orders`` as a list, paths through it are left to the JSONata library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
    r"[\w)`\]]\s*\[|\^\(|\*\*|\$(?:append|distinct|filter|keys|map|partition|reverse|shuffle|sort|split|zip)\("
)
_OWN = frozenset({"$states", "input", "result", "context", "errorOutput"})  # which are no names of lists


@dataclass(frozen=True, slots=True)
class Lists:
    """Fields, and variables without ``$``. ``treated`` are used as lists; ``made`` are what an expression
    gives that may be a list or, as JSONata has it, its only member.
    """

    treated: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()


def lists(document: Any) -> Lists:
    """Those of a machine."""
    texts = list(_texts(document, ""))
    made = frozenset(key for key, text in texts if _MADE.search(text))
    return Lists(frozenset(name for key, text in texts for name in _treated(key, text)), made - {""})


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """The expressions, each with the key of the field that it is for."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member, key)
    elif isinstance(value, str) and value.startswith("{%"):
        yield key, value


def _treated(key: str, text: str) -> Iterator[str]:
    paths = [*_TREATED.findall(text), *(re.findall(_PATH, text) if key == "Items" else ())]
    found = [name for path in paths for name in _last(path, 1)]
    for path in _GIVEN.findall(text):  # of ``$sum(orders.price)`` orders may be the list, or price
        found += _last(path, 2)
    yield from (name for name in found if name)


def _last(path: str, count: int) -> list[str]:
    """The last names of a path; an empty one where it ends with a name that Step Functions gives."""
    names = path.split(".")[-count:]
    return ["" if name in _OWN else name.removeprefix("$") for name in names]
