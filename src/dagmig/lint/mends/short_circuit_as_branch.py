"""The fix of ``short-circuit-as-branch``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix
from dagmig.graph.query import downstream
from dagmig.lint.arguments import argument
from dagmig.lint.edit import replaced
from dagmig.lint.imports import written
from dagmig.lint.source import Source
from dagmig.lint.syntax import Def, Syntax

OLD, NEW = "BranchPythonOperator", "ShortCircuitOperator"
DECORATOR = ".branch"


def mend(source: Source, function: Def, target: str) -> Fix | None:
    """A short circuit that returns a truth value; unsafe, as it skips all that follows, whatever its trigger
    rule. Only where nothing but the target comes right after the branch.
    """
    syntax = source.syntax
    calls = list(_calls(function, syntax))
    if not _goes_only_to(target, function, calls, source):
        return None
    edits = _decorator(function, syntax) or _operators(function, calls, source)
    if not edits:
        return None
    return Fix((*edits, *_returns(function, source)), safe=False)


def _calls(function: Def, syntax: Syntax) -> Iterator[ast.Call]:
    """The operators that branch by a function."""
    for call, name in syntax.calls:
        given = argument(call, "python_callable") if name.rpartition(".")[2] == OLD else None
        if isinstance(given, ast.Name) and given.id == function.name:
            yield call


def _goes_only_to(target: str, function: Def, calls: list[ast.Call], source: Source) -> bool:
    syntax = source.syntax
    after: list[list[str]] = []
    for workflow in source.workflows:
        if not workflow.is_complete:
            return False
        targets = downstream(workflow)
        for task in workflow.tasks.values():
            call = syntax.call_at(task.span)
            if call in calls or (call and isinstance(call.func, ast.Name) and call.func.id == function.name):
                after.append(targets[task.id])
    return bool(after) and all(one == [target] for one in after)


def _decorator(function: Def, syntax: Syntax) -> tuple[Edit, ...]:
    """``@task.short_circuit`` for ``@task.branch``."""
    over = syntax.decorator(function)
    named = over.func if isinstance(over, ast.Call) else over
    if named is None or len(syntax.functions[function.name]) != 1:
        return ()
    end = syntax.offset(named, end=True)
    start = end - len(DECORATOR)
    return (Edit(start, end, ".short_circuit"),) if syntax.text[start:end] == DECORATOR else ()


def _operators(function: Def, calls: list[ast.Call], source: Source) -> tuple[Edit, ...]:
    """The other operator, of the same module, wherever the function is used."""
    syntax = source.syntax
    uses = sum(one.id == function.name for one in syntax.all(ast.Name))
    edits: list[Edit] = []
    for call in calls:
        name = written(source, syntax.name(call.func).removesuffix(OLD) + NEW)
        if name is None or uses != len(calls) or function.decorator_list:
            return ()
        edits += [*replaced(source, syntax.span(call.func), name.name).edits, *name.edits]
    return tuple(dict.fromkeys(edits))


def _returns(function: Def, source: Source) -> Iterator[Edit]:
    """``False`` for nothing, ``True`` for the target; a bare ``return`` is false as it is."""
    for value in source.syntax.returned(function):
        match value:
            case None:
                continue
            case ast.Constant(value=None) | ast.List(elts=[]):
                new = "False"
            case _:
                new = "True"
        yield from replaced(source, source.syntax.span(value), new).edits
