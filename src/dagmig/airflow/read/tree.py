"""A file as CPython parses it, with where its nodes stand and what they are word for word."""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from dagmig.diagnostics import Span

MAX_DEPTH = 250  # nested expressions and blocks: evaluation recurses over them
LEAVES = frozenset({ast.Name, ast.Constant})  # where a tree goes no further
NO_TREES = frozenset(
    {str, int, float, complex, bytes, bool, type(None), type(...)}
)  # what fields hold besides
NEVER_TREES = frozenset(
    {"arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "module", "op", "ops"}
    | {"rest", "simple", "type_comment", "type_ignores"}
)  # fields that need not be looked at: names, and what a node says of itself
FIELDS = {
    kind: tuple(name for name in kind._fields if name not in NEVER_TREES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}  # those in which nodes of a kind may hold others
WITHOUT_PLACE = {ast.withitem: "context_expr", ast.match_case: "pattern", ast.comprehension: "target"}


class Refusal(NamedTuple):
    """Why a text cannot be read; lines and columns count from 1."""

    message: str
    line: int = 1
    column: int = 1
    is_syntax: bool = False


@dataclass(eq=False)
class Tree:
    """The nodes of one text, but operators: each with the one it stands in, and by kind, outer ones first."""

    text: str
    module: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    kinds: dict[type, list[Any]] = field(default_factory=dict)

    def span(self, node: ast.AST, file: str) -> Span:
        """Where a node stands; lines and columns count from 1, columns in characters."""
        while node.__class__ in WITHOUT_PLACE:
            node = getattr(node, WITHOUT_PLACE[node.__class__])
        if not hasattr(node, "lineno"):
            return Span(file)
        line, column, last, end = _place(node)
        return Span(file, line, self._column(line, column) + 1, last, self._column(last, end) + 1)

    def start(self, node: ast.expr) -> tuple[int, int]:
        """Where a node begins, as ``span`` has it: the line and the column."""
        return node.lineno, self._column(node.lineno, node.col_offset) + 1

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
        return node in self.parents or node is self.module

    def _column(self, line: int, offset: int) -> int:
        """The column, from 0, of an offset in bytes."""
        if self.text.isascii():
            return offset
        return len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore"))

    @cached_property
    def lines(self) -> list[str]:
        """As CPython counts them."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


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


@lru_cache(maxsize=2)
def parsed(text: str) -> Tree | Refusal:
    """The tree of a text, or why there is none: kept while a file is at hand, no longer, as what many files
    leave behind is slow to keep and to give back.
    """
    found = _parsed(text)
    if isinstance(found, Refusal) and found.is_syntax:
        from dagmig.airflow.read.newer import said_in_older_syntax

        older = said_in_older_syntax(text) or ""
        if isinstance(other := _parsed(older), ast.Module) and older:
            text, found = older, other
    if isinstance(found, Refusal):
        return found
    return _grown(Tree(text, found, {}, defaultdict(list)))


@lru_cache(maxsize=64)
def parsed_module(text: str) -> Tree | Refusal:
    """As ``parsed``, for a module of the project, which many files import."""
    return parsed.__wrapped__(text)


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


def _grown(tree: Tree) -> Tree | Refusal:
    """Look at all nodes level by level, without recursion."""
    parents, kinds = tree.parents, tree.kinds
    kinds[ast.Module].append(tree.module)
    level: list[ast.AST] = [tree.module]
    for _ in range(MAX_DEPTH):
        below: list[ast.AST] = []
        for node in level:
            for name in FIELDS[node.__class__]:
                value = getattr(node, name)
                kind = value.__class__
                if kind in NO_TREES:
                    continue
                for item in value if kind is list else (value,):
                    kind = item.__class__
                    if kind in NO_TREES:
                        continue
                    parents[item] = node
                    kinds[kind].append(item)
                    if kind not in LEAVES:
                        below.append(item)
        if not below:
            _place_insides(kinds[ast.JoinedStr])
            return tree
        level = below
    return Refusal("nested too deeply")


def _place_insides(strings: list[ast.JoinedStr]) -> None:
    """What stands in an f-string gets its place: before Python 3.12 CPython has wrong ones."""
    done: set[ast.AST] = set()
    for string in strings:  # outer ones come first
        if string in done:
            continue
        place = _place(string)
        waiting: list[Any] = [string]
        while waiting:
            inside: list[Any] = [*ast.iter_child_nodes(waiting.pop())]
            for node in inside:
                kind = node.__class__
                if kind not in LEAVES:
                    waiting.append(node)
                if kind is ast.JoinedStr:
                    done.add(node)
                if "lineno" in kind._attributes:
                    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = place
