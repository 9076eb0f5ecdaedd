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
    text = code(node)
    if before + len(text) + after <= BRACKETS or "\n" in text:  # what is broken already stays as it is
        return node
    newline = _newline(level + 1)
    match node:
        case cst.Call(args=args) if args:
            if len(args) == 1 and before + len(text) + after <= LINE:
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
        case cst.ListComp() | cst.GeneratorExp():
            return _comprehension(node, block, before, after, level)
        case cst.Subscript():
            return _subscript(node, block, before, after, level)
        case cst.NamedExpr(target=target, value=value):
            return node.with_changes(value=fit(value, block, before + len(code(target)) + 4, after, level))
        case cst.Lambda(body=body):
            start = len(text) - len(code(body))
            return node.with_changes(body=fit(body, block, before + start, after, level))
    return _fit_operation(node, block, before, after, level)


def _fit_operation(
    node: cst.BaseExpression, block: int, before: int, after: int, level: int
) -> cst.BaseExpression:
    """As ``fit``, for what has operators: a chain is broken in its list, the rest at the operators."""
    match node:
        case cst.BinaryOperation(left=cst.BinaryOperation(), operator=cst.RightShift()):
            return node  # which is put in brackets where it is too long
        case cst.BinaryOperation(left=left, operator=cst.RightShift(), right=cst.List() as right):
            fitted = fit(right, block, before + len(code(left)) + 4, after, level)
            return node.with_changes(right=fitted)
        case cst.BinaryOperation(left=cst.List() as left, operator=cst.RightShift(), right=right):
            fitted = fit(left, block, before, after + len(code(right)) + 4, level)
            return node.with_changes(left=fitted)
        case cst.BooleanOperation() | cst.Comparison() | cst.BinaryOperation(operator=cst.Add()):
            if not level or before + len(code(node)) + after <= LINE:
                return node
            return _in_brackets(node, block, level) if node.lpar else _operands(node, block, level, before)
    return node


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


def _comprehension(
    node: cst.ListComp | cst.GeneratorExp, block: int, before: int, after: int, level: int
) -> cst.BaseExpression:
    """A comprehension that is too long for a line: what is in its brackets on one line, else the element,
    each ``for`` and each ``if`` on lines of their own.
    """
    if before + len(code(node)) + after <= LINE:
        return node
    inner, opened, closed = block + 4 * (level + 1), _newline(level + 1), _newline(level)
    bracketed: dict[str, Any] = {
        "lbracket": cst.LeftSquareBracket(opened),
        "rbracket": cst.RightSquareBracket(closed),
    }
    if isinstance(node, cst.GeneratorExp):
        bracketed = {"lpar": [cst.LeftParen(opened)], "rpar": [cst.RightParen(closed)]}
    if inner + len(code(node)) - 2 <= LINE:
        return node.with_changes(**bracketed)
    return node.with_changes(
        elt=fit(node.elt, block, inner, 0, level + 1),
        for_in=_for(node.for_in, block, level + 1),
        **bracketed,
    )


def _for(node: cst.CompFor, block: int, level: int) -> cst.CompFor:
    """A ``for`` of a comprehension with its tests, each on a line of its own."""
    newline, before = _newline(level), block + 4 * level
    start = len(f"for {code(node.target)} in ")
    tests = [
        one.with_changes(test=fit(one.test, block, before + 3, 0, level), whitespace_before=newline)
        for one in node.ifs
    ]
    return node.with_changes(
        iter=fit(node.iter, block, before + start, 0, level),
        ifs=tests,
        inner_for_in=node.inner_for_in and _for(node.inner_for_in, block, level),
        whitespace_before=newline,
    )


def _subscript(node: cst.Subscript, block: int, before: int, after: int, level: int) -> cst.BaseExpression:
    """A long subscript: the brackets that pass the end of the line are broken, those at its left first."""
    if before + len(code(node)) + after <= LINE:
        return node
    left = fit(node.value, block, before, 1, level)
    text = code(left)
    column = len(text.rpartition("\n")[2]) if "\n" in text else before + len(text)
    if "\n" in text:
        column += block
    if column + len(code(node)) - len(code(node.value)) + after <= LINE:
        return node.with_changes(value=left)
    return node.with_changes(
        value=left,
        lbracket=cst.LeftSquareBracket(_newline(level + 1)),
        rbracket=cst.RightSquareBracket(_newline(level)),
    )


