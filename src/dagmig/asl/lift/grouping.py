"""The tasks of a Parallel as a task group, in which they are seen together; their ids stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dagmig.asl.lift.names import valid_id
from dagmig.asl.lift.walk import Together, Weaver
from dagmig.graph.model import Group


def group_parallels(weaver: Weaver) -> None:
    """Put the tasks of each Parallel into a group; the groups of Maps in it become groups inside of it.

    A Parallel inside of a mapped group has none: without the prefix of its own group, Airflow leaves out
    that of the mapped group too.
    """
    order = {task: number for number, task in enumerate(weaver.tasks)}
    found = [one for one in weaver.together if not one.is_mapped and _is_apart(one, weaver, order)]
    groups: dict[str, Group] = {}
    for one in sorted(found, key=lambda one: -len(one.members)):  # the outer ones first
        parents = {weaver.tasks[task].group for task in one.members if weaver.tasks[task].group in groups}
        is_free = valid_id(one.state.name, "state") not in weaver.names.taken
        name = weaver.names.give(one.state.name if is_free else f"{one.state.name}_branches", one.state.name)
        span = weaver.machine.locate(one.state.pointer, True)
        groups[name] = Group(name, next(iter(parents), None), span=span)
        for task in one.members:
            held = weaver.tasks[task]
            if held.group is None or held.group in groups:
                weaver.tasks[task] = replace(held, group=name)
            elif (mapped := weaver.groups[held.group]).parent is None or mapped.parent in groups:
                weaver.groups[held.group] = replace(mapped, parent=name)
    weaver.groups = {**groups, **weaver.groups}


def _is_apart(one: Together, weaver: Weaver, order: Mapping[str, int]) -> bool:
    """Whether the tasks are several, stand one after the other, and are no part of a mapped group."""
    places = sorted(order[task] for task in one.members)
    if len(places) < 2 or places[-1] - places[0] >= len(places):
        return False
    mapped = {group for task in one.members if (group := weaver.tasks[task].group)}
    return all(task.id in one.members for task in weaver.tasks.values() if task.group in mapped)
