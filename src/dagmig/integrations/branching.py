"""Operators that follow some tasks where a condition holds, and others where it does not."""

from __future__ import annotations

from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.fragment import Expression

IF_TRUE, IF_FALSE = "follow_task_ids_if_true", "follow_task_ids_if_false"


def chosen(task: Task, condition: Expression, names: tuple[str, str] = (IF_TRUE, IF_FALSE)) -> Expression:
    """JSONata for the ids that the task follows, which the arguments of these ``names`` hold."""
    yes, no = (task.argument(name) or Literal(None) for name in names)
    return Expression.of(*condition.parts, " ? ", plain(yes), " : ", plain(no))


def plain(ids: Value) -> Value:
    """One id as it is, several as a list."""
    match ids:
        case Literal(str() | None):
            return ids
        case Literal(list() | tuple() | set() | frozenset() as several):
            return Literal(next(iter(several)) if len(several) == 1 else sorted(several, key=str))
    return ids
