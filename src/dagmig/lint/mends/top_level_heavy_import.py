"""The fix of ``top-level-heavy-import``."""

from __future__ import annotations

import ast
from collections import defaultdict

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.lint.source import Source
from dagmig.lint.syntax import Def, Syntax

Import = ast.Import | ast.ImportFrom


def mend(source: Source, span: Span) -> Fix | None:
    """The import at ``span`` moved into each function that uses it; unsafe, as others may take the name from
    this file.
    """
    syntax = source.syntax
    node = syntax.node_at(span, ast.Import) or syntax.node_at(span, ast.ImportFrom)
    if node is None or not syntax.is_alone(node):
        return None
    start, end = syntax.offset(node), syntax.offset(node, end=True)
    users = _users(node, syntax)
    if users is None or "#" in source.text[start:end]:
        return None
    remark = source.text[end : syntax.line_start(syntax.span(node).end_line + 1)].rstrip()
    edits = [_line_removed(node, syntax)]
    for function, names in users.items():
        if (added := _added(function, _lines(node, names), remark, syntax)) is None:
            return None
        edits += added
    return Fix(tuple(edits), safe=False)


def _users(node: Import, syntax: Syntax) -> dict[Def, set[str]] | None:
    """The functions to import in, with the names that each uses; None where the import must stay."""
    users: dict[Def, set[str]] = defaultdict(set)
    for one in node.names:
        name = one.asname or one.name.partition(".")[0]
        uses = [use for use in syntax.all(ast.Name) if use.id == name]
        if not uses or len(syntax.bindings[name]) != 1 or "" in syntax.bindings[name]:
            return None
        for use in uses:
            if (function := _outermost(use, syntax)) is None:
                return None
            users[function].add(name)
    return users


def _outermost(use: ast.Name, syntax: Syntax) -> Def | None:
    """The outermost function around a use that does not run when the file is parsed."""
    found: Def | None = None
    child: ast.AST = use
    for outer in syntax.outer(use):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and child in outer.body:
            if outer in syntax.at_parse:
                break
            found = outer
        child = outer
    return found


def _lines(node: Import, names: set[str]) -> list[str]:
    kept = [one for one in node.names if (one.asname or one.name.partition(".")[0]) in names]
    if isinstance(node, ast.Import):
        return [f"import {ast.unparse(one)}" for one in kept]
    return [f"from {node.module} import {', '.join(map(ast.unparse, kept))}"]


def _line_removed(node: Import, syntax: Syntax) -> Edit:
    """The statement's lines, and an empty one where two would be left."""
    first, after = node.lineno, syntax.span(node).end_line + 1
    is_apart = first == 1 or not syntax.lines[first - 2].strip()
    if is_apart and after < len(syntax.lines) and not syntax.lines[after - 1].strip():
        after += 1
    return Edit(syntax.line_start(first), syntax.line_start(after), "")


def _added(function: Def, lines: list[str], remark: str, syntax: Syntax) -> list[Edit] | None:
    """The lines before a function's first statement, and an empty one after them; None where that has no line
    of its own.
    """
    has_doc = ast.get_docstring(function, clean=False) is not None
    if len(function.body) <= has_doc:
        return None
    first = function.body[has_doc]
    line = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
    margin = syntax.margin(line)
    start = syntax.line_start(line)
    if syntax.text[start : syntax.offset(first)].strip() and not hasattr(first, "decorator_list"):
        return None
    edits = [Edit(start - 1, start - 1, "".join(f"\n{margin}{one}{remark}" for one in lines))]
    return edits if isinstance(first, Import) else [*edits, Edit(start, start, "\n")]
