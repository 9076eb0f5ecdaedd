"""How many instances a mapped task has, and which of another task's instances one of them looks at.

``SchedulerDictOfListsExpandInput`` and ``get_task_map_length`` of apache-airflow 3.3 and 2.11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dagmig.graph.model import Expansion, Task, Workflow
from dagmig.graph.values import Entries, Items, Joined, Literal, Output, Transformed, Value


@dataclass(frozen=True, slots=True)
class Combined:
    """The length of what was put together of several: the ``min``, ``max`` or ``sum`` of theirs."""

    how: str
    parts: tuple[Factor, ...]


Factor = int | str | Combined  # a length, or the task whose list is mapped over
RETURNED = "return_value"


def factors(expansion: Expansion) -> tuple[Factor, ...] | str:
    """What the lengths are that make up the number of instances; a text says why that is not known."""
    found: list[Factor] = []
    for name, value in expansion.arguments.items():
        factor = _factor(value)
        if factor is None:
            return f"the length of `{name}` is not known"
        found.append(factor)
    return tuple(found) or (0,)


def sources(factor: Factor) -> Iterator[str]:
    """The tasks whose lists make up a length."""
    if isinstance(factor, str):
        yield factor
    if isinstance(factor, Combined):
        for part in factor.parts:
            yield from sources(part)


def _factor(value: Value) -> Factor | None:
    match value:
        case Transformed(inner):
            return _factor(inner)
        case Joined(kind, parts, fill):
            found = [_factor(part) for part in parts]
            known = tuple(one for one in found if one is not None)
            how = "sum" if kind == "concat" else "min" if fill is None else "max"
            return Combined(how, known) if len(known) == len(found) else None
        case Output(task, key, path) if key == RETURNED and not path:
            return task
        case Items(items):
            return len(items)
        case Entries(entries):
            return len(entries)
        case Literal(list() | tuple() | dict() | set() as known):
            return len(known)
    return None


def mapped_group(workflow: Workflow, task: Task) -> tuple[str | None, bool]:
    """The innermost mapped group a task is in, and whether it is in there directly.

    Raises ``ValueError`` where a mapped group is inside another.
    """
    found = [name for name in _groups(workflow, task.group) if workflow.groups[name].expand is not None]
    if len(found) > 1:
        raise ValueError("a mapped task group is inside another")
    return (found[0], found[0] == task.group) if found else (None, False)


def _groups(workflow: Workflow, group: str | None) -> list[str]:
    found: list[str] = []
    while group is not None and group in workflow.groups:
        found.append(group)
        group = workflow.groups[group].parent
    return found
