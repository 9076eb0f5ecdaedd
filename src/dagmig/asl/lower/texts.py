"""Values put into texts: Jinja writes Python's ``str()``, JSONata's ``$string`` writes JSON.

Texts and whole numbers come out the same; of the others Python writes ``True``, ``None``, ``1.0``, ``['a']``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from dagmig.asl.lower.choices import returned
from dagmig.asl.lower.obstacles import short
from dagmig.asl.lower.scene import Default
from dagmig.asl.lower.variables import RETURNED
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Task
from dagmig.graph.values import Function, Opaque, Output, Param, RunContext, Value
from dagmig.integrations.python_source import statements

SAME = ("str", "int")
PLAIN = ("string", "integer", "boolean")  # types of a param
OPAQUE = frozenset({"S3ListOperator"})
TEXT = frozenset({"BashOperator", "@task.bash"})


def doubt(
    part: Value, tasks: Mapping[str, Task], with_code: frozenset[str], params: Mapping[str, Default]
) -> Disposition | None:
    """How a value's text may differ: not at all, where it is likely to be the same, or unknown.

    ``with_code`` are the tasks that run code of the DAG's file.
    """
    match part:
        case RunContext(_, path):
            return Disposition.NOTED if path else Disposition.DECISION
        case Param(name, path):
            default = params.get(name)
            if path or (default is not None and isinstance(default.value, (float, list, dict))):
                return Disposition.DECISION
            is_plain = default is not None and (default.value is not None or default.type in PLAIN)
            return None if is_plain else Disposition.NOTED
        case Opaque():
            return Disposition.DECISION
        case Output(name, key, path):
            task = tasks[name]
            is_plain = key == RETURNED and not path
            if task.expand is not None:
                return Disposition.DECISION
            if short(task) in OPAQUE or (name in with_code and not (is_plain and _gives_text(task))):
                return Disposition.DECISION
    return None


def _gives_text(task: Task) -> bool:
    if short(task) in TEXT:
        return True
    function = task.argument("python_callable")
    if not isinstance(function, Function):
        return False
    said = returned(function)
    return said.is_single and said.is_sure if said else _annotated(function) in SAME


def _annotated(function: Function) -> str | None:
    """What a function says that it returns, where that is a plain name."""
    for node in statements(function.source):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function.name:
            match node.returns:
                case ast.Name(name) | ast.Constant(str() as name):
                    return name
    return None
