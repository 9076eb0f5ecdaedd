"""A task that keeps the error it has failed with, for those after it: what Step Functions says of an error.

``asl.lift`` writes such a callback where a Catch of a machine reads the error; here it becomes a Catch again.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from dagmig.asl.lower.task import is_placeholder
from dagmig.asl.lower.written import body, functions, is_written, named
from dagmig.graph.model import Task
from dagmig.graph.values import Function
from dagmig.integrations.code import entry
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.python_source import bound, definition

CALLBACK = "on_failure_callback"
SAID = "the error that the state fails with, as Step Functions names it, is the task's XCom `{}`"
MARK = "dagmig:error"  # around what a function says of its exception
_CAUSE = "$states.errorOutput.Cause"
ERROR = "{% $states.errorOutput %}"
OF_CODE = (
    f"{{% $contains({_CAUSE}, '{MARK}') ? $parse($parse({_CAUSE}).errorMessage).`{MARK}` "
    ": $states.errorOutput %}"
)
ENTRY = '''

{callback}

_dagmig_tried = {entry}


def {entry}(event, context):
    """As above; an exception says what the task keeps of it."""
    import json

    try:
        return _dagmig_tried(event, context)
    except Exception as error:
        said = json.dumps({{"{mark}": {made}(error)}})
        raise type(type(error).__name__, (Exception,), {{}})(said) from error
'''


def _kept(task: Task) -> tuple[str, str] | None:
    """The XCom that holds a task's error once it has failed, and the function that makes it, where that is
    all that its callback does.
    """
    callback = task.argument(CALLBACK)
    if task.expand is not None or not isinstance(callback, Function):
        return None
    called = definition(callback)
    return _pushed(called, functions(callback)) if isinstance(called, ast.FunctionDef) else None


def keeping(task: Task, fragment: Fragment) -> Fragment:
    """The fragment with the error among what it gives others: null where it has not failed."""
    found = _kept(task)
    if found is None or found[0] in fragment.outputs or is_placeholder(fragment):
        return fragment
    key, made = found
    sources = {name: _telling(task, source, made) for name, source in fragment.functions.items()}
    if not all(sources.values()):
        return fragment
    direct = None if fragment.direct is None else _with_error(fragment.direct, key)
    return replace(_with_error(fragment, key), functions=sources, direct=direct)


def _with_error(fragment: Fragment, key: str) -> Fragment:
    nothing = Projection(MAIN, Expression.of("null"))
    return replace(fragment, outputs={**fragment.outputs, key: nothing}, error=key)


def error_of(fragment: Fragment) -> str:
    """The JSONata of what is kept of the error that a state is caught with."""
    return OF_CODE if fragment.functions else ERROR


def _telling(task: Task, source: str, made: str) -> str:
    """A function's source, with an entry point whose exceptions say what is kept of them; empty where the
    callback's code has names of its own for something else.
    """
    callback, function = task.argument(CALLBACK), task.argument("python_callable")
    assert isinstance(callback, Function)
    text = "" if is_written(made, named(source), "error_output") else callback.source.strip("\n")
    if text and (bound(text) - {"json"}) & bound(source):
        return ""
    name = entry(function if isinstance(function, Function) else None)
    return source.rstrip("\n") + ENTRY.format(callback=text, entry=name, made=made, mark=MARK)


def _pushed(called: ast.FunctionDef, known: Mapping[str, ast.FunctionDef]) -> tuple[str, str] | None:
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
            return key, made
    return None
