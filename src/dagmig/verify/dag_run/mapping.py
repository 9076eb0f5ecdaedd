"""How many instances a mapped task has, and which of another task's instances one of them looks at.

``SchedulerDictOfListsExpandInput`` and ``get_task_map_length`` of apache-airflow 3.3 and 2.11.
"""

from __future__ import annotations

from dagmig.graph.model import Expansion, Task, Workflow
from dagmig.graph.values import Entries, Items, Literal, Output, Value

Factor = int | str  # a length, or the task whose list is mapped over
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


def _factor(value: Value) -> Factor | None:
    match value:
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
