"""Cut a function out of its module with all it uses: imports, constants, other functions, word for word."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from typing import Any

from dagmig.airflow.read.objects import Func, Unsure, parameters
from dagmig.airflow.read.tree import Tree
from dagmig.graph.values import Function, Parameter, Value


def extract(tree: Tree, found: Func, translate: Callable[[Any], Value], *, with_source: bool) -> Function:
    """The function as a value; its ``source`` is filled in on request only."""
    taken = tuple(_parameters(found.node.args, translate))
    if not with_source:
        return Function(found.name, taken)
    if isinstance(found.node, ast.Lambda):
        own = f"task = {tree.code(found.node)}\n"
        name = "task"
    else:
        decorators = "".join(f"@{tree.code(one)}\n" for one in found.decorators)
        own = f"{decorators}{tree.block(found.node)}\n"
        name = found.name
    pieces, needs, free = _closure(tree, name, own)
    return Function(name, taken, "\n".join(pieces), needs, free)


def _parameters(arguments: ast.arguments, translate: Callable[[Any], Value]) -> list[Parameter]:
    found = [
        Parameter(one.name, one.kind, None if one.default is None else translate(Unsure(one.default)))
        for one in parameters(arguments)
    ]
    if arguments.vararg is not None:
        found.insert(len(found) - len(arguments.kwonlyargs), Parameter(arguments.vararg.arg, "*", None))
    if arguments.kwarg is not None:
        found.append(Parameter(arguments.kwarg.arg, "**", None))
    return found


def _closure(tree: Tree, name: str, own: str) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """The texts of the module's statements the function needs, in source order, then its own."""
    try:
        body = ast.parse(_dedent(own))
    except (SyntaxError, ValueError, RecursionError):
        return [own], (), ()
    lines = [f"{line}\n" for line in tree.lines]
    definers: dict[str, ast.stmt] = {}
    for statement in _statements(tree.module.body):
        for bound in _bound(statement):
            definers.setdefault(bound, statement)
    wanted: dict[int, ast.stmt] = {}
    needs: set[str] = set()
    free: set[str] = set()
    queue = sorted(_used(body))
    seen = {name}
    while queue:
        used = queue.pop()
        if used in seen or hasattr(builtins, used):
            continue
        seen.add(used)
        definer = definers.get(used)
        if definer is None:
            free.add(used)
        elif id(definer) not in wanted:
            wanted[id(definer)] = definer
            queue += sorted(_used(definer))
    for statement in [*wanted.values(), *body.body]:
        needs |= _imports(statement)
    texts = [
        _dedent("".join(lines[s.lineno - 1 : s.end_lineno]))
        for s in sorted(wanted.values(), key=lambda s: s.lineno)
    ]
    return [*texts, _dedent(own)], tuple(sorted(needs)), tuple(sorted(free))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """A module's statements, with those within its ``with`` blocks: what a DAG's block defines, tasks use."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With):
            yield from _statements(statement.body)


def _dedent(text: str) -> str:
    margin = len(text) - len(text.lstrip(" "))
    return "".join(
        line[margin:] if line[:margin].isspace() or not margin else line for line in text.splitlines(True)
    )


def _bound(statement: ast.stmt) -> set[str]:
    found: set[str] = set()
    if isinstance(statement, ast.With):
        named = [item.optional_vars for item in statement.items if item.optional_vars is not None]
        return {node.id for one in named for node in ast.walk(one) if isinstance(node, ast.Name)}
    for node in ast.walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node is statement:
            return {node.name}
        if isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _used(tree: ast.AST) -> set[str]:
    """Names read that the code does not bind itself."""
    loaded: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return loaded - bound


def _imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level if node.level else (node.module or "").partition(".")[0])
    return found
