"""A task that keeps the error it has failed with, for those after it: what Step Functions says of an error.

``asl.lift`` writes such a callback where a Catch of a machine reads the error; here it becomes a Catch again.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from dagmig.asl.lower.task import is_placeholder
from dagmig.graph.model import Task
from dagmig.graph.values import Function
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.python_source import definition, statements

CALLBACK = "on_failure_callback"
ERROR = "{% $states.errorOutput %}"
SAID = "the error that the state fails with, as Step Functions names it, is the task's XCom `{}`"
_WRITTEN = Path(__file__).parents[1] / "lift" / "runtime.py"  # it is read, not imported
_OUTPUT = "error_output"


def kept_error(task: Task) -> str | None:
    """The XCom that holds a task's error once it has failed, where that is all that its callback does; None
    also where code of the user's fails, whose exception Step Functions does not hand on as it is.
    """
    callback = task.argument(CALLBACK)
    is_code = "python_callable" in task.call.arguments or task.call.operator.startswith("@")
    if is_code or task.expand is not None or not isinstance(callback, Function):
        return None
    functions = {one.name: one for one in statements(callback.source) if isinstance(one, ast.FunctionDef)}
    called = definition(callback)
    return _pushed(called, functions) if isinstance(called, ast.FunctionDef) else None


def keeping(task: Task, fragment: Fragment) -> Fragment:
    """The fragment with the error among what it gives others: null where it has not failed."""
    key = kept_error(task)
    if key is None or fragment.functions or is_placeholder(fragment):
        return fragment
    nothing = Projection(MAIN, Expression.of("null"))
    return replace(fragment, outputs={**fragment.outputs, key: nothing}, error=key)


def _pushed(called: ast.FunctionDef, functions: Mapping[str, ast.FunctionDef]) -> str | None:
    """The key of ``context["ti"].xcom_push(key=..., value=error_output(context["exception"]))``."""
    match called.args, _body(called):
        case ast.arguments(posonlyargs=[], args=[ast.arg(context)]), [ast.Expr(ast.Call() as push)]:
            pass
        case _:
            return None
    match push:
        case ast.Call(
            ast.Attribute(ast.Subscript(ast.Name(first), ast.Constant("ti" | "task_instance")), "xcom_push"),
            [],
            [
                ast.keyword("key", ast.Constant(str() as key)),
                ast.keyword(
                    "value",
                    ast.Call(
                        ast.Name(made), [ast.Subscript(ast.Name(second), ast.Constant("exception"))], []
                    ),
                ),
            ],
        ) if first == second == context and made in functions:
            return key if _text(functions[made]) == _written() else None
    return None


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    """The statements without the docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _text(function: ast.FunctionDef) -> str:
    return ast.dump(ast.Module([*_body(function)], []))


@cache
def _written() -> str:
    tree = ast.parse(_WRITTEN.read_text(encoding="utf-8"))
    found = (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == _OUTPUT)
    return _text(next(found))
