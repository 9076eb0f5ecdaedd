"""The rule ``dynamic-task-set``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.clock import CLOCKS, RANDOM
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax


@source_rule(Severity.WARNING)
def dynamic_task_set(source: Source) -> Iterator[Finding]:
    """Which tasks a DAG has depends on the time, on chance, or on the database.

    The scheduler and the worker parse the file at different moments and must see the same DAG: a task that
    has gone in between cannot be run, and Airflow 3 makes a new version of the DAG at each change. Flagged:
    loops that make tasks or DAGs, over something that is computed so.
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
    for loop in syntax.all(ast.For):
        if syntax.runs_at_parse(loop) and _makes_tasks(loop, syntax) and (why := _why(loop.iter, syntax)):
            yield Finding(f"the tasks that the loop makes depend on {why}", syntax.span(loop.iter))


def _makes_tasks(loop: ast.For, syntax: Syntax) -> bool:
    for statement in loop.body:
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
