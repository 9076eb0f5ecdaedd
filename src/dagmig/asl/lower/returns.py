"""What a Python callable returns, as far as its code says: a list, something, or perhaps nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from dagmig.graph.values import Function
from dagmig.integrations.python_source import statements


def always_returns(body: Sequence[ast.stmt]) -> bool:
    """Whether statements never come to their end without a ``return``."""
    match body[-1]:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=yes, orelse=no):
            return bool(no) and always_returns(yes) and always_returns(no)
        case ast.With(items, inner):
            return always_returns(inner) and not any("suppress" in ast.dump(one) for one in items)
        case ast.Try(body=inner, handlers=handlers, orelse=rest, finalbody=last):
            tried = always_returns([*inner, *rest]) and all(always_returns(one.body) for one in handlers)
            return tried or bool(last and always_returns(last))
        case ast.Match(cases=cases):
            last_pattern = cases[-1].pattern
            is_total = isinstance(last_pattern, ast.MatchAs) and last_pattern.pattern is None
            return is_total and cases[-1].guard is None and all(always_returns(one.body) for one in cases)
    return False


def values_returned(body: Sequence[ast.stmt]) -> Iterator[ast.expr | None]:
    """The expressions returned by a function's own statements, conditional ones taken apart."""
    for node in own_nodes(body):
        if isinstance(node, ast.Return):
            yield from _alternatives(node.value)


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of statements, without those of functions and classes in them."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
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
    found = function_of(function)
    if found is None:
        return False
    if found.returns is not None:
        return _base(found.returns) in LISTS
    values = list(values_returned(found.body))
    return always_returns(found.body) and all(isinstance(value, MADE) for value in values)


def gives_some(function: Function) -> bool:
    """Whether each ``return`` of a function surely gives a list or dict with members."""
    found = function_of(function)
    values = list(values_returned(found.body)) if found else []
    return found is not None and always_returns(found.body) and all(_has_members(value) for value in values)


def _has_members(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict):
        return any(key is not None for key in value.keys)
    if not isinstance(value, (ast.List, ast.Tuple)):
        return False
    return not all(isinstance(item, ast.Starred) for item in value.elts)


def may_give_nothing(function: Function) -> bool:
    """Whether a function may return None, as far as its annotation and its ``return`` tell."""
    found = function_of(function)
    if found is None:
        return True
    if found.returns is not None:
        return _base(found.returns) not in PLAIN
    return not always_returns(found.body) or not all(_is_something(v) for v in values_returned(found.body))


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


def function_of(function: Function) -> ast.FunctionDef | None:
    """The one function of the name in its source."""
    found = (node for node in statements(function.source) if isinstance(node, ast.FunctionDef))
    named = [node for node in found if node.name == function.name]
    return named[0] if len(named) == 1 else None
