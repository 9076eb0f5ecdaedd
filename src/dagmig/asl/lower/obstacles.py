"""Why a task cannot be translated, whatever its operator; and which tasks choose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dagmig.asl.lower.choices import Returned, returned, written_out
from dagmig.asl.lower.data import references
from dagmig.asl.lower.groups import FROM_GROUP
from dagmig.asl.lower.guards import Chooser
from dagmig.asl.lower.mapping import mapping_problem
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import downstream, group_roots, mapped_group
from dagmig.graph.values import UNKNOWN, Function, Literal

_CHOOSES = re.compile(r"branch|short_?circuit|latestonly|sagemakercondition", re.IGNORECASE)
_BRANCHES = frozenset(
    {
        "BranchExternalPythonOperator", "BranchPythonOperator", "BranchPythonVirtualenvOperator",
        "@task.branch", "@task.branch_external_python", "@task.branch_virtualenv", "BranchDateTimeOperator",
        "BranchDayOfWeekOperator", "BranchSQLOperator", "BranchSqlOperator", "SageMakerConditionOperator",
    }
)  # fmt: skip
_FOLLOWS = (
    "follow_task_ids_if_true",
    "follow_task_ids_if_false",
)  # of branches that ask the clock, or a database
_CONDITIONAL = (
    "if_task_ids",
    "else_task_ids",
)  # of SageMakerConditionOperator
_SKIPS_NOTHING = frozenset({"LatestOnlyOperator"})  # in a machine, whose executions are not late
_SWITCHES = frozenset({"AppflowRecordsShortCircuitOperator", "ShortCircuitOperator", "@task.short_circuit"})


def obstacle(workflow: Workflow, task: Task, groups: Mapping[str, str]) -> str | None:
    """Why a task cannot be translated as one that runs when none before it failed; None where it can.

    ``groups`` are the problems of mapped groups, as of ``group_problems``.
    """
    name, group = short(task), mapped_group(workflow, task.group)
    if may_choose(task) and not chooses(task):
        return "it chooses which tasks run after it"
    if (problem := mapping_problem(task)) is not None:
        return problem
    if task.expand is not None and name in _BRANCHES | _SWITCHES:
        return "it is mapped over values and chooses which tasks run after it"
    if group is not None and group in groups:
        return groups[group]
    if group is not None and name in _BRANCHES | _SWITCHES:
        return "it is in a mapped task group and chooses which tasks run after it"
    if any(_is_in_mapped_group(workflow, producer) for producer in _mapped_over(task)):
        return f"it is mapped over {FROM_GROUP}"
    if task.trigger is UNKNOWN:
        return "its trigger rule is not known"
    if name in _SWITCHES and not isinstance(_reach(task), bool):
        return "what it skips is not known"
    if name in _BRANCHES:
        return _of_branch(workflow, task)
    return None


def choosers(workflow: Workflow) -> dict[str, Chooser]:
    """The tasks that choose which tasks run after them, and can be translated."""
    after = downstream(workflow)
    found: dict[str, Chooser] = {}
    for name, task in workflow.tasks.items():
        kind = short(task)
        is_choosing = kind in _BRANCHES | _SWITCHES and after[name] and not mapped_group(workflow, task.group)
        if not is_choosing or obstacle(workflow, task, {}) is not None:
            continue
        if kind in _SWITCHES:
            found[name] = Chooser(is_branch=False, reaches=_reach(task) is True)
            continue
        found[name] = _branch(workflow, task, after[name])
    return found


def _branch(workflow: Workflow, task: Task, after: list[str]) -> Chooser:
    """What a branch can choose: what its code says, else what is directly after it, and their groups."""
    said, direct = _returned(task), {name: frozenset({name}) for name in after}
    if said is not None:
        choices = direct | {name: _stands_for(workflow, name) for name in said.texts}
        return Chooser(True, False, choices, said.texts, said.is_single, said.is_sure)
    groups = {name: group_roots(workflow, name) for name in sorted(workflow.groups)}
    near = {name: roots for name, roots in groups.items() if not roots.isdisjoint(after)}
    return Chooser(True, False, direct | near)


def _stands_for(workflow: Workflow, chosen: str) -> frozenset[str]:
    """A task, or the first ones of a group (``BranchMixIn._expand_task_group_roots``)."""
    return group_roots(workflow, chosen) if chosen in workflow.groups else frozenset({chosen})


def _mapped_over(task: Task) -> Iterator[str]:
    """The tasks whose outputs a task is mapped over."""
    for value in task.expand.arguments.values() if task.expand else ():
        yield from (output.task for output in references(value))


def _is_in_mapped_group(workflow: Workflow, name: str) -> bool:
    found = workflow.tasks.get(name)
    return found is not None and mapped_group(workflow, found.group) is not None


def may_choose(task: Task) -> bool:
    """Whether a task is one, by its operator's name, that says which tasks run after it."""
    return _CHOOSES.search(short(task)) is not None


def chooses(task: Task) -> bool:
    """Whether it is known how the task chooses."""
    return short(task) in _BRANCHES | _SWITCHES | _SKIPS_NOTHING


def short(task: Task) -> str:
    """The operator's last name, or the decorator."""
    name = task.call.operator
    return name if name.startswith("@") else name.rpartition(".")[2]


def _reach(task: Task) -> object:
    value = task.argument("ignore_downstream_trigger_rules")
    return True if value is None else value.value if isinstance(value, Literal) else None


def _returned(task: Task) -> Returned | None:
    """What a branch can choose, where that is known."""
    if _says(task):
        given = [task.argument(name) for name in _CONDITIONAL]
        said = [value for value in given if value not in (None, Literal(None))]
        return written_out(said or [task.argument(name) for name in _FOLLOWS])
    function = task.argument("python_callable")
    return returned(function) if isinstance(function, Function) else None


def _says(task: Task) -> bool:
    """Whether a branch's arguments say what it chooses."""
    return any(task.argument(name) is not None for name in (*_FOLLOWS, *_CONDITIONAL))


def _of_branch(workflow: Workflow, task: Task) -> str | None:
    said = _returned(task)
    if said is None and _says(task):
        return "it is not known what it chooses"
    unknown = said.texts - workflow.tasks.keys() - workflow.groups.keys() if said else None
    return (
        f"it chooses {', '.join(sorted(unknown))}, which is no task or group of the DAG" if unknown else None
    )
