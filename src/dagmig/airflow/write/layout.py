"""Line breaks as ruff format keeps them: a bracket that does not fit is broken, one member a line.

The comma after the last member is the formatter's own mark that a bracket stays broken
(https://docs.astral.sh/ruff/formatter/black/), so our narrower width for brackets is stable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

LINE = 110  # the formatter's line length
BRACKETS = 96  # a bracket is broken earlier: one argument a line reads better
_EMPTY = cst.Module([])


def code(node: cst.CSTNode) -> str:
    """The source of a node."""
    return _EMPTY.code_for_node(node)


def fit(
    node: cst.BaseExpression, block: int, before: int, after: int = 0, level: int = 0
) -> cst.BaseExpression:
    """The expression with its brackets broken where it does not fit.

    ``block`` is the indentation of the statement, ``before`` and ``after`` the characters around the
    expression on its line, and ``level`` how many brackets were broken around it.
    """
    if before + len(code(node)) + after <= BRACKETS:
        return node
    newline = _newline(level + 1)
    match node:
        case cst.Call(args=args) if args:
            if len(args) == 1 and before + len(code(node)) + after <= LINE:
                return node
            if len(args) == 1:
                return _sole(node, block, level)
            return node.with_changes(args=_members(args, block, level), whitespace_before_args=newline)
        case cst.List(elements=elements) if elements:
            members = _members(elements, block, level)
            return node.with_changes(elements=members, lbracket=cst.LeftSquareBracket(newline))
        case cst.Dict(elements=elements) if elements:
            members = _members(elements, block, level)
            return node.with_changes(elements=members, lbrace=cst.LeftCurlyBrace(newline))
        case cst.Lambda(body=body):
            start = len(code(node)) - len(code(body))
            return node.with_changes(body=fit(body, block, before + start, after, level))
        case cst.BinaryOperation(left=left, operator=cst.RightShift(), right=cst.List() as right):
            fitted = fit(right, block, before + len(code(left)) + 4, after, level)
            return node.with_changes(right=fitted)
        case cst.BinaryOperation(left=cst.List() as left, operator=cst.RightShift(), right=right):
            fitted = fit(left, block, before, after + len(code(right)) + 4, level)
            return node.with_changes(left=fitted)
        case cst.BinaryOperation(operator=cst.Add()) if level and before + len(code(node)) + after > LINE:
            return _sum(node, block, level)
    return node


def _sum(node: cst.BaseExpression, block: int, level: int) -> cst.BaseExpression:
    """A long sum inside brackets: one operand a line."""
    before = block + 4 * level
    if not isinstance(node, cst.BinaryOperation) or not isinstance(node.operator, cst.Add):
        return fit(node, block, before, 0, level)
    plus = cst.Add(whitespace_before=_newline(level))
    right = fit(node.right, block, before + 2, 0, level)
    return node.with_changes(left=_sum(node.left, block, level), operator=plus, right=right)


def _sole(node: cst.Call, block: int, level: int) -> cst.Call:
    """A call whose one argument goes to a line of its own; the formatter puts no comma after it."""
    (arg,) = node.args
    value = fit(arg.value, block, block + 4 * (level + 1) + _prefix(arg), 0, level + 1)
    fitted = arg.with_changes(value=value, whitespace_after_arg=_newline(level))
    return node.with_changes(args=[fitted], whitespace_before_args=_newline(level + 1))


def _members(members: Sequence[Any], block: int, level: int) -> list[Any]:
    found = []
    for index, member in enumerate(members):
        closing = level if index == len(members) - 1 else level + 1
        value = fit(member.value, block, block + 4 * (level + 1) + _prefix(member), 1, level + 1)
        found.append(member.with_changes(value=value, comma=cst.Comma(whitespace_after=_newline(closing))))
    return found


def _prefix(member: cst.Arg | cst.BaseElement | cst.BaseDictElement) -> int:
    """The characters of a member before its value."""
    match member:
        case cst.Arg(keyword=cst.Name(value=name)):
            return len(name) + 1
        case cst.DictElement(key=key):
            return len(code(key)) + 2
        case cst.StarredDictElement():
            return 2
    return 0


def _newline(level: int) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    " * level))


def fit_comprehension(node: cst.ListComp, block: int, before: int) -> cst.ListComp:
    """A list comprehension that is too long for a line: its element and its ``for`` on lines of their own."""
    if before + len(code(node)) <= LINE:
        return node
    return node.with_changes(
        elt=fit(node.elt, block, block + 4, 0, 1),
        for_in=node.for_in.with_changes(whitespace_before=_newline(1)),
        lbracket=cst.LeftSquareBracket(_newline(1)),
        rbracket=cst.RightSquareBracket(_newline(0)),
    )


def fit_condition(test: cst.BaseExpression, before: int) -> cst.BaseExpression:
    """The condition of an ``if``: a long ``and``/``or`` is put in brackets, one operand a line."""
    if before + len(code(test)) + 1 <= LINE or not isinstance(test, cst.BooleanOperation):
        return test
    newline = _newline(1)
    word = type(test.operator)

    def broken(node: cst.BaseExpression) -> cst.BaseExpression:
        if not isinstance(node, cst.BooleanOperation) or not isinstance(node.operator, word) or node.lpar:
            return node
        return node.with_changes(
            left=broken(node.left), operator=node.operator.with_changes(whitespace_before=newline)
        )

    inner = broken(test)
    return inner.with_changes(
        lpar=[cst.LeftParen(whitespace_after=newline)],
        rpar=[cst.RightParen(whitespace_before=_newline(0))],
    )
