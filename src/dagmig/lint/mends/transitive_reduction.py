"""The fix of ``transitive-reduction``."""

from __future__ import annotations

import ast
from collections import Counter

from dagmig.diagnostics import Edit, Fix
from dagmig.graph.model import Workflow
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax


def mend(source: Source, workflow: Workflow, upstream: str, downstream: str) -> Fix | None:
    """The statement taken away that joins the two tasks and no others; unsafe, as the edge is gone from the
    graph, though what waits for what stays.
    """
    syntax = source.syntax
    tasks = _tasks(workflow, syntax)
    for statement in syntax.all(ast.Expr):
        pair = _pair(statement.value)
        if pair is None or (tasks.get(pair[0]), tasks.get(pair[1])) != (upstream, downstream):
            continue
        if not syntax.is_alone(statement) or not _has_neighbours(statement, syntax):
            continue
        start = syntax.line_start(statement.lineno)
        return Fix((Edit(start, syntax.line_start(syntax.span(statement).end_line + 1), ""),), safe=False)
    return None


def _tasks(workflow: Workflow, syntax: Syntax) -> dict[str, str]:
    """The names that each stand for one task all through the file, with its id."""
    stored = Counter(one.id for one in syntax.all(ast.Name) if not isinstance(one.ctx, ast.Load))
    places = Counter(task.span for task in workflow.tasks.values())
    found: dict[str, str] = {}
    for task in workflow.tasks.values():
        call = syntax.call_at(task.span)
        match syntax.parents.get(call) if call is not None else None:
            case ast.Assign(targets=[ast.Name(id=name)]) if stored[name] == 1 and places[task.span] == 1:
                found[name] = task.id
    return found


def _pair(value: ast.expr) -> tuple[str, str] | None:
    """The upstream and the downstream name of an expression that joins two."""
    match value:
        case ast.BinOp(left=ast.Name(id=left), op=ast.RShift(), right=ast.Name(id=right)):
            return left, right
        case ast.BinOp(left=ast.Name(id=left), op=ast.LShift(), right=ast.Name(id=right)):
            return right, left
        case ast.Call(func=ast.Attribute(value=ast.Name(id=one), attr=method), args=[ast.Name(id=other)]):
            return {"set_downstream": (one, other), "set_upstream": (other, one)}.get(method)
    return None


def _has_neighbours(statement: ast.Expr, syntax: Syntax) -> bool:
    """Whether its block is not empty without a statement."""
    blocks = (getattr(syntax.parents[statement], name, []) for name in ("body", "orelse", "finalbody"))
    return any(statement in block and len(block) > 1 for block in blocks)
