"""The rule ``unused-xcom``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import outputs
from dagmig.graph.model import Workflow
from dagmig.graph.values import Entries, Function, Items, New, Output, Template, Value
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, Need.GRAPH, is_default=False)
def unused_xcom(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A `@task` function returns something that no other task uses.

    What a task returns is stored in the metadata database with each run. Nothing is said where the file pulls
    XComs in code, as they may be pulled there.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/xcoms.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            return "done"

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            print("done")

        load()

    nightly()
    ```

    Instead: Return nothing, or set `do_xcom_push=False`.
    """
    syntax = source.syntax
    if any(name.endswith("xcom_pull") for _, name in syntax.calls):
        return
    used = {
        pulled.task
        for task in workflow.tasks.values()
        for _, t in source.templates(task)
        for pulled in outputs(t)
    }
    for task in workflow.tasks.values():
        given = [*task.call.arguments.values(), *(task.expand.arguments.values() if task.expand else ())]
        used |= {name for value in given for name in _outputs(value)}
    for group in workflow.groups.values():
        used |= {n for v in (group.expand.arguments.values() if group.expand else ()) for n in _outputs(v)}
    for task in workflow.tasks.values():
        if task.call.operator != "@task" or task.id in used or "do_xcom_push" in task.call.arguments:
            continue
        function = task.call.arguments.get("python_callable")
        found = syntax.functions.get(function.name, []) if isinstance(function, Function) else []
        if len(found) == 1 and any(_returns(node) for node in ast.walk(found[0])):
            yield Finding(f"what `{task.id}` returns is used by no task", task.span)


def _returns(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _outputs(value: Value | str) -> Iterator[str]:
    match value:
        case Output(task=name):
            yield name
        case Items(items):
            for item in items:
                yield from _outputs(item)
        case Entries(entries):
            for pair in entries:
                for one in pair:
                    yield from _outputs(one)
        case Template(parts):
            for part in parts:
                yield from _outputs(part)
        case New(arguments=arguments, keywords=keywords):
            for one in (*arguments, *keywords.values()):
                yield from _outputs(one)
