"""Names that a fix needs: how the file writes them, and the edits that import those that it does not have."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import NamedTuple

from dagmig.diagnostics import Edit, Fix
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

Import = ast.Import | ast.ImportFrom


class Written(NamedTuple):
    """How the file writes a name, with the edits that import it (none where it is imported)."""

    name: str
    edits: tuple[Edit, ...] = ()


def written(source: Source, qualified: str) -> Written | None:
    """How the file can write ``datetime.timedelta`` or the module ``pendulum``; None where the name that
    would be imported stands for something else.
    """
    syntax = source.syntax
    module, _, name = qualified.rpartition(".")
    for local, bound in _bound_at_top(syntax):
        if bound == qualified:
            return Written(local)
        if module and bound == module:
            return Written(f"{local}.{name}")
    if syntax.bindings.get(name, {qualified}) != {qualified} or not syntax.tree.body:
        return None
    return Written(name, (_added(syntax, module, name) or _new_line(syntax, module, name),))


def with_edits(fix: Fix | None, *needed: Written) -> Fix | None:
    """The fix with the imports that it needs."""
    if fix is None:
        return None
    return Fix((*fix.edits, *(edit for one in needed for edit in one.edits)), fix.safe)


def _at_top(syntax: Syntax) -> Iterator[Import]:
    for node in syntax.tree.body:
        if isinstance(node, Import):
            yield node


def _bound_at_top(syntax: Syntax) -> Iterator[tuple[str, str]]:
    """The names that imports at the top level bind, and that the file binds to nothing else."""
    names = {one.asname or one.name.partition(".")[0]: node for node in _at_top(syntax) for one in node.names}
    for local in names:
        bound = syntax.bindings[local]
        if len(bound) == 1:
            yield local, next(iter(bound))


def _added(syntax: Syntax, module: str, name: str) -> Edit | None:
    """The name as one more of a ``from module import`` that is there."""
    for node in _at_top(syntax):
        if not isinstance(node, ast.ImportFrom) or node.module != module or node.level:
            continue
        last = node.names[-1]
        if last.name == "*":
            continue
        is_below = last.lineno > node.lineno
        gap = "\n" + syntax.margin(last.lineno) if is_below else " "
        end = syntax.offset(last, end=True)
        return Edit(end, end, f",{gap}{name}")
    return None


def _new_line(syntax: Syntax, module: str, name: str) -> Edit:
    """A line of its own: the standard library's after its like, others before the first of theirs."""
    line = f"from {module} import {name}\n" if module else f"import {name}\n"
    package = (module or name).partition(".")[0]
    leading = _leading_imports(syntax)
    ours = [one for one in leading if _is_standard(one) == _is_standard_name(package)]
    if earlier := [one for one in ours if _order(one) <= (bool(module), module or name)]:
        at = _end_of_line(syntax, earlier[-1])
        return Edit(at, at, line)
    if ours:
        return _before(syntax, ours[0], line)
    if leading and not _is_standard_name(package):
        at = _end_of_line(syntax, leading[-1])
        return Edit(at, at, f"\n{line}")
    return _before(syntax, leading[0] if leading else _first(syntax), line + "\n")


def _order(node: Import) -> tuple[bool, str]:
    """As formatters sort them: ``import`` before ``from``, then by name."""
    if isinstance(node, ast.ImportFrom):
        return True, "." * node.level + (node.module or "")
    return False, node.names[0].name


def _first(syntax: Syntax) -> ast.stmt:
    """The first statement that an import may stand before."""
    body = syntax.tree.body
    return next((one for one in body if not _is_prologue(one)), body[-1])


def _is_prologue(node: ast.stmt) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _leading_imports(syntax: Syntax) -> list[Import]:
    """The imports at the head of the file, in one stretch."""
    found: list[Import] = []
    for node in syntax.tree.body:
        if isinstance(node, Import) and not _is_prologue(node):
            found.append(node)
        elif found:
            break
    return found


def _packages(node: Import) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {"." if node.level else (node.module or "").partition(".")[0]}
    return {one.name.partition(".")[0] for one in node.names}


def _is_standard(node: Import) -> bool:
    return all(map(_is_standard_name, _packages(node)))


def _is_standard_name(package: str) -> bool:
    return package in sys.stdlib_module_names


def _before(syntax: Syntax, node: ast.stmt, line: str) -> Edit:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    at = syntax.line_start(first)
    return Edit(at, at, line)


def _end_of_line(syntax: Syntax, node: ast.stmt) -> int:
    """The start of the line after a statement."""
    return syntax.line_start(syntax.span(node).end_line + 1)
