"""Files in a syntax that is newer than the interpreter dagmig runs on, said in an older one.

libcst knows the syntax of every version of Python: type parameters and ``type`` statements (3.12), any
quotes, comments and backslashes inside of f-strings (3.12), ``except*`` (3.11), ``except`` of several
classes without brackets (3.14). Lines stay as they are.
"""

from __future__ import annotations

import ast
from itertools import accumulate
from typing import Any

import libcst as cst

BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
MAX_NESTING = 200  # as CPython's; libcst's native parser ends the process where its stack overflows


def said_in_older_syntax(text: str) -> str | None:
    """The text with what is newer said otherwise; None where libcst cannot parse it either."""
    if max(accumulate(BRACKETS.get(letter, 0) for letter in text), default=0) > MAX_NESTING:
        return None
    try:
        return cst.parse_module(text).visit(_Older()).code
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError, ValueError):
        return None


class _Older(cst.CSTTransformer):
    """Types say nothing of a graph: a file runs the same without its type parameters."""

    def leave_FunctionDef(self, original_node: Any, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        lines = _lines(updated_node.type_parameters)
        space = _longer(updated_node.whitespace_before_params, lines)
        return updated_node.with_changes(type_parameters=None, whitespace_before_params=space)

    def leave_ClassDef(self, original_node: Any, updated_node: cst.ClassDef) -> cst.ClassDef:
        lines = _lines(updated_node.type_parameters)
        left, right = updated_node.lpar, updated_node.rpar
        if lines:
            left = left if isinstance(left, cst.LeftParen) else cst.LeftParen()
            left = left.with_changes(whitespace_after=_longer(left.whitespace_after, lines))
            right = right if isinstance(right, cst.RightParen) else cst.RightParen()
        return updated_node.with_changes(type_parameters=None, lpar=left, rpar=right)

    def leave_TypeAlias(self, original_node: Any, updated_node: cst.TypeAlias) -> cst.Assign:
        given = cst.Assign([cst.AssignTarget(updated_node.name)], cst.Ellipsis())
        lines = _lines(original_node) - _lines(given)
        space = _longer(cst.SimpleWhitespace(""), lines)
        value = cst.Ellipsis([cst.LeftParen(space)], [cst.RightParen()]) if lines else given.value
        return given.with_changes(value=value)

    def leave_TryStar(self, original_node: Any, updated_node: cst.TryStar) -> cst.Try:
        handlers = [
            cst.ExceptHandler(one.body, one.type, one.name, one.leading_lines)
            for one in updated_node.handlers
        ]
        return cst.Try(
            updated_node.body,
            handlers,
            updated_node.orelse,
            updated_node.finalbody,
            updated_node.leading_lines,
        )

    def leave_ExceptHandler(self, original_node: Any, updated_node: cst.ExceptHandler) -> cst.ExceptHandler:
        kind = updated_node.type
        if not isinstance(kind, cst.Tuple) or kind.lpar:
            return updated_node
        return updated_node.with_changes(
            type=kind.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        )

    def leave_FormattedString(
        self, original_node: Any, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        if _is_known(updated_node):
            return updated_node
        fields: list[cst.BaseExpression] = []
        text = "".join(_template(part, fields) for part in updated_node.parts)
        prefix = updated_node.prefix.lower().replace("f", "")
        literal = cst.SimpleString(f"{prefix}{updated_node.quote}{text}{updated_node.quote}")
        call = cst.Call(cst.Attribute(literal, cst.Name("format")), [cst.Arg(one) for one in fields])
        space = _longer(call.whitespace_before_args, _lines(original_node) - _lines(call))
        return call.with_changes(whitespace_before_args=space, lpar=updated_node.lpar, rpar=updated_node.rpar)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
        return False

    def leave_ConcatenatedString(
        self, original_node: Any, updated_node: cst.ConcatenatedString
    ) -> cst.BaseExpression:
        if _is_known(updated_node):
            return updated_node
        left: Any = updated_node.left.visit(self)
        right: Any = updated_node.right.visit(self)
        plus = cst.Add(whitespace_before=updated_node.whitespace_between)
        lpar = [cst.LeftParen(), *updated_node.lpar]
        return cst.BinaryOperation(left, plus, right, lpar, [*updated_node.rpar, cst.RightParen()])


def _lines(node: cst.CSTNode | None) -> int:
    """How many lines end inside of what is written."""
    return 0 if node is None else _code(node).count("\n")


def _longer(space: cst.BaseParenthesizableWhitespace, lines: int) -> cst.BaseParenthesizableWhitespace:
    """The space in brackets with so many more ends of lines in it."""
    if not lines:
        return space
    if not isinstance(space, cst.ParenthesizedWhitespace):
        space, lines = cst.ParenthesizedWhitespace(), lines - 1
    empty = [cst.EmptyLine(indent=False)] * lines
    return space.with_changes(empty_lines=[*empty, *space.empty_lines])


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _is_known(text: cst.BaseExpression) -> bool:
    """Whether the interpreter can parse it."""
    try:
        ast.parse(f"({_code(text)})", mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def _template(part: cst.BaseFormattedStringContent, fields: list[cst.BaseExpression]) -> str:
    """A part of an f-string as ``str.format`` has it; what it shows is added to ``fields``."""
    if not isinstance(part, cst.FormattedStringExpression):
        return str(part.value) if isinstance(part, cst.FormattedStringText) else ""
    shown = ""
    if part.equal is not None:
        shown = "{}"
        fields.append(cst.SimpleString(repr(_code(part.expression) + "=")))
    fields.append(part.expression)
    spec = "".join(_template(one, fields) for one in part.format_spec or ())
    conversion = part.conversion or ("r" if shown and not spec else "")
    return f"{shown}{{{'!' if conversion else ''}{conversion}{':' if spec else ''}{spec}}}"
