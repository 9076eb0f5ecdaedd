"""Python that a template holds as a text, looked at and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.airflow.read.tree import Tree, parsed

_PLAIN = (ast.Import, ast.ImportFrom, ast.Assign, ast.Return, ast.Expr)
_MODULES = frozenset({"boto3", "json", "os"})
_PREPARES = frozenset({"client", "resource", "dumps", "loads", "get", "getenv", "str"})


def only_call(code: str) -> str:
    """The one call of a service that the code consists of, beside what prepares it; empty where it does more.

    Only statements in a row are taken for that, without a branch, a loop or a function beside the handler.
    """
    tree = parsed(code)
    if not isinstance(tree, Tree):
        return ""
    module = tree.module
    functions = [one for one in module.body if isinstance(one, ast.FunctionDef)]
    others = [one for one in module.body if not isinstance(one, ast.FunctionDef)]
    if len(functions) != 1 or not all(isinstance(one, _PLAIN) for one in (*others, *functions[0].body)):
        return ""
    nodes = list(ast.walk(module))
    branches = (ast.IfExp, ast.comprehension, ast.Lambda, ast.BoolOp, ast.BinOp, ast.JoinedStr)
    if not _MODULES.issuperset(_imported(nodes)) or any(isinstance(one, branches) for one in nodes):
        return ""
    works = [name for name in _called(nodes) if name not in _PREPARES]
    return works[0] if len(works) == 1 and "boto3" in _imported(nodes) else ""


def _imported(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or ".").partition(".")[0]


def _called(nodes: list[ast.AST]) -> Iterator[str]:
    """The names of what is called, without what they are attributes of."""
    for node in nodes:
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "?")
