"""Moments, times of day and days of the week, as the milliseconds and numbers that JSONata counts in."""

from __future__ import annotations

import ast
from collections.abc import Collection
from datetime import datetime, timedelta, timezone

from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal, Opaque, Reference, RunContext, Value

DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NOW = "$millis()"
INTERVAL_END = "data_interval_end, or run_after"  # what a run of assets has is the second
OF_RUN = ("use_task_logical_date", "use_task_execution_date", "use_task_execution_day")  # two of Airflow 2
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def milliseconds(moment: datetime) -> int:
    """Since the epoch, of a moment with a zone."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def plus(amount: int) -> str:
    """A number that is added to what stands before it."""
    return f" + {amount}" if amount > 0 else f" - {-amount}" if amount < 0 else ""


def now_of(task: Task) -> tuple[str | Value, ...] | None:
    """The moment that an operator looks at, now or the run's, as the parts of an expression; None where it is
    not known which.
    """
    found = [task.argument(name) or Literal(False) for name in OF_RUN]
    if not all(isinstance(one, Literal) for one in found):
        return None
    is_of_run = any(isinstance(one, Literal) and one.value for one in found)
    return ("$toMillis(", RunContext("ts"), ")") if is_of_run else (NOW,)


def weekday(moment: str, offset: int, days: Collection[str]) -> str:
    """JSONata for whether a moment is on one of the days of the week, on a clock before UTC's."""
    return f"$fromMillis({moment}{plus(offset)}, '[F1]') in {list(days)}"


def weekdays(value: Value | None) -> tuple[str, ...] | None:
    """The numbers of days of the week (Monday is 1) as texts; None where they are not known.

    Given are names in any case, or members of Airflow's ``WeekDay`` (``WeekDay.validate_week_day``).
    """
    match value:
        case Literal(str() as name):
            names = [name]
        case Literal(list() | tuple() | set() | frozenset() | dict() as several):
            names = [str(name) for name in several]
        case Reference(name):
            names = [name.rpartition(".")[2]]
        case Items(members):
            names = [_name(member) for member in members]
        case Opaque(source):
            names = _members(source)
        case _:
            return None
    found = [name.upper() for name in names]
    if not found or not set(found) <= set(DAYS):
        return None
    return tuple(sorted(str(DAYS.index(name) + 1) for name in set(found)))


def _name(member: Value) -> str:
    match member:
        case Literal(str() as name):
            return name
        case Reference(name):
            return name.rpartition(".")[2]
    return ""


def _members(source: str) -> list[str]:
    """The names of ``WeekDay`` members in a collection that is written out."""
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return []
    if not isinstance(tree, (ast.Set, ast.List, ast.Tuple)):
        return []
    texts = (one.value if isinstance(one, ast.Constant) else getattr(one, "attr", "") for one in tree.elts)
    return [str(text) for text in texts]
