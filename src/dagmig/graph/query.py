"""Questions about a workflow that more than one part of dagmig asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from dagmig.graph.model import Workflow
from dagmig.graph.values import Entries, Items, Literal, New, Value

FAIL_FAST = ("fail_fast", "fail_stop")  # of Airflow 3 and 2
ASSETS = (".Asset", ".Dataset")  # how their classes are called at the end
SCHEDULE_ARGUMENTS = ("schedule", "schedule_interval", "timetable")


def upstream(workflow: Workflow) -> dict[str, list[str]]:
    """For each task its direct upstream tasks, sorted; every task has an entry."""
    found: dict[str, list[str]] = {task: [] for task in workflow.tasks}
    for edge in sorted(workflow.edges):
        found[edge.downstream].append(edge.upstream)
    return found


def downstream(workflow: Workflow) -> dict[str, list[str]]:
    """For each task its direct downstream tasks, sorted; every task has an entry."""
    found: dict[str, list[str]] = {task: [] for task in workflow.tasks}
    for edge in sorted(workflow.edges):
        found[edge.upstream].append(edge.downstream)
    return found


def before(workflow: Workflow, task: str) -> frozenset[str]:
    """The tasks from which a way leads to a task."""
    direct, found, waiting = upstream(workflow), set[str](), [task]
    while waiting:
        new = [one for one in direct[waiting.pop()] if one not in found]
        found.update(new)
        waiting += new
    return frozenset(found)


def group_roots(workflow: Workflow, group: str) -> frozenset[str]:
    """The tasks of a group, and of those in it, that come after none of them (``TaskGroup.roots``)."""
    inside = {name for name, task in workflow.tasks.items() if is_within(workflow, task.group, group)}
    return frozenset(inside - {edge.downstream for edge in workflow.edges if edge.upstream in inside})


def is_within(workflow: Workflow, group: str | None, wanted: str) -> bool:
    """Whether a group is the wanted one, or somewhere in it."""
    while group is not None and group != wanted:
        found = workflow.groups.get(group)
        group = found.parent if found else None
    return group == wanted


def mapped_group(workflow: Workflow, group: str | None) -> str | None:
    """The innermost mapped group that a group is, or is in; None where there is none."""
    while group is not None and (found := workflow.groups.get(group)) is not None:
        if found.expand is not None:
            return group
        group = found.parent
    return None


def schedule(workflow: Workflow) -> Value | None:
    """The schedule as written, whichever name it goes by; None where the DAG says nothing."""
    return next((workflow.arguments[n] for n in SCHEDULE_ARGUMENTS if n in workflow.arguments), None)


def schedule_in_effect(workflow: Workflow, *, is_airflow_3: bool) -> Value | None:
    """The schedule; Airflow 2's default, a day, where the DAG says nothing."""
    found = schedule(workflow)
    if found is None and not is_airflow_3 and "schedule" not in workflow.arguments:
        return Literal(timedelta(days=1))
    return found


def assets_of(value: Value | None) -> Iterator[New]:
    """The assets, or datasets, in a schedule or in outlets, as they are made."""
    match value:
        case New(type=kind) if kind.endswith(ASSETS):
            yield value
        case New(arguments=members) | Items(members):
            for one in members:
                yield from assets_of(one)
        case Entries(entries):
            for _, one in entries:
                yield from assets_of(one)


def fail_fast(workflow: Workflow) -> str | None:
    """The argument that stops the run at its first failure, as it is called; None where none does."""
    return next((name for name in FAIL_FAST if literal(workflow.arguments, name) is True), None)


def literal(arguments: Mapping[str, Value], name: str) -> object:
    """The value of an argument where it is known in full, else None."""
    value = arguments.get(name)
    return value.value if isinstance(value, Literal) else None
