"""Branches that look at the clock: a Pass in which JSONata chooses.

``choose_branch`` of ``operators/datetime.py`` and ``operators/weekday.py`` of the standard provider, and of
Airflow 2.11's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta, timezone, tzinfo

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.graph.zone import fixed_offset
from dagmig.integrations import Integration
from dagmig.integrations.branching import IF_FALSE, IF_TRUE, chosen
from dagmig.integrations.clock import DAY, EPOCH, NOW, OF_RUN, milliseconds, now_of, plus, weekday, weekdays
from dagmig.integrations.fragment import MAIN, Expression, Fragment, InZone, Projection, failing
from dagmig.integrations.table import account

STANDARD = "airflow.providers.standard.operators."
Bound = datetime | time | None


def _by_time(task: Task, report: Report) -> Fragment:
    own = {IF_TRUE, IF_FALSE, *OF_RUN, "target_lower", "target_upper"}
    account(task, own, {}, "a Pass", report)
    given = [task.argument(name) or Literal(None) for name in ("target_lower", "target_upper")]
    bounds = [one.value for one in given if isinstance(one, Literal)]
    is_known = len(bounds) == 2 and all(isinstance(one, (datetime, time, type(None))) for one in bounds)
    if not is_known or bounds == [None, None]:
        return _refused(task, "`target_lower` and `target_upper` are no times that are known", report)
    lower, upper = bounds
    now = now_of(task)
    if now is None:
        return _refused(task, "`use_task_logical_date` is not known", report)
    within = InZone(lambda zone: _within(lower, upper, zone))
    return _chosen(task, Expression.of("($now := ", *now, "; ", within, ")"))


def _within(lower: Bound, upper: Bound, zone: tzinfo) -> str:
    """JSONata for ``$now`` being between two bounds (``target_times_as_dates``). Raises ``ValueError``."""
    if lower is None or upper is None:
        below = [f"$now >= {_bound(lower, zone)}"] if lower is not None else []
        return " and ".join([*below, *([f"$now <= {_bound(upper, zone)}"] if upper is not None else [])])
    first, last = _bound(lower, zone), _bound(upper, zone)
    if isinstance(lower, datetime) and isinstance(upper, datetime):
        return f"$now >= {first} and $now <= {last}"
    if (lower.tzinfo is None) != (upper.tzinfo is None):
        raise ValueError("a time with a zone and one without, which do not compare,")
    if isinstance(lower, time) and isinstance(upper, time):
        is_later = _of_day(upper, zone) < _of_day(lower, zone)
        return f"$now >= {first} and $now <= {_bound(upper, zone, DAY if is_later else 0)}"
    rolled = f"$upper < $lower ? $upper + {DAY} : $upper"
    return f"($lower := {first}; $upper := {last}; $now >= $lower and $now <= ({rolled}))"


def _bound(bound: datetime | time, zone: tzinfo, later: int = 0) -> str:
    """The milliseconds of a moment, or of a time on the day that it is in UTC."""
    if isinstance(bound, datetime):
        moment = bound if bound.tzinfo is not None else bound.replace(tzinfo=zone)
        return str(milliseconds(moment))
    since = _of_day(bound, zone) + later
    return f"$now - $now % {DAY}{plus(since)}"


def _of_day(bound: time, zone: tzinfo) -> int:
    """Milliseconds since UTC's midnight."""
    since = datetime.combine(EPOCH, bound, timezone.utc) - EPOCH
    return since // timedelta(milliseconds=1) - fixed_offset(bound.tzinfo or zone)


def _by_day(task: Task, report: Report) -> Fragment:
    account(task, {IF_TRUE, IF_FALSE, *OF_RUN, "week_day"}, {}, "a Pass", report)
    days, now = weekdays(task.argument("week_day")), now_of(task)
    if days is None:
        return _refused(task, "`week_day` is no day that is known", report)
    if now is None:
        return _refused(task, "`use_task_logical_date` is not known", report)
    if now != (NOW,):
        return _chosen(task, Expression.of("$fromMillis(", *now, f", '[F1]') in {list(days)}"))
    return _chosen(task, Expression.of(InZone(lambda zone: weekday(NOW, fixed_offset(zone), days))))


def _chosen(task: Task, condition: Expression) -> Fragment:
    return Fragment({MAIN: {"Type": "Pass"}}, {"return_value": Projection(MAIN, chosen(task, condition))})


def _refused(task: Task, said: str, report: Report) -> Fragment:
    row = (task.call.operator, task.span, f"task:{task.id}", Disposition.DECISION)
    report.row(*row, f"{said}: the state fails when it is reached", task=task.id)
    return failing(f"Task {task.id} was not translated: {said}.")


def _integration(name: str, to_asl: Callable[[Task, Report], Fragment], *aliases: str) -> Integration:
    return Integration(STANDARD + name, (), to_asl, None, aliases, "`Pass`, then a Choice")


by_time = _integration(
    "datetime.BranchDateTimeOperator", _by_time, "airflow.operators.datetime.BranchDateTimeOperator"
)
by_day = _integration(
    "weekday.BranchDayOfWeekOperator", _by_day, "airflow.operators.weekday.BranchDayOfWeekOperator"
)
