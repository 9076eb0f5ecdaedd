"""The rule ``now-in-task``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax
from dagmig.lint.words import last

DATES = frozenset({"datetime.date.today", "pendulum.today", "pendulum.yesterday", "pendulum.tomorrow"})
TIMES = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "pendulum.now"}
)
TIME_OF_DAY = re.compile(r"%[HIMSsfTXc]")
IN_PASSING = re.compile(r"(^|\.)(print|debug|info|warning|error|exception|log)$|[Ll]ogger|^logging\.")


@source_rule(Severity.WARNING, words=last(DATES | TIMES))
def now_in_task(source: Source) -> Iterator[Finding]:
    """A task works out its day from the clock.

    A run for an earlier day, a retry after midnight or a backfill then works on today's data, and twice on
    some. Flagged: today's date, or the clock's time turned into a date or moved by days, in a task's
    function. A time that is only measured, logged or stored is left alone.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#creating-a-task

    ```python bad
    from datetime import date

    from airflow.decorators import dag, task
    from sales import load_day

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            load_day(date.today().isoformat())

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task
    from sales import load_day

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(ds=None):
            load_day(ds)

        load()

    nightly()
    ```

    Instead: Take the day of the run: `ds`, `logical_date`, `data_interval_start`.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if name not in DATES and name not in TIMES:
            continue
        is_a_day = name in DATES or _becomes_a_day(node, syntax)
        if is_a_day and syntax.runs_in_task(node) and not _is_in_passing(node, syntax):
            yield Finding("the task takes its day from the clock, not from the run", syntax.span(node))


def _becomes_a_day(clock: ast.Call, syntax: Syntax) -> bool:
    """Whether the time is cut to a date, or moved by whole days, where it is read."""
    parent = syntax.parents[clock]
    match parent:
        case ast.Attribute(attr="date"):
            return True
        case ast.Attribute(attr="strftime" | "format"):
            call = syntax.parents[parent]
            text = syntax.text_of(argument(call, "format", 0)) if isinstance(call, ast.Call) else None
            return text is not None and "%" in text and TIME_OF_DAY.search(text) is None
        case ast.BinOp(op=ast.Add() | ast.Sub(), right=ast.Call() as moved) if moved is not clock:
            keywords = [one.arg for one in moved.keywords]
            return syntax.name(moved.func).endswith("timedelta") and keywords == ["days"]
    return False


def _is_in_passing(node: ast.Call, syntax: Syntax) -> bool:
    """Whether the value goes straight into a log."""
    for outer in syntax.outer(node):
        if isinstance(outer, ast.stmt):
            call = outer.value if isinstance(outer, ast.Expr) else None
            return isinstance(call, ast.Call) and IN_PASSING.search(syntax.name(call.func)) is not None
    return False
