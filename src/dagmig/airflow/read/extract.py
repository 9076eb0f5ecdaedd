"""Cut a function out of its module with all it uses: imports, constants, other functions, word for word."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

import libcst as cst

from dagmig.airflow.read.objects import Func, Unsure
from dagmig.graph.values import Function, Parameter, Value


def extract(
    module: cst.Module, found: Func, translate: Callable[[Any], Value], *, with_source: bool
) -> Function:
    """The function as a value; its ``source`` is filled in on request only."""
    parameters = tuple(_parameters(found.node.params, translate))
    if not with_source:
        return Function(found.name, parameters)
    if isinstance(found.node, cst.Lambda):
        own = f"task = {module.code_for_node(found.node).strip()}\n"
        name = "task"
    else:
        own = (
            module.code_for_node(
                found.node.with_changes(decorators=found.decorators, leading_lines=())
            ).strip("\n")
            + "\n"
        )
        name = found.name
    pieces, needs, free = _closure(module, name, own)
    return Function(name, parameters, "\n".join(pieces), needs, free)


def _parameters(params: cst.Parameters, translate: Callable[[Any], Value]) -> list[Parameter]:
    def one(param: cst.Param, kind: str) -> Parameter:
        default = translate(Unsure(param.default)) if param.default is not None else None
        return Parameter(param.name.value, kind, default)

    found = [one(p, "positional") for p in (*params.posonly_params, *params.params)]
    if isinstance(params.star_arg, cst.Param):
        found.append(one(params.star_arg, "*"))
    found += [one(p, "keyword") for p in params.kwonly_params]
    if params.star_kwarg is not None:
        found.append(one(params.star_kwarg, "**"))
    return found


def _closure(module: cst.Module, name: str, own: str) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """The texts of the module's statements the function needs, in source order, then its own."""
    try:
        tree = ast.parse(module.code)
        body = ast.parse(_dedent(own))
    except (SyntaxError, ValueError, RecursionError):
        return [own], (), ()
    lines = module.code.splitlines(keepends=True)
    definers: dict[str, ast.stmt] = {}
    for statement in tree.body:
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
        "".join(lines[s.lineno - 1 : s.end_lineno]) for s in sorted(wanted.values(), key=lambda s: s.lineno)
    ]
    return [*texts, _dedent(own)], tuple(sorted(needs)), tuple(sorted(free))


def _dedent(text: str) -> str:
    margin = len(text) - len(text.lstrip(" "))
    return "".join(
        line[margin:] if line[:margin].isspace() or not margin else line for line in text.splitlines(True)
    )


def _bound(statement: ast.stmt) -> set[str]:
    found: set[str] = set()
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
