"""The rule ``dynamic-task-set``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from dagmig.diagnostics import Severity
from dagmig.lint.clock import CLOCKS, RANDOM
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax
from dagmig.lint.words import last

OF_AIRFLOW = frozenset({"Variable", "get_records", "get_first", "get_pandas_df"})
UNSTEADY = ("the time", "chance")  # a Variable may say in which environment the file is


@source_rule(Severity.WARNING, words=last(CLOCKS) | {one.partition(".")[0] for one in RANDOM} | OF_AIRFLOW)
def dynamic_task_set(source: Source) -> Iterator[Finding]:
    """Which tasks a DAG has depends on the time, on chance, or on the database.

    The scheduler and the worker parse the file at different moments and must see the same DAG: a task that
    has gone in between cannot be run, and Airflow 3 makes a new version of the DAG at each change. Flagged:
    loops that make tasks or DAGs, over something that is computed so, and tasks that are only made at some
    times or by chance. A Variable may say in which environment the file is: an `if` over one is left alone.
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/dynamic-dag-generation.html

    ```python bad
    from datetime import datetime

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        for day in range(datetime.now().day):
            BashOperator(task_id=f"load_{day}", bash_command=f"load {day}")
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        for day in range(31):
            BashOperator(task_id=f"load_{day}", bash_command=f"load {day}")
    ```

    Instead: Map a task over what a task before it found out (`expand`), or loop over something fixed.
    """
    syntax = source.syntax
    for node, asked, made in _parts(syntax):
        why = _why(asked, syntax)
        is_said = why in UNSTEADY if isinstance(node, ast.If) else why is not None
        if is_said and _makes_tasks(made, syntax) and syntax.runs_at_parse(node):
            what = (
                "whether there are these tasks" if isinstance(node, ast.If) else "which tasks are made here"
            )
            yield Finding(f"{what} depends on {why}", syntax.span(asked))


def _parts(syntax: Syntax) -> Iterator[tuple[ast.AST, ast.expr, Sequence[ast.AST]]]:
    """Each loop, comprehension and branch, what it asks, and what it makes."""
    for loop in syntax.all(ast.For):
        yield loop, loop.iter, loop.body
    for one in syntax.all(ast.ListComp, ast.DictComp):
        made = [one.value if isinstance(one, ast.DictComp) else one.elt]
        yield from ((one, part.iter, made) for part in one.generators)
    for branch in syntax.all(ast.If):
        yield branch, branch.test, [*branch.body, *branch.orelse]


def _makes_tasks(made: Sequence[ast.AST], syntax: Syntax) -> bool:
    for statement in made:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                name = syntax.name(node.func)
                if name.startswith("airflow.") and name.endswith(("Operator", "Sensor", ".DAG")):
                    return True
                if any(syntax.is_task(one) for one in syntax.functions.get(name, ())):
                    return True
    return False


def _why(value: ast.expr, syntax: Syntax, depth: int = 0) -> str | None:
    """What a value depends on, by itself or by way of a name that is assigned once."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            name = syntax.name(node.func)
            if name in CLOCKS:
                return "the time"
            if name.startswith(RANDOM):
                return "chance"
            if name.endswith("Variable.get") and name.startswith("airflow."):
                return "an Airflow Variable"
            if name.endswith(("Hook().get_records", "Hook().get_first", "Hook().get_pandas_df")):
                return "a database"
        known = syntax.constants.get(node.id) if isinstance(node, ast.Name) and depth < 3 else None
        if known is not None and (why := _why(known, syntax, depth + 1)):
            return why
    return None
