"""The shell commands of tasks: of a ``BashOperator``, and what a function under ``@task.bash`` returns.

``airflow/providers/standard/decorators/bash.py``: what the function returns is the ``bash_command``, and is
rendered as one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dagmig.diagnostics import Span
from dagmig.graph.model import Task
from dagmig.graph.values import Function, Literal
from dagmig.lint.operators import class_name

if TYPE_CHECKING:
    from dagmig.lint.source import Source
    from dagmig.lint.syntax import Syntax

DECORATED = "@task.bash"
ARGUMENT = "bash_command"
WORDS = frozenset({"BashOperator", "bash"})  # in ``words`` of rules over commands


class Command(NamedTuple):
    """A command that is known in full, and where it is written."""

    text: str
    span: Span


def commands(task: Task, source: Source) -> Iterator[Command]:
    """The commands that a task of Airflow's own class may run."""
    if class_name(task) == "BashOperator" and task.call.operator.startswith("airflow."):
        given = task.call.arguments.get(ARGUMENT)
        if isinstance(given, Literal) and isinstance(given.value, str):
            yield Command(given.value, source.syntax.argument_span(task.span, ARGUMENT))
    yield from returned(task, source.syntax)


def returned(task: Task, syntax: Syntax) -> Iterator[Command]:
    """The texts that the function of a task under ``@task.bash`` returns as they are written, where one
    function of the file has its name.
    """
    function = task.call.arguments.get("python_callable") if task.call.operator == DECORATED else None
    defined = syntax.functions.get(function.name, []) if isinstance(function, Function) else []
    if len(defined) != 1 or not syntax.is_task(defined[0]):
        return
    for one in syntax.returned(defined[0]):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield Command(one.value, syntax.span(one))
