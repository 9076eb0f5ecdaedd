"""Methods of plain data: text, lists, dicts, sets, dates."""

from __future__ import annotations

import ast
from collections import deque
from datetime import date, datetime, time, timedelta
from typing import Any

from dagmig.airflow.read.doubts import reason
from dagmig.airflow.read.evaluation import CONTAINERS, MAX_SIZE, NotKnown, Raised
from dagmig.airflow.read.expressions import FAILURES
from dagmig.airflow.read.objects import Class, Instance, Lazy, Unsure
from dagmig.airflow.read.plain import PlainCalls
from dagmig.airflow.read.proxies import Shown
from dagmig.airflow.read.texts import MAX_WIDTH, check_order, str_format

MANY_KINDS = (date, time, timedelta)  # pendulum's are held as those of datetime
SPANS = {"weeks", "days", "hours", "minutes", "seconds"}  # pendulum's, as those of ``timedelta``
MOVING = ("now", "today", "utcnow")
WIDE = ("ljust", "rjust", "center", "zfill", "expandtabs")
GIVING_NONE = [
    "append",
    "appendleft",
    "extend",
    "extendleft",
    "update",
    "insert",
    "add",
    "discard",
    "remove",
    "clear",
    "reverse",
    "sort",
    "rotate",
    "difference_update",
    "intersection_update",
]
CHANGING = frozenset([*GIVING_NONE, "pop", "popleft", "popitem", "setdefault", "move_to_end", "subtract"])


class Methods(PlainCalls):
    """Calls a method, and changes a container in place."""

    def _data_method(  # noqa: C901, PLR0912
        self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        if isinstance(owner, datetime) and name in ("add", "subtract") and not args and set(kwargs) <= SPANS:
            if not all(type(value) in (int, float) for value in kwargs.values()):
                return self.unknown(node, "a date moved by something unknown")
            return owner + timedelta(**kwargs) if name == "add" else owner - timedelta(**kwargs)
        if name.startswith("_") or name in MOVING or not hasattr(owner, name):
            if not hasattr(owner, name) and not isinstance(owner, MANY_KINDS):
                raise Raised(AttributeError(name))
            return self.unknown(node, f"`{name}` of these values")
        if isinstance(owner, (list, dict, set, deque)) and name in CHANGING:
            return self._change(owner, name, args, kwargs, node)
        if id(owner) in self.blurred or (isinstance(owner, dict) and "**" in owner):
            return self.unknown(node)
        if isinstance(owner, (list, dict, tuple, set, deque)):
            if not (name in ("items", "keys", "values", "copy") or self.is_key_like(args[:1])):
                return self.unknown(node)
            if name in ("index", "count") and not self.is_deeply_known(owner):
                return self.unknown(node)
            given: list[Any] = args
        else:
            opened = (Lazy, Class, Instance) if name == "join" else Lazy
            given = [self._iterate(arg) if isinstance(arg, opened) else arg for arg in args]
            if None in given and None not in args:
                return self.unknown(node, f"`{name}` of something unknown")
            if name == "format" and isinstance(owner, str):
                kwargs = {key: self.as_shown(value, node) for key, value in kwargs.items()}
                given = [self.as_shown(arg, node) for arg in given]
            shown = [one for one in (*given, *kwargs.values()) if not isinstance(one, Shown)]
            if not all(map(self.is_deeply_known, shown)):
                return self.unknown(node, f"`{name}` of something unknown")
        try:
            found = self._text_method(owner, name, given, kwargs)
        except NotKnown:
            return self.unknown(node)
        except (*FAILURES, OverflowError) as error:
            raise Raised(error) from None
        return found

    def is_key_like(self, args: list[Any]) -> bool:
        return (
            all(map(self.is_key, args))
            if not any(isinstance(a, CONTAINERS) for a in args)
            else all(map(self.is_deeply_known, args))
        )

    def _text_method(self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if isinstance(owner, str):
            if name == "format":
                return str_format(owner, *args, **kwargs)
            if name in WIDE and args and isinstance(args[0], int) and args[0] > MAX_WIDTH:
                raise NotKnown
            if name == "join":
                check_order(args)
            if name in ("replace", "join", "translate", "expandtabs") and len(owner) > 10_000:
                raise NotKnown
            if name == "replace" and len(args) > 1 and len(owner) * len(args[1]) > MAX_SIZE:
                raise NotKnown
        return getattr(owner, name)(*args, **kwargs)

    def _change(self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """A method that changes its list, dict or set."""
        self.touch(owner)
        if id(owner) in self.blurred:
            if name not in ("clear", "append", "add", "extend", "update", "sort"):
                self.risks += 1
            return None if name in GIVING_NONE else Unsure(node)
        given = list(args)
        if name in ("extend", "update", "extendleft") and args and not isinstance(args[0], dict):
            items = self._iterate(args[0])
            given = [items]
            if items is None:
                return self._grow(owner, args[0], node)
        if name == "update" and args and isinstance(args[0], dict) and "**" in args[0]:
            owner["**"] = args[0]["**"]
        if name in ("pop", "popitem", "setdefault", "remove", "add", "discard") and not self.is_known_change(
            owner, name, given
        ):
            self.risks += 1
            self.blur(owner, node, "changed by something unknown")
            return None if name in GIVING_NONE else Unsure(node)
        if name == "sort":
            return self._sort(owner, kwargs, node)
        try:
            return getattr(owner, name)(*given, **kwargs)
        except FAILURES as error:
            raise Raised(error) from None

    def is_known_change(self, owner: Any, name: str, args: list[Any]) -> bool:
        if isinstance(owner, dict) and "**" in owner:
            return False
        if name == "remove" and isinstance(owner, list):
            return self.is_deeply_known(owner) and self.is_deeply_known(args)
        return all(map(self.is_key, args[:1]))

    def _grow(self, owner: Any, by: Any, node: ast.AST) -> None:
        self.risks += 1
        self.doubt(node, f"what a collection grows by is not known{reason(by)}")
        if isinstance(owner, dict):
            owner["**"] = by
        else:
            self.blur(owner, node, "grows by something unknown")

    def _sort(self, owner: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        found = self._row(sorted, "builtins.sorted", [owner], kwargs, node)
        if isinstance(found, Unsure):
            self.blur(owner, node, "sorted by something unknown")
        else:
            owner[:] = found
