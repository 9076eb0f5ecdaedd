"""What no parser should be handed: files nested so deeply that libcst runs out of stack, and broken strings.

libcst's parser is native code, and a stack that overflows there ends the process; CPython's own parser
has limits and raises. A file is therefore shown to CPython first.
"""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import Any, NamedTuple

MAX_DEPTH = (
    250  # nested expressions and blocks; libcst's visitors reach Python's recursion limit at about 300
)
LEAVES = frozenset(
    {ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, str, int, float, complex, bytes, bool, type(None)}
)  # where a tree goes no further, and what fields hold that are no trees
SHIFTS = frozenset({ast.RShift, ast.LShift})
BROKEN_STRING = ("(unicode error)", "(value error)")


class Refusal(NamedTuple):
    """Why a text is not worth parsing; lines and columns count from 1."""

    message: str
    line: int = 1
    column: int = 1


def refusal(text: str) -> Refusal | None:
    """Why a text is not to be handed to libcst; None where it may be."""
    found = examined(text)
    return found if isinstance(found, Refusal) else None


def examined(text: str) -> Refusal | list[ast.Call | ast.BinOp]:
    """Why a text is not to be handed to libcst; else the calls and shifts in it, where tasks are made and
    depend on each other.

    Most syntax errors are left to libcst, which knows the syntax of every version of Python.
    """
    tree = _parsed(text)
    if isinstance(tree, ast.Module):
        calls = _calls(tree)
        return Refusal("nested too deeply") if calls is None else calls
    if tree is not None and (
        tree.message == "nested too deeply" or any(m in tree.message for m in BROKEN_STRING)
    ):
        return tree
    return []


def syntax_error(text: str) -> Refusal | None:
    """What CPython says is wrong with a text, which is more to the point than what libcst says."""
    found = _parsed(text)
    return None if isinstance(found, ast.Module) else found


def python_tree(text: str) -> ast.Module | None:
    """CPython's tree of a text, the same one that the reader looked at; None where it has none."""
    found = _parsed(text)
    return found if isinstance(found, ast.Module) else None


@lru_cache(maxsize=1)
def _parsed(text: str) -> ast.Module | Refusal | None:
    """The tree, or what is wrong; None for texts that CPython does not look at."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes like "\\d"
            return ast.parse(text)
    except (RecursionError, MemoryError):
        return Refusal("nested too deeply")
    except SyntaxError as error:
        last = text.count("\n") + 1
        line, column = min(error.lineno or 1, last), max(error.offset or 1, 1)
        return Refusal(f"syntax error: {error.msg}", line, column)
    except ValueError:  # half a surrogate pair, a NUL
        return None


def _calls(tree: ast.Module) -> list[ast.Call | ast.BinOp] | None:
    """All calls and shifts; None where the tree is too deep. It is walked level by level, without recursion;
    `a or b or c` is one level in CPython's tree, two in libcst's.
    """
    level: list[Any] = [tree]
    calls: list[ast.Call | ast.BinOp] = []
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            for value in node.__dict__.values():
                if value.__class__ in LEAVES:
                    continue
                if value.__class__ is list:
                    below += [item for item in value if item.__class__ not in LEAVES]
                else:
                    below.append(value)
            kind = node.__class__
            if kind is ast.Call or (kind is ast.BinOp and node.op.__class__ in SHIFTS):
                calls.append(node)
            elif kind is ast.BoolOp and len(node.values) > MAX_DEPTH:
                return None
        if not below:
            return calls
        level = below
    return None
