"""Tasks that skip others: branches and short circuits, and which tasks each of them skips.

``SkipMixin.skip_all_except``, ``BranchMixIn._expand_task_group_roots`` and ``ShortCircuitOperator.execute``
of apache-airflow 3.3 and 2.11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import group_roots
from dagmig.graph.values import Literal

BRANCHES = frozenset(
    {
        "@task.branch", "@task.branch_external_python", "@task.branch_virtualenv", "BranchDateTimeOperator",
        "BranchDayOfWeekOperator", "BranchExternalPythonOperator", "BranchPythonOperator",
        "BranchPythonVirtualenvOperator", "BranchSQLOperator", "HITLBranchOperator", "LatestOnlyOperator",
        "SageMakerConditionOperator",
    }
)  # fmt: skip
SHORT_CIRCUITS = frozenset(
    {"@task.short_circuit", "ShortCircuitOperator", "AppflowRecordsShortCircuitOperator"}
)
_SKIPS = re.compile(r"branch|short_?circuit|latest_?only|approval", re.IGNORECASE)
REACH = "ignore_downstream_trigger_rules"


@dataclass(frozen=True, slots=True)
class Chooser:
    """A task that skips others. ``reaches``: a short circuit that skips all tasks after it, not only those
    directly after it.
    """

    is_branch: bool
    reaches: bool = False


def chooser(task: Task) -> Chooser | str | None:
    """How a task skips others; a text says why that is not known, None that it does not."""
    name = task.call.operator
    name = name if name.startswith("@") else name.rpartition(".")[2]
    if name in BRANCHES:
        return Chooser(is_branch=True)
    if name in SHORT_CIRCUITS:
        match task.argument(REACH):
            case None:
                return Chooser(is_branch=False, reaches=True)
            case Literal(bool() as reaches):
                return Chooser(is_branch=False, reaches=reaches)
        return f"`{REACH}` is not known"
    return "how it skips other tasks is not known" if _SKIPS.search(name) else None


def roots(workflow: Workflow, chosen: str) -> tuple[str, ...]:
    """The tasks that an id which a branch returns stands for: itself, or the first ones of a group.

    Raises ``ValueError`` for an id that is neither a task nor a group.
    """
    if chosen in workflow.tasks:
        return (chosen,)
    if chosen not in workflow.groups:
        raise ValueError(f"a branch cannot choose {chosen!r}: there is no such task or group")
    return tuple(sorted(group_roots(workflow, chosen)))


def refused(kind: Chooser, direct: int, after: int, kept: int | None, teardowns: int) -> tuple[int, int]:
    """Bit sets of tasks that a chooser skips: directly after it, and all.

    ``direct`` and ``after`` are the tasks directly after it and all after it, ``kept`` those a branch
    chose with all that comes after them, None where nothing is skipped.
    """
    if kept is None:
        return 0, 0
    if kind.is_branch:
        return direct & ~kept, direct & ~kept
    skipped = (after if kind.reaches else direct) & ~teardowns
    return skipped & direct, skipped
