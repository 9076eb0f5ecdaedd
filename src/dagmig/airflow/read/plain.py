"""Functions and methods of plain Python whose result a graph depends on."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import libcst as cst

from dagmig.airflow.read import paths
from dagmig.airflow.read.dependencies import Dependencies
from dagmig.airflow.read.evaluation import MAX_SIZE, Exhausted, is_known, members
from dagmig.airflow.read.objects import (
    Dag,
    Group,
    Task,
    Unsure,
    XCom,
)


class PlainCalls(Dependencies):
    """Calls that make no tasks, and calls of which nobody knows whether they do."""

    def _may_build(self, what: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> None:
        """A call nobody can look into may add tasks when it is handed a DAG or stands inside one."""
        handed = any(isinstance(item, (Dag, Task, XCom, Group)) for item in members([args, kwargs]))
        if handed or self.dag_stack:
            self.doubt(node, f"{what} may add tasks or dependencies")

    def _plain(self, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        """The few pure functions whose result a graph depends on."""
        if not kwargs and (found := paths.call(name, args)) is not NotImplemented:
            return found
        if not all(is_known(value) for value in [*args, *kwargs.values()]) and not name.startswith(
            "builtins."
        ):
            return NotImplemented
        try:
            if name in ("datetime.datetime", "datetime.timedelta", "datetime.date"):
                return {"datetime": datetime, "timedelta": timedelta, "date": date}[name.split(".")[1]](
                    *args, **kwargs
                )
            if name == "json.dumps" and args:
                return json.dumps(*args, **kwargs)
            if name in ("pendulum.duration",):
                return timedelta(**kwargs)
            if name in ("pendulum.datetime", "pendulum.DateTime"):
                zone = kwargs.pop("tz", "UTC")
                tz = timezone.utc if zone == "UTC" else ZoneInfo(zone) if isinstance(zone, str) else zone
                return datetime(*args, **kwargs, tzinfo=tz)  # type: ignore[misc]
            if name in ("pendulum.timezone", "pendulum.tz.timezone", "pytz.timezone", "zoneinfo.ZoneInfo"):
                return ZoneInfo(args[0])
            if name.startswith("builtins."):
                return self._builtin(name[9:], args, kwargs, node)
        except (TypeError, ValueError, LookupError, OverflowError, ZoneInfoNotFoundError, OSError):
            return Unsure(node, f"`{name}` of these arguments")
        return NotImplemented

    def _builtin(self, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:  # noqa: C901, PLR0912
        if name == "range" and all(isinstance(a, int) for a in args):
            found = range(*args)
            if len(found) > MAX_SIZE:
                raise Exhausted
            return list(found)
        if name in ("list", "tuple", "enumerate", "zip", "reversed", "sorted", "set", "len") and args:
            lists = [self._iterate(a) for a in args if not isinstance(a, int)]
            if any(items is None for items in lists):
                return Unsure(node, f"{name} of something unknown")
            first: list[Any] = lists[0] or []
            match name:
                case "zip":
                    return [tuple(row) for row in zip(*[i or [] for i in lists])]  # noqa: B905
                case "enumerate":
                    start = kwargs.get("start", args[1] if len(args) > 1 else 0)
                    return list(map(tuple, enumerate(first, start if isinstance(start, int) else 0)))
                case "sorted":
                    return sorted(first) if not kwargs else Unsure(node)
                case "tuple":
                    return tuple(first)
                case "reversed":
                    return first[::-1]
                case "len":
                    return len(first)
                case "set":
                    return set(first)
            return first
        if name == "dict" and len(args) <= 1:
            base = dict(args[0]) if args and isinstance(args[0], (dict, list)) else {}
            return Unsure(node) if args and not isinstance(args[0], (dict, list)) else {**base, **kwargs}
        if name in ("list", "tuple", "set") and not args:
            return {"list": [], "tuple": (), "set": set()}[name]
        if name in ("str", "int", "float", "bool", "min", "max", "sum", "abs") and all(map(is_known, args)):
            functions: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool}
            return {**functions, "min": min, "max": max, "sum": sum, "abs": abs}[name](*args)
        if name == "globals":
            return self.globals
        if name in {"map", "setattr", "exec", "eval"}:
            self._may_build(f"`{name}`", args, kwargs, node)
        return Unsure(node, f"`{name}` of something unknown")

    def _data_method(
        self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("append", "extend", "update", "insert", "setdefault", "add") and isinstance(
            owner, (list, dict, set)
        ):
            inner = self._iterate(args[0]) if name == "extend" and args else args
            if inner is None or (name == "update" and args and not isinstance(args[0], dict)):
                self.doubt(node, "a collection grows by something unknown")
                if isinstance(owner, dict) and args:
                    owner["**"] = args[0]
                return None
            args = [inner] if name == "extend" else args
        elif name in ("items", "keys", "values", "copy", "get", "pop", "index", "count") and isinstance(
            owner, (list, dict, tuple)
        ):
            if any(isinstance(a, Unsure) for a in args[:1]):
                return Unsure(node)
        elif not all(is_known(a) for a in [*args, *kwargs.values()]):
            return Unsure(node, f"`{name}` of something unknown")
        elif isinstance(owner, str) and (
            name in ("ljust", "rjust", "center", "zfill", "expandtabs")
            or (name == "format" and any(c in owner for c in (":", "[", ".", "!")))
        ):
            return Unsure(node)
        if not isinstance(name, str) or name.startswith("_") or name in ("now", "today", "utcnow"):
            return Unsure(node)
        try:
            found = getattr(owner, name)(*args, **kwargs)
        except (AttributeError, TypeError, ValueError, LookupError, OverflowError):
            return Unsure(node, f"`{name}` of these values")
        return (
            [*map(tuple, found)] if name == "items" else list(found) if name in ("keys", "values") else found
        )
