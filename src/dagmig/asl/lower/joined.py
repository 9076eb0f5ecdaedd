"""``.zip()``, ``.concat()`` and ``.map()`` of what tasks give, where others are mapped over it.

Lists are put together in the Map's Items; a function is applied by each instance, as in Airflow, which fails
only those that it fails for (``airflow.sdk.definitions.xcom_arg`` of apache-airflow 3.3).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dagmig.asl.lower.jsonata import member
from dagmig.graph.jinja import has_jinja
from dagmig.graph.values import Entries, Function, Items, Joined, Literal, MapItem, Transformed, Value
from dagmig.integrations.fragment import Expression
from dagmig.integrations.python_source import definition

Part = Value | Expression
NOT_A_LIST = "$error('not a list')"


def untransformed(value: Value) -> Value:
    """What is mapped over, without the functions applied to its items."""
    while isinstance(value, Transformed):
        value = value.value
    return value


def transformed(value: Value, item: MapItem) -> Value | None:
    """What an instance is given that has this item; None where a function cannot be said."""
    if not isinstance(value, Transformed):
        return item
    before, whole = transformed(value.value, item), untransformed(value)
    width = len(whole.parts) if isinstance(whole, Joined) and whole.kind == "zip" else 0
    return None if before is None else _applied(value.function, before, item, width)


def has_inner_function(value: Value) -> bool:
    """Whether a function is applied before lists are put together."""
    value = untransformed(value)
    return isinstance(value, Joined) and any(
        isinstance(part, Transformed) or has_inner_function(part) for part in value.parts
    )


def joined(value: Joined, as_list: Callable[[Value], Part]) -> Expression:
    """The list that is put together; ``as_list`` gives that of an output."""
    parts = [joined(part, as_list) if isinstance(part, Joined) else as_list(part) for part in value.parts]
    return _concat(parts) if value.kind == "concat" else _zip(parts, value.fill)


def _concat(parts: list[Part]) -> Expression:
    """The members one after the other; of an object, its keys, as in Airflow."""
    found: list[Any] = []
    for part in parts:
        keys = "$type($v) = 'object' ? $append([], $keys($v))"
        one = ("($v := ", *_inner(part), f"; {keys} : $type($v) = 'array' ? $v : {NOT_A_LIST})")
        found = ["$append(", *found, ", ", *one, ")"] if found else [*one]
    return Expression(tuple(found))


def _zip(parts: list[Part], fill: Value | None) -> Expression:
    """Lists of one member of each; as many as the shortest has, or the longest where there is a filling."""
    found: list[Any] = ["("]
    for number, part in enumerate(parts):
        found += [
            f"$l{number} := (",
            "$v := ",
            *_inner(part),
            f"; $type($v) = 'array' ? $v : {NOT_A_LIST}); ",
        ]
    counts = ", ".join(f"$count($l{number})" for number in range(len(parts)))
    found.append(f"$reduce([0..${'min' if fill is None else 'max'}([{counts}]) - 1], function($all, $i) {{ ")
    found.append("$append($all, [[")
    for number in range(len(parts)):
        found.append(", " if number else "")
        if fill is None:
            found.append(member(f"$l{number}[$i]"))
        else:
            found += [f"$i < $count($l{number}) ? {member(f'$l{number}[$i]')} : ", fill]
    return Expression((*found, "]]) }, []))"))


def _inner(part: Part) -> tuple[Any, ...]:
    return part.parts if isinstance(part, Expression) else (part,)


def _applied(function: Value, given: Value, item: MapItem, width: int) -> Value | None:
    """What a function of one parameter makes of what it is given, if it only takes that apart or puts it into
    lists and dicts. ``width``: the whole item is a list of so many members.
    """
    code = definition(function) if isinstance(function, Function) else None
    if code is None or isinstance(code, ast.AsyncFunctionDef):
        return None
    body, names = code.body if isinstance(code, ast.Lambda) else _returned(code), code.args
    others = names.posonlyargs or names.kwonlyargs or names.vararg or names.kwarg or names.defaults
    if body is None or len(names.args) != 1 or others:
        return None
    return _Applying(names.args[0].arg, given, item, width).value(body)


def _returned(code: ast.FunctionDef) -> ast.expr | None:
    """What a function returns that does nothing else, but for its documentation."""
    rest = [
        one for one in code.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
    ]
    only = rest[0] if len(rest) == 1 and not code.decorator_list else None
    return only.value if isinstance(only, ast.Return) else None


@dataclass(frozen=True, slots=True)
class _Applying:
    name: str
    given: Value
    item: MapItem
    width: int

    def value(self, node: ast.expr | None) -> Value | None:
        match node:
            case ast.Constant(value=None | bool() | int() as constant):
                return Literal(constant)
            case ast.Constant(value=str() as text) if not has_jinja(text):
                return Literal(text)
            case ast.Name(id=found) if found == self.name:
                return self.given
            case ast.Subscript(value=inner, slice=ast.Constant(value=str() | int() as key)):
                return self._member(self.value(inner), key)
            case ast.List(elts=nodes) | ast.Tuple(elts=nodes):
                members = [self.value(one) for one in nodes]
                known = tuple(one for one in members if one is not None)
                return Items(known) if len(known) == len(members) else None
            case ast.Dict(keys=keys, values=nodes):
                pairs = [(self.value(key), self.value(one)) for key, one in zip(keys, nodes, strict=True)]
                entries = tuple((k, one) for k, one in pairs if isinstance(k, Literal) and one is not None)
                return Entries(entries) if len(entries) == len(pairs) else None
        return None

    def _member(self, owner: Value | None, key: str | int) -> Value | None:
        """By its name; by its number only where the owner is surely a list that has it."""
        if not isinstance(owner, MapItem) or isinstance(key, bool):
            return None
        is_there = isinstance(key, str) or (owner == self.item and 0 <= key < self.width)
        return MapItem((*owner.path, key)) if is_there else None