def fit_value(node: cst.BaseExpression, block: int, before: int, after: int = 0) -> cst.BaseExpression:
    """The value of a statement: as ``fit``, and in brackets of its own where it fits only so."""
    if "\n" in code(node):
        return node
    if isinstance(node, cst.Call) and before < LINE < before + len(code(node.func)) + 1:
        moved = _bracketed(fit(node, block, block + 4, 0, 1))
        if all(block + len(line) <= LINE for line in code(moved).split("\n")):
            return moved
    found = fit(node, block, before, after)
    if found is not node or before + len(code(node)) + after <= LINE:
        return found
    if isinstance(node, cst.BinaryOperation | cst.BooleanOperation | cst.Comparison):
        return _spread(node, block, before, after)
    is_shorter = before < LINE and block + 4 + len(code(node)) <= LINE
    return _bracketed(node) if is_shorter else node


def fit_condition(test: cst.BaseExpression, block: int, before: int) -> cst.BaseExpression:
    """The condition of an ``if``: a long one with operators is put in brackets, one operand a line."""
    if before + len(code(test)) + 1 <= LINE:
        return test
    if isinstance(test, cst.BooleanOperation | cst.Comparison):
        return _spread(test, block, before, 1)
    return fit(test, block, before, 1)


def _spread(node: cst.BaseExpression, block: int, before: int, after: int) -> cst.BaseExpression:
    """A long expression with operators: where it has one, and brackets after it, these are broken; else it is
    put in brackets, one operand a line.
    """
    match node:
        case cst.BooleanOperation(left=left, right=last) if last.lpar and not _is_same(left, node):
            start = before + len(code(node)) - len(code(last)) + 1
            if start > LINE and left.lpar:
                left, start = _in_brackets(left, block, 0), 0
            if start <= LINE:
                return node.with_changes(left=left, right=_in_brackets(last, block, 0))
        case cst.Comparison(comparisons=[cst.ComparisonTarget(comparator=cst.List() as last) as only]):
            start = before + len(code(node)) - len(code(last))
            if start < LINE:
                fitted = fit(last, block, start, after)
                return node.with_changes(comparisons=[only.with_changes(comparator=fitted)])
            rest = len(code(node)) - len(code(node.left))
            if isinstance(node.left, cst.Call) and block + 1 + rest + after <= LINE:
                return node.with_changes(left=fit(node.left, block, before, rest + after))
        case cst.Comparison(comparisons=[cst.ComparisonTarget(comparator=cst.Tuple() as last) as only]):
            start = before + len(code(node)) - len(code(last))
            if start < LINE:
                broken = last.with_changes(
                    elements=_members(last.elements, block, 0),
                    lpar=[cst.LeftParen(_newline(1))],
                )
                return node.with_changes(comparisons=[only.with_changes(comparator=broken)])
    return _bracketed(_operands(node, block, 1))


def _is_same(left: cst.BaseExpression, node: cst.BooleanOperation) -> bool:
    """Whether the operand is a part of the same ``and`` or ``or``."""
    return (
        isinstance(left, cst.BooleanOperation)
        and not left.lpar
        and isinstance(left.operator, type(node.operator))
    )


def _bracketed(node: cst.BaseExpression, level: int = 0) -> cst.BaseExpression:
    """An expression on lines of its own, in brackets."""
    opening, closing = cst.LeftParen(_newline(level + 1)), cst.RightParen(_newline(level))
    return node.with_changes(lpar=[opening], rpar=[closing])


def _in_brackets(node: cst.BaseExpression, block: int, level: int) -> cst.BaseExpression:
    """An expression that has brackets of its own, broken inside of them."""
    inner = node.with_changes(lpar=[], rpar=[])
    fits = block + 4 * (level + 1) + len(code(inner)) <= LINE
    return _bracketed(inner if fits else _operands(inner, block, level + 1), level)


def _operands(node: cst.BaseExpression, block: int, level: int, first: int = 0) -> cst.BaseExpression:
    """Operands of one operator, each on a line that begins with the operator; ``first`` are the characters
    before the first one on its line where there are more than the indentation.
    """
    before, newline = block + 4 * level, _newline(level)
    first = first or before
    match node:
        case cst.BinaryOperation(left=left, operator=operator, right=right):
            word: type[cst.CSTNode] = type(operator)
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            word = type(operator)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator, right) as only]):
            start = before + len(code(cst.Comparison(cst.Name("x"), [only]))) - 1 - len(code(right))
            sign = operator.with_changes(whitespace_before=newline)
            target = only.with_changes(operator=sign, comparator=fit(right, block, start - 1, 0, level))
            return node.with_changes(left=fit(left, block, first, 0, level), comparisons=[target])
        case _:
            return fit(node, block, first, 0, level)
    is_part = isinstance(getattr(left, "operator", None), word) and not left.lpar
    found = _operands(left, block, level, first) if is_part else fit(left, block, first, 0, level)
    start = before + len(code(operator).lstrip())
    moved = operator.with_changes(whitespace_before=newline)
    return node.with_changes(left=found, operator=moved, right=fit(right, block, start, 0, level))
