"""Mapped groups as parts of their own: their tasks run together, once for each item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dagmig.graph.model import Call, Edge, Group, Task, Workflow
from dagmig.graph.query import downstream, mapped_group
from dagmig.regions.order import order
from dagmig.regions.tree import Parallel, Region, Series, Step, parallel, series


def together(workflow: Workflow) -> dict[str, frozenset[str]]:
    """The tasks of each mapped group between which no others have to run, which are not the group's."""
    found: dict[str, set[str]] = {}
    for name, task in workflow.tasks.items():
        if (group := mapped_group(workflow, task.group)) is not None:
            found.setdefault(group, set()).add(name)
    if not found or order(workflow.tasks, workflow.edges).ignored:
        return {}
    after = downstream(workflow)
    kept: dict[str, frozenset[str]] = {}
    for group, inside in found.items():
        if not _returns(after, inside):
            kept[group] = frozenset(inside)
            after = _joined(after, group, inside)
    return kept


def stand_in(group: Group) -> Task:
    """The task that a mapped group is as a whole."""
    return Task(group.id, Call("@task_group"), expand=group.expand, group=group.parent, span=group.span)


def collapsed(workflow: Workflow, groups: Mapping[str, frozenset[str]]) -> Workflow:
    """The workflow with a task in the place of each group."""
    of = {task: group for group, inside in groups.items() for task in inside}
    tasks: dict[str, Task] = {}
    for name, task in workflow.tasks.items():
        group = of.get(name)
        tasks.setdefault(group or name, stand_in(workflow.groups[group]) if group else task)
    ends = ((of.get(edge.upstream, edge.upstream), of.get(edge.downstream, edge.downstream))
            for edge in workflow.edges)  # fmt: skip
    edges = frozenset(Edge(one, other) for one, other in ends if one != other)
    return replace(workflow, tasks=tasks, edges=edges)


def inner(workflow: Workflow, inside: Iterable[str]) -> Workflow:
    """The tasks of a group as a workflow."""
    names = set(inside)
    tasks = {name: task for name, task in workflow.tasks.items() if name in names}
    edges = frozenset(e for e in workflow.edges if e.upstream in names and e.downstream in names)
    return replace(workflow, tasks=tasks, edges=edges)


def filled(region: Region, parts: Mapping[str, Region]) -> Region:
    """The region with parts in the place of the tasks that stand for them."""
    match region:
        case Step(task):
            return parts.get(task, region)
        case Series(found):
            return series([filled(part, parts) for part in found])
        case Parallel(found):
            return parallel([filled(part, parts) for part in found])
    return region


def _returns(after: Mapping[str, Iterable[str]], inside: set[str]) -> bool:
    """Whether something that is not inside comes after one inside and before another."""
    seen: set[str] = set()
    waiting = [name for one in inside for name in after[one] if name not in inside]
    while waiting:
        name = waiting.pop()
        if name in inside:
            return True
        if name not in seen:
            seen.add(name)
            waiting += after[name]
    return False


def _joined(after: Mapping[str, Iterable[str]], group: str, inside: set[str]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for one, others in after.items():
        name = group if one in inside else one
        named = {group if other in inside else other for other in others}
        found.setdefault(name, set()).update(named - {name})
    return {name: sorted(others) for name, others in found.items()}
