"""The rule ``multiple-outputs-non-dict``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

NO_DICT = (
    *(ast.List, ast.Tuple, ast.Set, ast.ListComp, ast.SetComp, ast.JoinedStr, ast.Compare),
    *(ast.GeneratorExp, ast.Lambda),
)
KINDS = ("task", *(f"task.{kind}" for kind in ("python", "virtualenv", "external_python")))


@source_rule(Severity.ERROR, words={"multiple_outputs"})
def multiple_outputs_non_dict(source: Source) -> Iterator[Finding]:
    """A task with `multiple_outputs=True` returns something that is no dict.

    Airflow takes the dict apart into one XCom for each key. It fails the task for anything else, after its
    work is done.
    See https://airflow.apache.org/docs/apache-airflow/stable/tutorial/taskflow.html#multiple-outputs-inference

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(multiple_outputs=True, retries=2)
        def count():
            return [3, 4]

        count()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(multiple_outputs=True, retries=2)
        def count():
            return {"sales": 3, "stock": 4}

        count()

    nightly()
    ```

    Instead: Return a dict with texts as keys, or leave `multiple_outputs` out.
    """
    if "multiple_outputs" not in source.text:
        return
    syntax = source.syntax
    for function in syntax.all(ast.FunctionDef):
        mark = syntax.decorator(function)
        if not isinstance(mark, ast.Call) or not syntax.name(mark.func).endswith(KINDS):
            continue
        wanted = argument(mark, "multiple_outputs")
        if not isinstance(wanted, ast.Constant) or wanted.value is not True:
            continue
        for value in syntax.returned(function):
            if _is_no_dict(value):
                yield Finding(f"`{function.name}` returns no dict here", syntax.span(value))


def _is_no_dict(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is not None and value.value is not ...
    return isinstance(value, NO_DICT)
