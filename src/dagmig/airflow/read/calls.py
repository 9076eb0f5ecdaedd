"""Calls and shifts of libcst's tree found again in CPython's, which knows where they stand.

libcst's native parser keeps no positions, and to write a whole module out again to learn them takes half as
long as to parse it. Most nodes asked about are calls that make tasks, others the ``>>`` between them, and no
two of a file are alike in what is called, the keywords and the texts given: such a one has the position of
the one like it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import libcst as cst

from dagmig.airflow.read.texts import literal
from dagmig.diagnostics import Span

MAX_DEPTH = 6
UNLIKE = object()  # what is not looked into
ODD = ("\r", "\f", "\ufeff")  # ends of lines that only one of the two parsers counts, and a mark both drop
Likeness = tuple[Any, ...]
Found = ast.Call | ast.BinOp
SHIFTS: dict[type, str] = {ast.RShift: ">>", ast.LShift: "<<", cst.RightShift: ">>", cst.LeftShift: "<<"}


class Calls:
    """The calls and shifts of one text; spans are given for those that are like no other."""

    def __init__(self, text: str, calls: Iterable[Found], file: str) -> None:
        self.file = file
        self.is_plain = not any(odd in text for odd in ODD)
        self.is_ascii, self.lines = text.isascii(), text.split("\n")
        self.named: dict[str, list[Found]] = {}
        for call in calls if self.is_plain else ():
            self.named.setdefault(_key(call), []).append(call)
        self.known: dict[str, dict[Likeness, list[Found]]] = {}  # of the names that were asked for

    def span(self, module: cst.Module, node: cst.CSTNode) -> Span | None:
        """Where a call or a shift stands; None where that takes more to find out."""
        if not isinstance(node, (cst.Call, cst.BinaryOperation)) or node.lpar:
            return None
        alike = self._alike(node)
        if len(alike) > 1:
            code = _squeezed(module.code_for_node(node))
            alike = [call for call in alike if _squeezed(self._source(call)) == code]
        if len(alike) != 1:
            return None
        found = alike[0]
        assert found.end_lineno is not None and found.end_col_offset is not None
        start = self._column(found.lineno, found.col_offset)
        end = self._column(found.end_lineno, found.end_col_offset)
        return Span(self.file, found.lineno, start, found.end_lineno, end)

    def _alike(self, node: cst.Call | cst.BinaryOperation) -> list[Found]:
        name = _key(node)
        if name not in self.known:
            self.known[name] = {}
            for call in self.named.get(name, ()):
                self.known[name].setdefault(_of_ast(call, MAX_DEPTH), []).append(call)
        return self.known[name].get(_of_cst(node, MAX_DEPTH), [])

    def _source(self, call: Found) -> str:
        first, last = call.lineno, call.end_lineno or call.lineno
        start, end = (
            self._column(first, call.col_offset) - 1,
            self._column(last, call.end_col_offset or 0) - 1,
        )
        lines = self.lines[first - 1 : last]
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return "\n".join(lines)

    def _column(self, line: int, offset: int) -> int:
        """The column, from 1, of an offset in bytes."""
        if not self.lines:
            return offset + 1
        return (
            len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1
        )


def _key(node: Any) -> str:
    """What is called, or which shift it is, in either tree; empty for what is neither or has no name."""
    kind = node.__class__
    if kind is ast.BinOp or kind is cst.BinaryOperation:
        return SHIFTS.get((node.op if kind is ast.BinOp else node.operator).__class__, "")
    return _name(node.func)


def _name(node: Any) -> str:
    """The last part of a name, in either tree; empty for what is no name."""
    kind = node.__class__
    if kind is ast.Attribute:
        return str(node.attr)
    if kind is cst.Attribute:
        return str(node.attr.value)
    return str(node.id if kind is ast.Name else node.value if kind is cst.Name else "")


def _of_ast(node: ast.AST, depth: int) -> Any:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=str() as text):
            return "'", text
        case ast.Constant(value=True | False | None as value):
            return repr(value)
        case ast.Attribute(value=inner, attr=name) if depth:
            return _of_ast(inner, depth - 1), name
        case ast.Call(func=func, args=args, keywords=keywords) if depth:
            positional = [
                _of_ast(arg.value if isinstance(arg, ast.Starred) else arg, depth - 1) for arg in args
            ]
            named = [(one.arg, _of_ast(one.value, depth - 1)) for one in keywords]
            return "(", _of_ast(func, depth - 1), *positional, *named
        case ast.BinOp(left=left, right=right) if depth and (key := _key(node)):
            return key, _of_ast(left, depth - 1), _of_ast(right, depth - 1)
    return UNLIKE


def _of_cst(node: Any, depth: int) -> Any:
    kind = node.__class__  # no `match`: these are abstract base classes, for which it is slow
    if kind is cst.Name:
        return node.value
    if kind is cst.SimpleString:
        text = literal(node)
        return ("'", text) if isinstance(text, str) else UNLIKE
    if kind is cst.ConcatenatedString:
        parts = [_of_cst(part, depth) for part in (node.left, node.right)]
        is_text = all(isinstance(part, tuple) and isinstance(part[1], str) for part in parts)
        return ("'", "".join(part[1] for part in parts)) if is_text else UNLIKE
    if kind is cst.Attribute and depth:
        return _of_cst(node.value, depth - 1), node.attr.value
    if kind is cst.BinaryOperation and depth and (key := _key(node)):
        return key, _of_cst(node.left, depth - 1), _of_cst(node.right, depth - 1)
    if kind is not cst.Call or not depth:
        return UNLIKE
    positional, named = [], []
    for arg in node.args:
        found = _of_cst(arg.value, depth - 1)
        if arg.keyword is None and arg.star != "**":
            positional.append(found)
        else:
            named.append((arg.keyword.value if arg.keyword is not None else None, found))
    return "(", _of_cst(node.func, depth - 1), *positional, *named


def _squeezed(code: str) -> str:
    return "".join(code.split())
