"""Functions that look at an HTTP response, as JSONata over the state's result, where they are that simple.

``response.json()["a"][0] == 5``, ``"ok" in response.text``, ``json.loads(response.text)["a"]``: paths,
constants, comparisons, ``and``, ``or`` and ``not``. A comparison with a field that is not there is false;
Python would raise an error.
"""

from __future__ import annotations

import ast
import json
from typing import NamedTuple

from dagmig.graph.values import Function, Value
from dagmig.integrations.http_work import BODY
from dagmig.integrations.python_source import definition

TEXT = f"($type({BODY}) = 'string' ? {BODY} : $string({BODY}))"
ORDER: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


class Seen(NamedTuple):
    """JSONata, and whether it is surely true or false."""

    source: str
    is_condition: bool = False


def value(function: Value | None) -> str | None:
    """JSONata for what the function returns; None where it is not that simple."""
    found = _read(function)
    return found.source if found else None


def condition(function: Value | None) -> str | None:
    """The same for a function that says yes or no."""
    found = _read(function)
    return found.source if found and found.is_condition else None


def body_value(function: Value | None) -> str | None:
    """JSONata for what a function of the answer's JSON returns, which may take the context as well."""
    found = _of_body(function)
    return found.source if found else None


def body_condition(function: Value | None) -> str | None:
    """The same for a function that says yes or no."""
    found = _of_body(function)
    return found.source if found and found.is_condition else None


class _Body(ast.NodeTransformer):
    """Rewrites a function of the JSON as one of the response: ``e.get("a")`` is ``response.json()["a"]``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse("response.json()", mode="eval").body if node.id == self.name else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr="get"), args=[key], keywords=[]):
                return ast.Subscript(value=self.visit(inner), slice=key, ctx=ast.Load())
        return self.generic_visit(node)


def _of_body(function: Value | None) -> Seen | None:
    if not isinstance(function, Function) or not function.source:
        return None
    match definition(function):
        case ast.Lambda(args=arguments, body=body):
            pass
        case ast.FunctionDef(args=arguments, body=[ast.Return(value=ast.expr() as body)]):
            pass
        case _:
            return None
    names = [one.arg for one in arguments.args if one.arg != "context"]
    if len(names) != 1:
        return None
    return _expression(_Body(names[0]).visit(body), "response")


def _read(function: Value | None) -> Seen | None:
    if not isinstance(function, Function) or not function.source or len(function.parameters) != 1:
        return None
    match definition(function):
        case ast.Lambda(args=arguments, body=body):
            return _expression(body, arguments.args[0].arg) if arguments.args else None
        case ast.FunctionDef(args=arguments, body=[*before, ast.Return(value=ast.expr() as body)]):
            is_plain = all(
                isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in before
            )
            return _expression(body, arguments.args[0].arg) if is_plain and arguments.args else None
    return None


def _expression(node: ast.expr, response: str) -> Seen | None:
    match node:
        case ast.BoolOp(op=operator, values=operands):
            parts = [_expression(one, response) for one in operands]
            word = " and " if isinstance(operator, ast.And) else " or "
            known = [part.source for part in parts if part and part.is_condition]
            return Seen(f"({word.join(known)})", is_condition=True) if len(known) == len(parts) else None
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            part = _expression(operand, response)
            return Seen(f"$not({part.source})", is_condition=True) if part and part.is_condition else None
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _comparison(left, operator, right, response)
        case ast.Constant(value=bool() as constant):
            return Seen(str(constant).lower(), is_condition=True)
    path = _path(node, response)
    return Seen(path) if path else None


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr, response: str) -> Seen | None:
    a, b = (_path(one, response) or _constant(one) for one in (left, right))
    if a is None or b is None:
        return None
    if symbol := ORDER.get(type(operator)):
        return Seen(f"({a} {symbol} {b})", is_condition=True)
    if isinstance(operator, (ast.In, ast.NotIn)) and b == TEXT and a.startswith('"'):
        found = f"$contains({b}, {a})"
        return Seen(found if isinstance(operator, ast.In) else f"$not({found})", is_condition=True)
    return None


def _path(node: ast.expr, response: str) -> str | None:
    """What is read of the response."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="text") if name == response:
            return TEXT
        case ast.Attribute(value=ast.Name(id=name), attr="status_code") if name == response:
            return "$states.result.StatusCode"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="json"), args=[], keywords=[]) if (
            name == response
        ):
            return BODY
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="json"), attr="loads"), args=[inner], keywords=[]
        ) if _path(inner, response) == TEXT:
            return BODY
        case ast.Subscript(value=inner, slice=ast.Constant(value=str() as key)) if "`" not in key:
            found = _path(inner, response)
            return f"{found}.`{key}`" if found and found != TEXT else None
        case ast.Subscript(value=inner, slice=ast.Constant(value=int() as index)):
            found = _path(inner, response)
            return f"{found}[{index}]" if found and found != TEXT and not isinstance(index, bool) else None
    return None


def _constant(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as constant):
            return json.dumps(constant, ensure_ascii=False)
    return None
