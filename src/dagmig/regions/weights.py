"""How long a task takes, in microseconds: as given, else by the kind of its operator."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median

from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import literal
from dagmig.regions.order import Order, order

SECOND = 1_000_000
_KINDS = (
    (re.compile(r"empty|dummy|branch|short_?circuit|latestonly|latch$"), 0),
    (re.compile(r"batch|ecs|eks|kubernetes|emr|glue|databricks|sagemaker|dataproc|dataflow|spark"), 10),
    (re.compile(r"sql|athena|redshift|snowflake|bigquery|postgres|query|trino|presto"), 3),
)
SENSOR, OTHER = 50, 1
_WAITS = re.compile(r"sensor(_?async)?$|^hitl|^approvaloperator$")


@dataclass(frozen=True, slots=True)
class Weighed:
    """An order with the weight of each task, and the set of those that wait for the world outside."""

    order: Order
    weights: tuple[int, ...]
    sensors: int


def weigh(workflow: Workflow, durations: Mapping[str, float]) -> Weighed:
    """The order of a workflow with weights as of ``weights``."""
    waiting = {name for name, task in workflow.tasks.items() if is_waiting(task)}
    return weighed(workflow, weights(workflow, durations), waiting)


def weighed(workflow: Workflow, times: Mapping[str, int], waiting: Collection[str]) -> Weighed:
    """The order of a workflow with these weights; ``waiting`` tasks wait for the world outside."""
    found = order(workflow.tasks, workflow.edges)
    sensors = sum(1 << i for i, name in enumerate(found.names) if name in waiting)
    return Weighed(found, tuple(times[name] for name in found.names), sensors)


def is_waiting(task: Task) -> bool:
    """Whether a task waits for the world outside, so that nothing else may be made to wait for it."""
    name = _kind(task)
    if name.endswith("triggerdagrunoperator"):
        return literal(task.call.arguments, "wait_for_completion") is True
    return bool(_WAITS.search(name)) or "poke_interval" in task.call.arguments


def weights(workflow: Workflow, durations: Mapping[str, float]) -> dict[str, int]:
    """Microseconds by task. ``durations`` are seconds; a task that is not there takes what its kind does,
    in the unit that the others have at the median.
    """
    kinds = {name: _usual(task) for name, task in workflow.tasks.items()}
    ratios = [durations[name] / kind for name, kind in kinds.items() if kind and name in durations]
    unit = median(ratios) if ratios else 1.0
    return {name: round(SECOND * durations.get(name, unit * kind)) for name, kind in kinds.items()}


def _usual(task: Task) -> int:
    """What a task of this kind takes beside others; no unit."""
    if is_waiting(task):
        return SENSOR
    name = _kind(task)
    return next((weight for kind, weight in _KINDS if kind.search(name)), OTHER)


def _kind(task: Task) -> str:
    return task.call.operator.rpartition(".")[2].lower()
