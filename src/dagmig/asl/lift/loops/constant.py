"""What a Python expression that ``lift`` has written gives, as far as it is made of constants."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.asl.lift.document import Arr, Doc, Known, Made, Obj, Text
from dagmig.asl.lift.expression import Inexpressible, python
from dagmig.asl.lift.intrinsics import math_add
from dagmig.asl.lift.runtime import is_number, matches


class NotConstant(Exception):
    """It is only known when the DAG runs."""


_SIGNS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_TYPES = {"str": str, "int": int, "float": float, "bool": bool}
_CALLS: Mapping[str, Callable[..., Any]] = {
    "is_number": is_number,
    "math_add": math_add,
    "matches": matches,
    "isinstance": isinstance,
}


def value(source: str) -> Any:
    """The value of an expression. Raises ``NotConstant``."""
    try:
        return _Reader().value(ast.parse(source, mode="eval").body)
    except (TypeError, ValueError, RecursionError) as reason:
        raise NotConstant from reason


class _Reader:
    def __init__(self) -> None:
        self.named: dict[str, Any] = dict(_TYPES)

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(found):
                return found
            case ast.Name(name) if name in self.named:
                return self.named[name]
            case ast.NamedExpr(target=ast.Name(name), value=inner):
                self.named[name] = self.value(inner)
                return self.named[name]
            case ast.List(elts=members):
                return [self.value(member) for member in members]
            case ast.Tuple(elts=members):
                return tuple(self.value(member) for member in members)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return not self.value(inner)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.value(inner)
            case ast.BoolOp(op=sign, values=parts):
                return self._logic(isinstance(sign, ast.Or), parts)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SIGNS:
                return _SIGNS[type(sign)](self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                return _SIGNS[type(sign)](self.value(left), self.value(right))
            case ast.Call(func=ast.Name(name), args=given, keywords=[]) if name in _CALLS:
                return _CALLS[name](*map(self.value, given))
        raise NotConstant

    def _logic(self, is_or: bool, parts: list[ast.expr]) -> Any:
        """``and`` or ``or``, of which the parts after the one that decides are not looked at."""
        found: Any = not is_or
        for part in parts:
            found = self.value(part)
            if bool(found) is is_or:
                break
        return found


def settled(doc: Doc) -> Doc:
    """A document with constants in place of what only constants go into."""
    match doc:
        case Obj(fields):
            return Obj({key: settled(child) for key, child in fields.items()})
        case Arr(items):
            return Arr(tuple(map(settled, items)))
        case Made() | Text():
            try:
                return Known(value(python(doc)))
            except (Inexpressible, NotConstant):
                return doc
    return doc
