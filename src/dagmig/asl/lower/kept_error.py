"""A task that keeps the error it has failed with, for those after it: what Step Functions says of an error.

``asl.lift`` writes such a callback where a Catch of a machine reads the error; here it becomes a Catch again.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from dagmig.asl.lower.task import is_placeholder
from dagmig.asl.lower.written import body, functions, is_written
from dagmig.graph.model import Task
from dagmig.graph.values import Function
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.python_source import definition

CALLBACK = "on_failure_callback"
ERROR = "{% $states.errorOutput %}"
SAID = "the error that the state fails with, as Step Functions names it, is the task's XCom `{}`"


def kept_error(task: Task) -> str | None:
    """The XCom that holds a task's error once it has failed, where that is all that its callback does; None
    also where code of the user's fails, whose exception Step Functions does not hand on as it is.
    """
    callback = task.argument(CALLBACK)
    is_code = "python_callable" in task.call.arguments or task.call.operator.startswith("@")
    if is_code or task.expand is not None or not isinstance(callback, Function):
        return None
    called = definition(callback)
    return _pushed(called, functions(callback)) if isinstance(called, ast.FunctionDef) else None


def keeping(task: Task, fragment: Fragment) -> Fragment:
    """The fragment with the error among what it gives others: null where it has not failed."""
    key = kept_error(task)
    if key is None or fragment.functions or is_placeholder(fragment):
        return fragment
    nothing = Projection(MAIN, Expression.of("null"))
    return replace(fragment, outputs={**fragment.outputs, key: nothing}, error=key)


def _pushed(called: ast.FunctionDef, known: Mapping[str, ast.FunctionDef]) -> str | None:
    """The key of ``context["ti"].xcom_push(key=..., value=error_output(context["exception"]))``."""
    match called.args, body(called):
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
        ) if first == second == context and is_written(made, known, "error_output"):
            return key
    return None
