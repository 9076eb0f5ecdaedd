"""A file as CPython parses it, with where its nodes stand and what they are word for word."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from dagmig.diagnostics import Span

MAX_DEPTH = 250  # nested expressions and blocks: evaluation recurses over them
LEAVES = frozenset(
    {ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, str, int, float, complex, bytes, bool, type(None)}
)  # where a tree goes no further, and what fields hold that are no trees
WITHOUT_PLACE = {ast.withitem: "context_expr", ast.match_case: "pattern", ast.comprehension: "target"}


class Refusal(NamedTuple):
    """Why a text cannot be read; lines and columns count from 1."""

    message: str
    line: int = 1
    column: int = 1
    is_syntax: bool = False


@dataclass(eq=False)
class Tree:
    """The nodes of one text."""

    text: str
    module: ast.Module

    def span(self, node: ast.AST, file: str) -> Span:
        """Where a node stands; lines and columns count from 1, columns in characters."""
        while node.__class__ in WITHOUT_PLACE:
            node = getattr(node, WITHOUT_PLACE[node.__class__])
        if not hasattr(node, "lineno"):
            return Span(file)
        line, column, last, end = _place(node)
        return Span(file, line, self._column(line, column) + 1, last, self._column(last, end) + 1)

    def code(self, node: ast.AST) -> str:
        """What a node is word for word, in brackets where it would else end with its first line."""
        if not hasattr(node, "lineno"):
            return ast.unparse(node)
        lines = self._moved(node)
        code = "\n".join(lines)
        return f"({code})" if isinstance(node, ast.expr) and len(lines) > 1 and not _is_whole(code) else code

    def block(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        """A function without its decorators, moved to the left margin."""
        return "\n".join(self._moved(node))

    def _moved(self, node: ast.AST) -> list[str]:
        """The lines of a node, moved to the left by the margin of the first; texts in it stay as they are."""
        first, start, last, end = _place(node)
        lines = self.lines[first - 1 : last]
        margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
        lines[-1] = lines[-1][: self._column(last, end)]
        lines[0] = lines[0][self._column(first, start) :]
        if margin and len(lines) > 1:
            inside = _inside_texts(node)
            for number in range(1, len(lines)):
                if first + number not in inside:
                    lines[number] = lines[number].removeprefix(margin)
        return lines

    def holds(self, node: ast.AST) -> bool:
        """Whether a node is one of these."""
        return id(node) in self._ids

    def _column(self, line: int, offset: int) -> int:
        """The column, from 0, of an offset in bytes."""
        if self.text.isascii():
            return offset
        return len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore"))

    @cached_property
    def lines(self) -> list[str]:
        """As CPython counts them."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    @cached_property
    def _ids(self) -> frozenset[int]:
        return frozenset(map(id, ast.walk(self.module)))


def _place(node: Any) -> tuple[int, int, int, int]:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _inside_texts(node: ast.AST) -> set[int]:
    """The lines that begin inside of a text."""
    return {
        line
        for text in ast.walk(node)
        if isinstance(text, (ast.Constant, ast.JoinedStr)) and text.lineno != text.end_lineno
        for line in range(text.lineno + 1, (text.end_lineno or 0) + 1)
    }


def _is_whole(code: str) -> bool:
    """Whether code of several lines is one expression as it stands."""
    try:
        ast.parse(code, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def parsed(text: str) -> Tree | Refusal:
    """The tree of a text (kept, as many files import the same modules), or why there is none."""
    found = _parsed(text)
    if isinstance(found, Refusal) and found.is_syntax:
        from dagmig.airflow.read.newer import said_in_older_syntax

        older = said_in_older_syntax(text) or ""
        if isinstance(other := _parsed(older), ast.Module) and older:
            text, found = older, other
    if isinstance(found, Refusal):
        return found
    problem = _examine(found)
    return Tree(text, found) if problem is None else problem


def _parsed(text: str) -> ast.Module | Refusal:
    if "\0" in text:
        return Refusal("it holds a NUL character", text[: text.index("\0")].count("\n") + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes like "\\d"
            return ast.parse(text)
    except (RecursionError, MemoryError):
        return Refusal("nested too deeply")
    except SyntaxError as error:
        last = text.count("\n") + 1
        line, column = min(error.lineno or 1, last), max(error.offset or 1, 1)
        return Refusal(f"syntax error: {error.msg}", line, column, is_syntax=True)
    except ValueError as error:  # half a surrogate pair
        return Refusal(str(error))


def _examine(module: ast.Module) -> Refusal | None:
    """Look at all nodes level by level, without recursion. What stands in an f-string gets its place: before
    Python 3.12 CPython has wrong ones.
    """
    level: list[Any] = [module]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            for value in node.__dict__.values():
                kind = value.__class__
                if kind in LEAVES:
                    continue
                if kind is list:
                    below += [item for item in value if item.__class__ not in LEAVES]
                else:
                    below.append(value)
            if node.__class__ is ast.JoinedStr:
                _put_inside(node)
        if not below:
            return None
        level = below
    return Refusal("nested too deeply")


def _put_inside(string: ast.JoinedStr) -> None:
    for node in ast.walk(string):
        ast.copy_location(node, string)
