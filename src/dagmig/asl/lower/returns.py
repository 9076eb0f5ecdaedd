"""What a Python callable can return, where its code says so: the ids a branch chooses."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dagmig.graph.values import Function


@dataclass(frozen=True, slots=True)
class Returned:
    """All texts that a function can return; ``is_single`` where each time it is one, never a list."""

    texts: frozenset[str]
    is_single: bool


def returned(function: Function) -> Returned | None:
    """What the function returns; None where it may be anything else, or nothing."""
    try:
        module = ast.parse(function.source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    named = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == function.name]
    if len(named) != 1 or not _always_returns(named[0].body):
        return None
    texts: set[str] = set()
    is_single = True
    for value in _values(named[0].body):
        members: list[ast.expr | None] = [value]
        if isinstance(value, (ast.List, ast.Tuple)) and value.elts:
            is_single, members = False, [*value.elts]
        for member in members:
            if not (isinstance(member, ast.Constant) and isinstance(member.value, str)):
                return None
            texts.add(member.value)
    return Returned(frozenset(texts), is_single)


def _always_returns(body: Sequence[ast.stmt]) -> bool:
    match body[-1]:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=yes, orelse=no):
            return bool(no) and _always_returns(yes) and _always_returns(no)
        case ast.With(body=inner):
            return _always_returns(inner)
    return False


def _values(body: Sequence[ast.stmt]) -> Iterator[ast.expr | None]:
    """The expressions returned by a function's own statements, conditional ones taken apart."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            yield from _alternatives(node.value)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def _alternatives(value: ast.expr | None) -> Iterator[ast.expr | None]:
    if isinstance(value, ast.IfExp):
        yield from _alternatives(value.body)
        yield from _alternatives(value.orelse)
        return
    yield value
