"""Python source as its tree: what it imports, which names it has, where a callable is. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from dagmig.graph.values import Function

_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)


@lru_cache(maxsize=256)
def statements(source: str) -> tuple[ast.stmt, ...]:
    """The statements of a module, which nobody changes; none where this Python cannot read it."""
    try:
        return tuple(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError):
        return ()


def definition(function: Function) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None:
    """The callable in its source: a function, or the lambda that ``task`` is."""
    for statement in reversed(statements(function.source)):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == function.name:
            return statement
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
            return statement.value
    return None


def changed_globals(function: Function) -> list[str]:
    """The names of the module that the code says it binds (``global``)."""
    found = (node for one in statements(function.source) for node in ast.walk(one))
    return sorted({name for node in found if isinstance(node, ast.Global) for name in node.names})


def is_async(function: Function) -> bool:
    return isinstance(definition(function), ast.AsyncFunctionDef)


def gives_generator(function: Function) -> bool:
    """Whether what the callable gives back is a generator: it yields, or it returns a generator expression
    or the call of a function beside it that yields.
    """
    found = definition(function)
    beside = {one.name for one in statements(function.source) if isinstance(one, _DEFS) and _yields(one)}
    if found is None or isinstance(found, ast.AsyncFunctionDef):
        return False
    if _yields(found):
        return True
    nodes = _own_nodes(found)
    given = (
        [found.body]
        if isinstance(found, ast.Lambda)
        else [node.value for node in nodes if isinstance(node, ast.Return)]
    )
    return bool(given) and all(_is_generator(value, beside) for value in given)


def _is_generator(value: ast.expr | None, beside: set[str]) -> bool:
    match value:
        case ast.GeneratorExp():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in beside
    return False


def _yields(found: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """A decorator may make something else of it (``contextmanager``)."""
    return not getattr(found, "decorator_list", ()) and any(
        isinstance(node, (ast.Yield, ast.YieldFrom)) for node in _own_nodes(found)
    )


def _own_nodes(found: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of functions within it."""
    waiting: list[ast.AST] = [found.body] if isinstance(found, ast.Lambda) else [*found.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*_DEFS, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def read_environment(source: str) -> list[str | None]:
    """The environment variables that code reads; None for one whose name is computed."""
    nodes = [node for statement in statements(source) for node in ast.walk(statement)]
    found = [name for node in nodes for name in _asked_of_environment(node)]
    return sorted(set(found), key=lambda name: name or "")


def _asked_of_environment(node: ast.AST) -> Iterator[str | None]:
    match node:
        case ast.Subscript(value=asked, slice=name, ctx=ast.Load()) if _ends(asked, "environ"):
            yield _text_of(name)
        case ast.Call(func=ast.Attribute(value=asked, attr="get"), args=[name, *_]) if _ends(
            asked, "environ"
        ):
            yield _text_of(name)
        case ast.Call(func=called, args=[name, *_]) if _ends(called, "getenv"):
            yield _text_of(name)


def _ends(node: ast.expr, name: str) -> bool:
    """`os.environ`, or `environ` alone."""
    return getattr(node, "attr", getattr(node, "id", None)) == name


def _text_of(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


class Import(NamedTuple):
    """A module that code imports, the ``names`` taken from it (none for ``import module``), and those of
    them that the code reads.
    """

    module: str
    names: tuple[str, ...] = ()
    read: frozenset[str] = frozenset()


def imports(source: str) -> Iterator[Import]:
    """What a source imports, anywhere in it."""
    nodes = [node for statement in statements(source) for node in ast.walk(statement)]
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            local = {alias.asname or alias.name: alias.name for alias in node.names}
            read = frozenset(local[name] for name in local.keys() & used)
            yield Import("." * node.level + (node.module or ""), tuple(local.values()), read)
        elif isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)


def bound(source: str) -> set[str]:
    """The names that a source's module has."""
    found: set[str] = set()
    for statement in statements(source):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).partition(".")[0])
    return found


def merged(own: str, others: Sequence[str]) -> str | None:
    """A module, with what the others have besides before it; None where they have other things by the same
    name, or one cannot be read.
    """
    seen = {ast.dump(statement) for statement in statements(own)}
    names, parts = _bound_by(statements(own)), list[str]()
    for source in others:
        new = [statement for statement in statements(source) if ast.dump(statement) not in seen]
        if not statements(source) or _bound_by(new) & names:
            return None
        names |= _bound_by(new)
        seen |= {ast.dump(statement) for statement in new}
        parts += [_text(statement, source.splitlines(keepends=True)) for statement in new]
    return spaced([*parts, own.strip("\n") + "\n"]) if parts else own


def _text(statement: ast.stmt, lines: Sequence[str]) -> str:
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    return "".join(lines[first - 1 : statement.end_lineno]).strip("\n") + "\n"


def spaced(parts: Iterable[str]) -> str:
    """The parts of a module with the blank lines between them that a formatter leaves."""
    found = ""
    for part in parts:
        is_close = part.startswith(("import ", "from "))
        found += ("" if not found else "\n" if is_close else "\n\n") + part
    return found


def _bound_by(nodes: Iterable[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        else:
            stored = (one for one in ast.walk(node) if isinstance(one, ast.Name))
            found |= {one.id for one in stored if isinstance(one.ctx, ast.Store)}
    return found


def makes_sets(source: str) -> bool:
    """Whether the code may have sets, for which JSON has no form."""
    nodes = (node for statement in statements(source) for node in ast.walk(statement))
    return any(
        isinstance(node, (ast.Set, ast.SetComp))
        or (isinstance(node, ast.Name) and node.id in ("set", "frozenset"))
        for node in nodes
    )


def is_annotated(source: str) -> bool:
    """Whether a signature or a variable is annotated: the names may be there for type checkers only."""
    nodes = (node for statement in statements(source) for node in ast.walk(statement))
    return any(
        isinstance(node, ast.AnnAssign)
        or (isinstance(node, ast.arg) and node.annotation is not None)
        or (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None)
        for node in nodes
    )
