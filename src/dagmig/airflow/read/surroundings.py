"""What a function takes from the functions and loops around it, by its value: the module has another."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Mapping
from typing import Any

from dagmig.airflow.read.objects import Func

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def surroundings(found: Func, definers: Mapping[str, ast.stmt]) -> dict[str, str]:
    """The names of the functions around a function, and of its module's loops, with their values as source;
    empty where a value is not known or no plain data. ``definers`` are the module's statements by name.

    A closure has the last value of a variable, and so has a loop's after it.
    """
    root = found.env.root
    loops = [name for name, one in definers.items() if isinstance(one, _LOOPS)]
    held = {name: _source(root.names[name]) for name in loops if name in root.names}
    around = {name: text for name, text in held.items() if text}
    scopes = [found.env]
    while scopes[-1].parent is not None:
        scopes.append(scopes[-1].parent)
    for scope in reversed(scopes[:-1]):
        around |= {name: _source(value) for name, value in scope.names.items()}
    return around


def with_defaults(own: str, found: Func, names: Collection[str]) -> str:
    """A function's source with the values of defaults that are made of these names: they are those of the
    moment in which the function was defined.
    """
    last = ast.parse(own).body[-1]
    node = last.value if isinstance(last, ast.Assign) else last
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return own
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    pairs = [
        *zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    lines = own.encode().splitlines(keepends=True)
    data = own.encode()
    for parameter, default in reversed(pairs):
        if default is None or not any(
            isinstance(one, ast.Name) and one.id in names for one in ast.walk(default)
        ):
            continue
        text = _source(found.defaults.get(parameter.arg, found))
        if text:
            first, end = _place(lines, default.lineno, default.col_offset), (default.end_lineno or 1)
            data = data[:first] + text.encode() + data[_place(lines, end, default.end_col_offset or 0) :]
    return data.decode()


def _place(lines: list[bytes], line: int, column: int) -> int:
    return sum(map(len, lines[: line - 1])) + column


def _source(value: Any) -> str:
    """Plain data as Python source; empty for all else."""
    if value is None or type(value) in (bool, int, str, bytes):
        return repr(value)
    if type(value) is float:
        return repr(value) if math.isfinite(value) else ""
    if type(value) is dict:
        pairs = [(_source(key), _source(item)) for key, item in value.items()]
        return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}" if all(map(all, pairs)) else ""
    if type(value) in (list, tuple):
        items = [_source(item) for item in value]
        if not all(items):
            return ""
        inner = ", ".join(items)
        return f"[{inner}]" if type(value) is list else f"({inner}{',' if len(items) == 1 else ''})"
    return ""
