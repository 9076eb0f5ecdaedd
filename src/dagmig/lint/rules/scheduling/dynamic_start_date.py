"""The rule ``dynamic-start-date``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.mends.dynamic_start_date import mend
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

CLOCKS = frozenset({"now", "utcnow", "today", "yesterday", "days_ago"})
OF_CLOCKS = frozenset({"datetime", "dt", "date", "dates", "pendulum", "timezone"})
TAKES_START = re.compile(r"(\w+\.)*(DAG|dag|task)|[\w.]+(Operator|Sensor)(\.partial)?|dict", re.ASCII)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Assignment = ast.Assign | ast.AnnAssign


@source_rule(Severity.ERROR, fix=FixKind.UNSAFE, words=CLOCKS)
def dynamic_start_date(source: Source) -> Iterator[Finding]:
    """`start_date` is computed when the file is parsed, so it moves with every parse.

    The scheduler parses the file again and again. With a start date that is always now, the first interval
    never ends and the DAG may never run; Airflow 3 also makes a new DAG version at each parse.
    The fix writes the first of January 2024; it is unsafe, as nobody knows which date is meant, and Airflow 2
    catches up from there unless the DAG says `catchup=False`.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html#what-s-the-deal-with-start-date

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime.now(), catchup=False)
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False)
    ```

    Instead: Write a fixed date in the past, `start_date=datetime(2024, 1, 1)`.
    """
    if "start_date" not in source.text or not any(clock in source.text for clock in CLOCKS):
        return
    syntax = source.syntax
    for clock, name in syntax.calls:
        if _is_a_clock(name) and _is_for_parsing(clock, syntax) and _starts(clock, syntax, set()):
            message = "`start_date` is computed when the file is parsed, so it moves with every parse"
            span = syntax.span(clock)
            yield Finding(message, span, mend(source, span))


def _is_a_clock(name: str) -> bool:
    """Whether ``datetime.now``, ``days_ago`` or the like is called."""
    rest, _, last = name.rpartition(".")
    return last in CLOCKS and (not rest or rest.rpartition(".")[2] in OF_CLOCKS)


def _is_for_parsing(node: ast.AST, syntax: Syntax) -> bool:
    """Whether the scheduler may come by: not in a method, nor in a test."""
    around = [outer for outer in syntax.outer(node) if isinstance(outer, (*FUNCTIONS, ast.ClassDef))]
    functions = [number for number, outer in enumerate(around) if isinstance(outer, FUNCTIONS)]
    is_method = bool(functions) and functions[-1] + 1 < len(around)
    return not is_method and not any(around[number].name.startswith("test") for number in functions)


def _starts(node: ast.AST, syntax: Syntax, seen: set[str]) -> bool:
    """Whether a value becomes the start date of a DAG or a task, here or by way of variables."""
    inner = node
    for outer in syntax.outer(node):
        match outer:
            case ast.keyword(arg=name):
                return name == "start_date" and _is_of_a_dag(outer, syntax)
            case ast.Dict(keys=keys, values=values):
                at = [key for key, value in zip(keys, values, strict=True) if value is inner]
                is_start = [syntax.text_of(key) for key in at] == ["start_date"]
                return is_start and _is_of_default_args(outer, syntax)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)]):
                return syntax.text_of(key) == "start_date" and _are_default_args([name], syntax)
            case ast.Assign() | ast.AnnAssign():
                return any(_is_used(name, syntax, seen) for name in _assigned(outer))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return False
        inner = outer
    return False


def _assigned(assignment: Assignment) -> list[str]:
    targets = assignment.targets if isinstance(assignment, ast.Assign) else [assignment.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_of_a_dag(given: ast.keyword, syntax: Syntax) -> bool:
    call = syntax.parents[given]
    name = syntax.name(call.func) if isinstance(call, ast.Call) else ""
    return TAKES_START.fullmatch(name) is not None and (name != "dict" or _is_of_default_args(call, syntax))


def _is_of_default_args(made: ast.AST, syntax: Syntax) -> bool:
    """Whether a dict is given as ``default_args``, or assigned to a name that is."""
    for outer in syntax.outer(made):
        match outer:
            case ast.keyword(arg=name):
                return name == "default_args"
            case ast.Assign() | ast.AnnAssign():
                return _are_default_args(_assigned(outer), syntax)
    return False


def _are_default_args(names: list[str], syntax: Syntax) -> bool:
    """Whether one of the names is called so, or given as ``default_args`` somewhere."""
    return any(name.lower().endswith("default_args") for name in names) or any(
        given.arg == "default_args" and isinstance(given.value, ast.Name) and given.value.id in names
        for given in syntax.all(ast.keyword)
    )


def _is_used(name: str, syntax: Syntax, seen: set[str]) -> bool:
    """Whether a variable is given for a start date somewhere in the file."""
    if name in seen:
        return False
    seen.add(name)
    uses = (one for one in syntax.all(ast.Name) if one.id == name and isinstance(one.ctx, ast.Load))
    return any(_is_for_parsing(use, syntax) and _starts(use, syntax, seen) for use in uses)
