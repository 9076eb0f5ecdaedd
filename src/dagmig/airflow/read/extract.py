"""Cut a function out of its module with all it uses: imports, constants, other functions, word for word."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Callable, Iterator
from typing import Any

from dagmig.airflow.read.objects import Func, Unsure, parameters
from dagmig.airflow.read.tree import Tree
from dagmig.graph.values import Function, Parameter, Value

_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Delete)
_MUTATORS = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "remove",
     "reverse", "setdefault", "sort", "update"}
)  # fmt: skip


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
    """The texts of the module's statements the function needs, in source order, then its own.

    Free is what the module does not define, or changes in a loop, a condition or the like.
    """
    own = _dedent(own)
    try:
        body = ast.parse(own)
    except (SyntaxError, ValueError, RecursionError):
        return [own], (), ()
    lines = [f"{line}\n" for line in tree.lines]

    def text(statement: ast.stmt) -> str:
        return _dedent("".join(lines[statement.lineno - 1 : statement.end_lineno]))

    definers, changers = _by_name(tree.module.body)
    wanted: dict[int, ast.stmt] = {}
    needs: set[str] = set()
    free: set[str] = set()
    queue = sorted(_used(own))
    seen = {name}
    while queue:
        used = queue.pop()
        if used in seen or (hasattr(builtins, used) and used not in definers):
            continue
        seen.add(used)
        if used not in definers:
            free.add(used)
            continue
        changing = changers.get(used, [])
        if any(not isinstance(one, _SIMPLE) for one in changing):
            free.add(used)
        for one in (definers[used], *(one for one in changing if isinstance(one, _SIMPLE))):
            if id(one) not in wanted:
                wanted[id(one)] = one
                queue += sorted(_used(text(one)))
    kept = [(one, _of_names(one, seen)) for one in sorted(wanted.values(), key=lambda one: one.lineno)]
    for statement in [*(narrow for _, narrow in kept), *body.body]:
        needs |= _imports(statement)
    texts = [text(one) if narrow is one else f"{ast.unparse(narrow)}\n" for one, narrow in kept]
    return [*texts, own], tuple(sorted(needs)), tuple(sorted(free))


def _of_names(statement: ast.stmt, used: set[str]) -> ast.stmt:
    """The statement, where it imports several names without those that are not used."""
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return statement
    names = [one for one in statement.names if (one.asname or one.name).partition(".")[0] in used]
    if not names or len(names) == len(statement.names):
        return statement
    if isinstance(statement, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(statement.module, names, statement.level)


def _by_name(body: list[ast.stmt]) -> tuple[dict[str, ast.stmt], dict[str, list[ast.stmt]]]:
    """The first statement of a module that binds a name, and those that change what it is bound to."""
    definers: dict[str, ast.stmt] = {}
    changers: dict[str, list[ast.stmt]] = {}
    for statement in _statements(body):
        for bound in _bound(statement):
            definers.setdefault(bound, statement)
        for changed in _changed(statement):
            changers.setdefault(changed, []).append(statement)
    return definers, changers


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


def _changed(statement: ast.stmt) -> set[str]:
    """The names whose values a statement changes that are there already: `x["a"] = 1`, `x.append(1)`."""
    found: set[str] = set()
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return found
    for node in ast.walk(statement):
        match node:
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                found.add(_root(node))
            case ast.AugAssign(target=target):
                found.add(_root(target))
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in _MUTATORS:
                found.add(_root(value))
    return found - {""}


def _root(node: ast.expr) -> str:
    """The name at the beginning of `a.b["c"]`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _used(text: str) -> set[str]:
    """Names that code takes from its module, as Python's own tables of symbols say."""
    try:
        table = symtable.symtable(text, "task", "exec")
    except SyntaxError:  # a function cut out of another one, whose variables it binds
        table = symtable.symtable(re.sub(r"\bnonlocal\b", "global", text), "task", "exec")
    return set(_of_module(table))


def _of_module(table: symtable.SymbolTable) -> Iterator[str]:
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() if is_module else symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _of_module(inner)


def _imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level if node.level else (node.module or "").partition(".")[0])
    return found
