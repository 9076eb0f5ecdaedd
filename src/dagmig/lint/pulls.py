"""The XComs that tasks pull by name: in templates, and by ``xcom_pull`` in their functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from dagmig.diagnostics import Span
from dagmig.graph.jinja import outputs
from dagmig.graph.model import Task, Workflow
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.source import Source
from dagmig.lint.syntax import Def

ELSEWHERE = ("dag_id", "include_prior_dates", "run_id")


class Pulled(NamedTuple):
    """A pull from the task ``name`` of the same run; ``function`` is the one that runs in a task."""

    name: str
    span: Span
    function: Def | ast.Lambda | None = None


def in_templates(task: Task, source: Source) -> Iterator[Pulled]:
    """What a task's templates pull."""
    for argument_name, text in source.templates(task):
        for pulled in outputs(text):
            yield Pulled(pulled.task, source.template_span(task, argument_name, text))


def in_code(source: Source) -> Iterator[Pulled]:
    """What the functions of tasks pull; not what classes do, whose tasks may be in other files."""
    syntax = source.syntax
    for node, _ in syntax.calls:
        is_pull = isinstance(node.func, ast.Attribute) and node.func.attr == "xcom_pull"
        if not is_pull or takes_more(node) or any(argument(node, e) for e in ELSEWHERE):
            continue
        function = syntax.task_of(node)
        if function is None or any(isinstance(one, ast.ClassDef) for one in syntax.outer(node)):
            continue
        for one in _named(argument(node, "task_ids", 0)):
            if (text := syntax.text_of(one)) is not None:
                yield Pulled(text, syntax.span(one), function)


def is_known_in_full(source: Source) -> bool:
    """Whether the file's tasks are all known, and something is pulled."""
    return "xcom_pull" in source.text and all(workflow.is_complete for workflow in source.workflows)


def users(workflow: Workflow, function: Def | ast.Lambda | None, source: Source) -> list[Task]:
    """The tasks of a DAG that run a function of the file; none where others have its name."""
    from dagmig.graph.values import Function

    if isinstance(function, ast.Lambda | None) or len(source.syntax.functions[function.name]) != 1:
        return []
    given = ((task, task.call.arguments.get("python_callable")) for task in workflow.tasks.values())
    return [task for task, one in given if isinstance(one, Function) and one.name == function.name]


def _named(given: ast.expr | None) -> list[ast.expr]:
    if given is None:
        return []
    return list(given.elts) if isinstance(given, ast.List | ast.Tuple) else [given]
