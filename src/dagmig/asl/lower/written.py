"""Functions of a DAG that are those of ``asl/lift`` (``runtime.py``, ``query.py``), whatever their names.

A DAG that was made of a machine carries them along, and what they stand for is known.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dagmig.graph.values import Function
from dagmig.integrations.python_source import statements

_FILES = ("runtime.py", "query.py")  # they are read, not imported


def functions(function: Function) -> dict[str, ast.FunctionDef]:
    """The functions of the module that a callable's source is."""
    return {one.name: one for one in statements(function.source) if isinstance(one, ast.FunctionDef)}


def is_written(name: str, known: Mapping[str, ast.FunctionDef], written: str) -> bool:
    """Whether a function does what the one of that name in the file does, word for word."""
    return name in known and _text(known[name]) == _written()[written]


def body(function: ast.FunctionDef) -> list[ast.stmt]:
    """The statements without the docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _text(function: ast.FunctionDef) -> str:
    names = [one.arg for one in function.args.args]
    return ast.dump(ast.Module([*body(function)], [])) + str(names)


@cache
def _written() -> Mapping[str, str]:
    folder = Path(__file__).parents[1] / "lift"
    trees = (ast.parse((folder / name).read_text(encoding="utf-8")) for name in _FILES)
    return {one.name: _text(one) for tree in trees for one in tree.body if isinstance(one, ast.FunctionDef)}
