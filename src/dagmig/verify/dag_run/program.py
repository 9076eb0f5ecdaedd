"""A workflow made ready to be run many times: tasks by their places, with all that does not change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from dagmig.graph.model import Policy, Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, fail_fast, literal, upstream
from dagmig.regions.order import bits, order
from dagmig.verify.dag_run.mapping import Factor, factors, mapped_group, sources
from dagmig.verify.dag_run.run_state import leaves
from dagmig.verify.dag_run.skipping import Chooser, chooser

NOT_IN_2 = frozenset({TriggerRule.ALL_DONE_MIN_ONE_SUCCESS})
Lengths = tuple[Factor, ...]


class NotModelled(ValueError):
    """A workflow that the model does not run; the message says why."""


@dataclass(slots=True)
class Node:
    """One task; other tasks are places, sets of them bit sets where they are one number.

    ``setups`` are those it depends on without being directly after them, ``scope`` what a teardown waits for
    besides, ``watchers`` the tasks that look at its state, ``mapped`` those mapped over what it returns.
    ``lengths`` are the factors of its number of instances, None for a task that has one.
    """

    id: str
    rule: TriggerRule
    upstream: tuple[int, ...]
    direct: int
    before: int
    after: int
    policy: Policy
    retries: int
    is_setup: bool
    is_teardown: bool
    is_mapped: bool
    chooser: Chooser | None
    group: str | None
    is_directly_in_group: bool
    lengths: Lengths | None
    sources: tuple[int, ...]
    setups: tuple[int, ...] = ()
    scope: tuple[int, ...] = ()
    watchers: list[int] = field(default_factory=list)
    mapped: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Program:
    """A workflow as Airflow ``airflow`` (2 or 3) runs it; ``nodes`` in topological order.

    ``timeout`` is its ``dagrun_timeout`` in seconds.
    """

    workflow: Workflow
    airflow: int
    nodes: tuple[Node, ...]
    place: dict[str, int]
    leaves: frozenset[int]
    teardowns: int
    fails_fast: bool
    timeout: float | None

    @property
    def has_maps(self) -> bool:
        """Whether a task can have several instances."""
        return any(node.lengths is not None for node in self.nodes)


def program(workflow: Workflow, airflow: int = 3) -> Program:
    """Make a workflow ready to be run. Raises ``NotModelled`` where something it depends on is not known."""
    if not workflow.is_complete:
        raise NotModelled("not all tasks and edges of the DAG are known")
    ordered = order(workflow.tasks, workflow.edges)
    if ordered.ignored:
        raise NotModelled("its tasks depend on each other in a circle")
    place = {name: i for i, name in enumerate(ordered.names)}
    before, after = upstream(workflow), downstream(workflow)
    nodes = []
    for i, name in enumerate(ordered.names):
        direct = sum(1 << place[other] for other in after[name])
        found = tuple(place[other] for other in before[name])
        try:
            far = ordered.before[i], ordered.after[i]
            nodes.append(_node(workflow, name, found, direct, far, place, airflow))
        except ValueError as error:
            raise NotModelled(f"{name}: {error}") from None
    teardowns = sum(1 << i for i, node in enumerate(nodes) if node.is_teardown)
    _find_setups(nodes, teardowns, airflow)
    _find_watchers(nodes)
    ends = frozenset(place[name] for name in leaves(workflow.tasks, after))
    fast = fail_fast(workflow) is not None
    said = literal(workflow.arguments, "dagrun_timeout")
    timeout = said.total_seconds() if isinstance(said, timedelta) else None
    return Program(workflow, airflow, tuple(nodes), place, ends, teardowns, fast, timeout)


def _node(
    workflow: Workflow,
    name: str,
    before: tuple[int, ...],
    direct: int,
    far: tuple[int, int],
    place: dict[str, int],
    airflow: int,
) -> Node:
    task = workflow.tasks[name]
    if not isinstance(task.trigger, TriggerRule):
        raise ValueError("its trigger rule is not known")
    if airflow < 3 and task.trigger in NOT_IN_2:
        raise ValueError(f"Airflow 2 has no trigger rule {task.trigger}")
    if not isinstance(task.policy.retries, int):
        raise ValueError("how often it is tried is not known")
    choosing = chooser(task)
    if isinstance(choosing, str):
        raise ValueError(choosing)
    group, is_direct = mapped_group(workflow, task)
    lengths = _lengths(workflow, task, group)
    lists = tuple(sorted({place[one] for factor in lengths or () for one in sources(factor)}))
    return Node(
        id=name,
        rule=task.trigger,
        upstream=before,
        direct=direct,
        before=far[0],
        after=far[1],
        policy=task.policy,
        retries=task.policy.retries,
        is_setup=task.is_setup,
        is_teardown=task.is_teardown,
        is_mapped=task.expand is not None,
        chooser=choosing,
        group=group,
        is_directly_in_group=is_direct,
        lengths=lengths,
        sources=lists,
    )


def _lengths(workflow: Workflow, task: Task, group: str | None) -> Lengths | None:
    if group is not None and task.expand is not None:
        raise ValueError("it is mapped inside a mapped task group")
    expansion = task.expand if group is None else workflow.groups[group].expand
    if expansion is None:
        return None
    found = factors(expansion)
    if isinstance(found, str):
        raise ValueError(found)
    if unknown := [one for factor in found for one in sources(factor) if one not in workflow.tasks]:
        raise ValueError(f"it is mapped over {unknown[0]}, which is no task of the DAG")
    return found


def _find_setups(nodes: list[Node], teardowns: int, airflow: int) -> None:
    """Setups above a task whose teardowns are none or below it; between a teardown and its setups."""
    setups = _set(i for i, node in enumerate(nodes) if node.is_setup)
    for node in nodes:
        above = _set(node.upstream)
        if node.is_teardown:
            if airflow >= 3:
                own = (nodes[u].after for u in node.upstream if nodes[u].is_setup)
                node.scope = tuple(bits(node.before & ~above & _union(own)))
            continue
        below = node.after & teardowns
        node.setups = tuple(
            setup
            for setup in bits(node.before & ~above & setups)
            if not nodes[setup].direct & teardowns or nodes[setup].direct & below
        )


def _find_watchers(nodes: list[Node]) -> None:
    for i, node in enumerate(nodes):
        for other in {*node.upstream, *node.setups, *node.scope, *node.sources}:
            nodes[other].watchers.append(i)
        for other in node.sources:
            nodes[other].mapped.append(i)


def _set(places: Iterable[int]) -> int:
    return _union(1 << place for place in places)


def _union(sets: Iterable[int]) -> int:
    found = 0
    for one in sets:
        found |= one
    return found
