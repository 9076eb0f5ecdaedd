"""Mapped task groups: which become a Map state around the states of their tasks, and over what.

In Airflow an instance of a task looks at the instances of the same index of the others in its group, and at
all of any other (``TaskInstance.get_relevant_upstream_map_indexes``, ``TriggerRuleDep`` of apache-airflow 3.3
and 2.11); a mapped task in a mapped group it refuses (``MappedOperator``), as it does a mapped group that is
given the items of another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from dagmig.asl.lower.data import references
from dagmig.asl.lower.joined import has_inner_function
from dagmig.asl.lower.mapping import OPEN, Mapped, at_once, mapped_over
from dagmig.asl.lower.rules import EARLY
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import mapped_group, upstream
from dagmig.graph.values import Transformed
from dagmig.regions.groups import stand_in, together

_BEFORE_IT_IS_EXPANDED = EARLY | {
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
}


def over(workflow: Workflow, group: str) -> Mapped:
    """What a group is mapped over; as many of its items at once as its tasks allow."""
    inside = (task for task in workflow.tasks.values() if mapped_group(workflow, task.group) == group)
    limits = [limit for task in inside if (limit := at_once(task)) is not None]
    found = mapped_over(workflow, stand_in(workflow.groups[group]))
    return replace(found, limit=min(limits, default=None))


def group_problems(workflow: Workflow) -> dict[str, str]:
    """Why mapped groups have no Map state, by group; those that have one are not there."""
    inside: dict[str, list[Task]] = {}
    for task in workflow.tasks.values():
        if (group := mapped_group(workflow, task.group)) is not None:
            inside.setdefault(group, []).append(task)
    if not inside:
        return {}
    kept, before = together(workflow), upstream(workflow)
    found: dict[str, str] = {}
    for name, tasks in inside.items():
        problem = next(_problems(workflow, name, tasks, before), None)
        if problem is None and name not in kept:
            problem = "tasks outside of its mapped task group run between those inside"
        if problem is not None:
            found[name] = problem
    return found


def _problems(
    workflow: Workflow, name: str, tasks: Collection[Task], before: Mapping[str, list[str]]
) -> Iterator[str]:
    group = workflow.groups[name]
    if mapped_group(workflow, group.parent) is not None:
        yield "its mapped task group is inside another, which Airflow does not run"
    assert group.expand is not None
    values = group.expand.arguments.values()
    if any(isinstance(value, OPEN) for value in values):
        yield "what its task group is mapped over is not known"
    if any(isinstance(value, Transformed) or has_inner_function(value) for value in values):
        yield "its task group is mapped over what a function of `.map()` makes"
    producers = (output.task for value in values for output in references(value))
    if any(mapped_group(workflow, workflow.tasks[one].group) for one in producers if one in workflow.tasks):
        yield f"its task group is mapped over {FROM_GROUP}"
    names = {task.id for task in tasks}
    length = over(workflow, name).length
    for task in tasks:
        if task.is_setup or task.is_teardown:
            yield f"{task.id} is a setup or teardown in a mapped task group"
        if task.trigger is TriggerRule.ALWAYS:
            yield f"{task.id} has the trigger rule always, which Airflow refuses in a mapped task group"
        is_after = not names.isdisjoint(before[task.id])
        if is_after and _is_for_all(workflow, task, name, is_listed=bool(length)):
            yield f"the rule {task.trigger} of {task.id} counts for all of its mapped task group at once"


FROM_GROUP = "what a task in a mapped task group gives, of which Airflow does not know the length"


def _is_for_all(workflow: Workflow, task: Task, group: str, *, is_listed: bool) -> bool:
    """Whether Airflow decides about a task in a mapped group, after others in there, not by the instances of
    the same index: before it is expanded, unless the list is written out, it looks at all of them in Airflow
    3, at none in Airflow 2, and these rules then come to something; afterwards too in Airflow 2, if it is in
    the group directly.
    """
    if not is_listed:
        return task.trigger in _BEFORE_IT_IS_EXPANDED
    return not workflow.is_airflow_3 and task.trigger in EARLY and task.group == group
