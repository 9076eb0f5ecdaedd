"""The rule ``expand-non-iterable``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax


@source_rule(Severity.ERROR, words={"expand"})
def expand_non_iterable(source: Source) -> Iterator[Finding]:
    """A task is mapped over something that is no list and no dict.

    Airflow refuses the file when it loads it: `expand` takes lists, dicts and what other tasks return. A
    text or a number is not mapped over, and a set has no order.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator.partial(task_id="load").expand(bash_command="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator.partial(task_id="load").expand(bash_command=["load"])
    ```

    Instead: Give a list; what is the same for all goes to `partial`.
    """
    syntax = source.syntax
    for node, _ in syntax.calls if ".expand(" in source.text else ():
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "expand":
            continue
        if not _is_of_a_task(node.func.value, syntax):
            continue
        for given in node.keywords:
            if given.arg is not None and (what := _what(given.value)):
                yield Finding(f"`{given.arg}` is mapped over {what}", syntax.span(given.value))


def _is_of_a_task(value: ast.expr, syntax: Syntax) -> bool:
    """``X.partial(...)`` of an operator or a task function, or such a function itself."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        if value.func.attr in ("partial", "override"):
            name = syntax.name(value.func.value)
            return name.startswith("airflow.") or _is_of_a_task(value.func.value, syntax)
        return False
    if isinstance(value, ast.Name):
        functions = syntax.functions.get(value.id, [])
        return len(functions) == 1 and syntax.is_task(functions[0])
    return False


def _what(value: ast.expr) -> str | None:
    match value:
        case ast.Constant(value=constant):
            return None if constant is ... else f"a {type(constant).__name__}"
        case ast.JoinedStr():
            return "a str"
        case ast.Set() | ast.SetComp():
            return "a set"
    return None
