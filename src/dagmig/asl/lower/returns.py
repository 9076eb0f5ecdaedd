"""What a Python callable can return, where its code says so: the ids a branch chooses."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dagmig.graph.values import Function
from dagmig.integrations.python_source import statements


@dataclass(frozen=True, slots=True)
class Returned:
    """All texts that a function can return; ``is_single`` where each time it is one, never a list."""

    texts: frozenset[str]
    is_single: bool


def returned(function: Function) -> Returned | None:
    """What the function returns; None where it may be anything else, or nothing."""
    found = _definition(function)
    if found is None or not _always_returns(found.body):
        return None
    texts: set[str] = set()
    is_single = True
    for value in _values(found.body):
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


LISTS = frozenset({"list", "List", "Sequence", "tuple", "Tuple"})
MADE = (ast.List, ast.ListComp, ast.Tuple)
VALUES = (*MADE, ast.Dict, ast.DictComp, ast.Set, ast.SetComp, ast.JoinedStr, ast.BinOp, ast.Compare)
PLAIN = frozenset({"int", "str", "float", "bool", "list", "dict", "tuple", "set", "bytes", *LISTS, "Dict"})


def gives_list(function: Function) -> bool:
    """Whether a function surely returns a list, as its annotation or each ``return`` says."""
    found = _definition(function)
    if found is None:
        return False
    if found.returns is not None:
        return _base(found.returns) in LISTS
    values = list(_values(found.body))
    return _always_returns(found.body) and all(isinstance(value, MADE) for value in values)


def gives_some(function: Function) -> bool:
    """Whether each ``return`` of a function surely gives a list or dict with members."""
    found = _definition(function)
    values = list(_values(found.body)) if found else []
    return found is not None and _always_returns(found.body) and all(_has_members(value) for value in values)


def _has_members(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict):
        return any(key is not None for key in value.keys)
    if not isinstance(value, (ast.List, ast.Tuple)):
        return False
    return not all(isinstance(item, ast.Starred) for item in value.elts)


def may_give_nothing(function: Function) -> bool:
    """Whether a function may return None, as far as its annotation and its ``return`` tell."""
    found = _definition(function)
    if found is None:
        return True
    if found.returns is not None:
        return _base(found.returns) not in PLAIN
    return not _always_returns(found.body) or not all(_is_something(v) for v in _values(found.body))


def _is_something(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is not None
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in PLAIN | {"len", "sum", "sorted"}
    return isinstance(value, VALUES)


def _base(annotation: ast.expr) -> str:
    """The name of an annotation without what is in its brackets."""
    base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    if isinstance(base, ast.Constant) and isinstance(base.value, str):
        return base.value.partition("[")[0].strip()
    return base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")


def _definition(function: Function) -> ast.FunctionDef | None:
    found = (node for node in statements(function.source) if isinstance(node, ast.FunctionDef))
    named = [node for node in found if node.name == function.name]
    return named[0] if len(named) == 1 else None
