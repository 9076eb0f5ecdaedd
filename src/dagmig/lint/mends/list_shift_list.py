"""The fix of ``list-shift-list``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.lint.imports import with_edits, written
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

HOME, OLD_HOME = "airflow.sdk", "airflow.models.baseoperator"
SIGN = re.compile(r"[\s\\]*(>>|<<)[\s\\]*")


class _Chain:
    """A statement of operands and shifts; ``bad`` are the shifts (by number) of a list by a list."""

    def __init__(self, statement: ast.Expr, syntax: Syntax) -> None:
        self.operands: list[ast.expr] = [statement.value]
        while isinstance(first := self.operands[0], ast.BinOp):
            self.operands[:1] = [first.left, first.right]
        places = [(syntax.offset(one), syntax.offset(one, end=True)) for one in self.operands]
        self.texts = [syntax.text[start:end] for start, end in places]
        self.gaps = [syntax.text[a:b] for (_, a), (b, _) in pairwise(places)]
        self.bad = [n for n, _ in enumerate(self.gaps) if all(map(_is_list, self.operands[n : n + 2]))]

    def lines(self, cross: str) -> Iterator[str]:
        """The statement cut at the bad shifts, with calls of ``cross_downstream`` between its pieces."""
        start = 0
        for n in (*self.bad, len(self.operands) - 1):
            if n > start:
                pieces = zip(self.texts[start:n], self.gaps[start:n], strict=True)
                yield "".join(text + gap for text, gap in pieces) + self.texts[n]
            if n in self.bad:
                pair = self.texts[n : n + 2] if ">>" in self.gaps[n] else self.texts[n : n + 2][::-1]
                yield f"{cross}({', '.join(pair)})"
            start = n + 1

    def repeats_a_call(self) -> bool:
        """Whether a list that would stand in two of the lines makes something."""
        twice = [n for n in range(len(self.operands)) if (n in self.bad) + (n - 1 in self.bad) > 0]
        makes = (ast.Call, ast.ListComp, ast.NamedExpr)
        return len(self.operands) > 2 and any(
            isinstance(inner, makes) for n in twice for inner in ast.walk(self.operands[n])
        )


def mend(source: Source, span: Span) -> Fix | None:
    """A list of one task becomes the task, others are joined by ``cross_downstream``; unsafe, as they may
    have been meant to be joined pair by pair.
    """
    syntax = source.syntax
    node = syntax.node_at(span, ast.BinOp)
    around = () if node is None else syntax.outer(node)
    statement = next((one for one in around if isinstance(one, ast.stmt)), None)
    if not isinstance(statement, ast.Expr) or syntax.span(statement) != syntax.span(statement.value):
        return None
    chain = _Chain(statement, syntax)
    if not chain.bad or not all(map(SIGN.fullmatch, chain.gaps)):
        return None
    opened = [_opened(chain, n, syntax) for n in chain.bad]
    if all(opened):
        return Fix(tuple(edit for edits in opened for edit in edits), safe=False)
    is_new = any(name.startswith(HOME) for name in syntax.imports.values())
    cross = written(source, f"{HOME if is_new else OLD_HOME}.cross_downstream")
    if cross is None or chain.repeats_a_call() or not syntax.is_alone(statement):
        return None
    text = ("\n" + syntax.margin(statement.lineno)).join(chain.lines(cross.name))
    edit = Edit(syntax.offset(statement), syntax.offset(statement, end=True), text)
    return with_edits(Fix((edit,), safe=False), cross)


def _is_list(node: ast.expr) -> bool:
    return isinstance(node, ast.List | ast.ListComp)


def _opened(chain: _Chain, shift: int, syntax: Syntax) -> tuple[Edit, ...]:
    """The brackets of a list of one taken away, of the right one rather than of the left one."""
    for node in (chain.operands[shift + 1], chain.operands[shift]):
        match node:
            case ast.List(elts=[ast.Name() | ast.Attribute() | ast.Call() | ast.Subscript() as only]):
                start, end = syntax.offset(node), syntax.offset(node, end=True)
                edits = (Edit(start, syntax.offset(only), ""), Edit(syntax.offset(only, end=True), end, ""))
                if not any("#" in syntax.text[edit.start : edit.end] for edit in edits):
                    return edits
    return ()
