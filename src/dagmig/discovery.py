"""Find every value of a type declared in the modules of a package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


def declared(package: str, kind: type[T]) -> Iterator[T]:
    """Yield module-level values of ``kind``, and those inside module-level tuples, in module order.

    A value imported from a sibling module is yielded once, where it was found first.
    """
    return (value for _, value in placed(package, kind))


def placed(package: str, kind: type[T]) -> Iterator[tuple[str, T]]:
    """As ``declared``, each with the name of its module."""
    seen: set[int] = set()
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    for name in sorted(info.name for info in found):
        for value in list(vars(importlib.import_module(name)).values()):
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, kind) and id(item) not in seen:
                    seen.add(id(item))
                    yield name, item
