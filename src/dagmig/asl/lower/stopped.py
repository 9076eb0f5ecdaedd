"""A task that begins nothing once others have failed (``pre_execute``), where the machine has ended by then.

``asl.lift`` writes such functions, as Step Functions stops the branches of a Parallel and the items of a Map.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from dagmig.asl.lower.written import body, functions, is_written
from dagmig.graph.model import Task
from dagmig.graph.values import Function
from dagmig.integrations.python_source import definition

HOOK = "pre_execute"
SAID = "in Airflow it fails where one of {} has failed; here the execution ends at once when one does"


def stoppers(task: Task) -> frozenset[str] | None:
    """The tasks whose failure the task looks at before it begins, to fail then; None where its hook does
    anything else.
    """
    hook = task.argument(HOOK)
    called = definition(hook) if isinstance(hook, Function) else None
    if not isinstance(hook, Function) or not isinstance(called, ast.FunctionDef):
        return None
    match called.args:
        case ast.arguments(posonlyargs=[], args=[ast.arg(context)], vararg=None, kwonlyargs=[], kwarg=None):
            return _stoppers(body(called), context, functions(hook))
    return None


def _stoppers(
    found: list[ast.stmt], context: str, known: Mapping[str, ast.FunctionDef]
) -> frozenset[str] | None:
    """The tasks of ``names = [...]`` and ``if failed(ti, names, ...): raise AirflowFailException(...)``."""
    names: list[str] = []
    looked: set[str] = set()
    for statement in found:
        match statement:
            case ast.Assign([ast.Name("ti")], ast.Subscript(ast.Name(whole), ast.Constant("ti"))) if (
                whole == context
            ):
                pass
            case ast.Assign([ast.Name("names")], ast.List(items)):
                names = [str(item.value) for item in items if isinstance(item, ast.Constant)]
                if len(names) != len(items):
                    return None
            case ast.If(
                ast.Call(ast.Name(asked), [ast.Name("ti"), ast.Name("names"), _], []),
                [ast.Raise(ast.Call(ast.Name("AirflowFailException")))],
                [],
            ) if is_written(asked, known, "failed"):
                looked |= set(names)
            case _:
                return None
    return frozenset(looked)


def is_stopped(task: Task, fatal: Collection[str], fallible: Collection[str]) -> bool:
    """Whether the execution ends at once when one of those tasks fails that the hook looks at."""
    names = stoppers(task)
    return names is not None and all(name in fatal or name not in fallible for name in names)
