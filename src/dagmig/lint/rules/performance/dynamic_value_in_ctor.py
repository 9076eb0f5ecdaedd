"""The rule ``dynamic-value-in-ctor``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.clock import CLOCKS, RANDOM
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Def, Syntax
from dagmig.lint.words import last

DATES = ("start_date", "end_date")  # the rule dynamic-start-date speaks of them
TAKES = re.compile(r"^airflow\.(.*\.)?(\w+Operator|\w+Sensor|DAG|dag)(\.partial)?$")
EXPRESSIONS = (
    *(ast.JoinedStr, ast.FormattedValue, ast.BinOp, ast.Attribute, ast.Call, ast.Dict, ast.List, ast.Tuple),
    *(ast.keyword, ast.Subscript, ast.IfExp),
)


@source_rule(Severity.WARNING, words=last(CLOCKS) | {"random", "uuid", "secrets"})
def dynamic_value_in_ctor(source: Source) -> Iterator[Finding]:
    """An argument of a DAG or task is a time or a random value from the moment of parsing.

    The file is parsed again and again, on the scheduler and on the worker: the value is another each time,
    not that of the run, and Airflow 3 makes a new version of the DAG at every parse.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html

    ```python bad
    from datetime import datetime

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=f"load {datetime.now():%Y-%m-%d}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load {{ ds }}")
    ```

    Instead: Use a template (`{{ ds }}`, `{{ run_id }}`), or find the value out in the task.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if name not in CLOCKS and not name.startswith(RANDOM):
            continue
        if syntax.runs_at_parse(node) and _is_given(node, syntax, 0):
            what = "the time" if name in CLOCKS else "a random value"
            yield Finding(f"an argument holds {what} of the moment of parsing", syntax.span(node))


def _is_given(node: ast.AST, syntax: Syntax, depth: int) -> bool:
    """Whether a value becomes part of an argument of a DAG or task: here, by a name assigned once, or as the
    result of a function.
    """
    child: ast.AST = node
    for outer in syntax.outer(node):
        if isinstance(outer, ast.keyword) and outer.arg in DATES:
            return False
        if isinstance(outer, ast.Dict):
            keys = [key for key, value in zip(outer.keys, outer.values, strict=True) if value is child]
            if any(isinstance(key, ast.Constant) and key.value in DATES for key in keys):
                return False
        if isinstance(outer, ast.Call) and TAKES.match(syntax.name(outer.func)):
            return True
        if isinstance(outer, ast.Assign) and depth < 2:
            return _name_is_given(outer, syntax, depth)
        if isinstance(outer, ast.Return) and depth < 2:
            return _result_is_given(outer, syntax, depth)
        if not isinstance(outer, EXPRESSIONS):
            return False
        child = outer
    return False


def _name_is_given(assignment: ast.Assign, syntax: Syntax, depth: int) -> bool:
    match assignment.targets:
        case [ast.Name(id=name)] if name in syntax.constants:
            uses = (one for one in syntax.all(ast.Name) if one.id == name and isinstance(one.ctx, ast.Load))
            return any(syntax.runs_at_parse(use) and _is_given(use, syntax, depth + 1) for use in uses)
    return False


def _result_is_given(returned: ast.Return, syntax: Syntax, depth: int) -> bool:
    """Whether what a plain function returns is given, where it is called by its name."""
    function = syntax.owner(returned)
    if not isinstance(function, Def) or function.decorator_list or len(syntax.functions[function.name]) != 1:
        return False
    calls = (call for call, name in syntax.calls if name == function.name)
    return any(syntax.runs_at_parse(call) and _is_given(call, syntax, depth + 1) for call in calls)
