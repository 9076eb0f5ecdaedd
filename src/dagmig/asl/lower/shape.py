"""A workflow's tasks in topological order, and which of them can decide about which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

from dagmig.asl.lower.guards import Chooser, keeping
from dagmig.asl.lower.mapping import Mapped
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, mapped_group, upstream
from dagmig.graph.values import Literal
from dagmig.regions.order import Order, bits, order


class Shape:
    """A workflow's tasks in topological order, with what is before and after each."""

    def __init__(
        self,
        workflow: Workflow,
        choosers: Mapping[str, Chooser],
        mapped: Mapping[str, Mapped] | None = None,
        groups: Mapping[str, Mapped] | None = None,
    ) -> None:
        self.order: Order = order(workflow.tasks, workflow.edges)
        self.workflow = replace(workflow, edges=workflow.edges - set(self.order.ignored))
        self.tasks = {
            name: replace(task, trigger=self.rule(task)) for name, task in self.workflow.tasks.items()
        }
        self.names = self.order.names
        self.place = {name: i for i, name in enumerate(self.names)}
        self.before, self.after = upstream(self.workflow), downstream(self.workflow)
        self.choosers = choosers
        self.mapped, self.groups = mapped or {}, groups or {}
        self.group = self._groups()
        self.skippers: dict[str, list[str]] = {name: [] for name in self.names}  # choosers that may skip it
        self._find_skippers()
        self.setups = {name: self._indirect_setups(name) for name in self.names} if self._has_setups else {}
        self.producers = self._producers()
        self.leaves = self._leaves()
        self.observers: dict[str, list[str]] = {name: [] for name in self.names}
        for name in self.names:
            for other in self.seen_by(name):
                self.observers[other].append(name)

    @property
    def _has_setups(self) -> bool:
        return any(task.is_setup for task in self.tasks.values())

    @staticmethod
    def rule(task: Task) -> TriggerRule:
        """The task's rule; a task whose rule is not known fails when it is reached, whatever it be."""
        return task.trigger if isinstance(task.trigger, TriggerRule) else TriggerRule.ALL_SUCCESS

    def _groups(self) -> dict[str, str]:
        """The mapped group that each task runs in, of those that are."""
        found = ((name, mapped_group(self.workflow, task.group)) for name, task in self.tasks.items())
        return {name: group for name, group in found if group in self.groups}  # type: ignore[misc]

    def mapped_over(self, name: str) -> Mapped | None:
        """What a task is mapped over, by itself or with its group."""
        return self.groups.get(self.group.get(name, "")) or self.mapped.get(name)

    def all_before(self, name: str) -> Iterable[str]:
        """Every task that comes before one."""
        return (self.names[i] for i in bits(self.order.before[self.place[name]]))

    def all_after(self, name: str) -> Iterable[str]:
        """Every task that comes after one, in topological order."""
        return (self.names[i] for i in bits(self.order.after[self.place[name]]))

    def kept_by(self, chooser: str, name: str) -> frozenset[str]:
        """The choices of a branch of which one has to be made for a task to be followed."""
        return keeping(self.choosers[chooser], name, self.order.before[self.place[name]], self.place)

    def beside_producers(self, name: str) -> list[str]:
        """The tasks directly before one that may have ended when what it is mapped over has."""
        over = self.producers.get(name, ())
        places = sum(1 << self.place[other] for other in over)
        before = self.before[name] if over else ()
        return [one for one in before if one not in over and not self.order.before[self.place[one]] & places]

    def ahead_of_producers(self, name: str) -> list[str]:
        """The tasks directly before one that have ended when one that it is mapped over starts."""
        over = self.producers.get(name, ())
        earlier = [self.order.before[self.place[other]] for other in over]
        return [
            one
            for one in self.before[name]
            if one not in over and any(places >> self.place[one] & 1 for places in earlier)
        ]

    def _find_skippers(self) -> None:
        for chooser, kind in self.choosers.items():
            reached = self.all_after(chooser) if kind.reaches else self.after[chooser]
            for name in reached:
                keeps = kind.always is not None and kind.always <= self.kept_by(chooser, name)
                keeps = keeps or (name not in self.after[chooser] and self._is_out_of_reach(name))
                if not keeps and (kind.is_branch or not self.tasks[name].is_teardown):
                    self.skippers[name].append(chooser)

    def _is_out_of_reach(self, name: str) -> bool:
        """Whether a short circuit before it skips none of the task's instances, which are there from the
        start: ``ti_skip_downstream`` of Airflow 3 looks for those that are not.
        """
        mapped = self.mapped_over(name)
        return (
            self.workflow.is_airflow_3 and mapped is not None and bool(mapped.length) and not mapped.producers
        )

    def _indirect_setups(self, name: str) -> list[str]:
        """Setups before a task, though not directly, whose teardowns are none or come after the task
        (``AbstractOperator.get_upstreams_only_setups``).
        """
        if self.tasks[name].is_teardown or self.tasks[name].trigger is TriggerRule.ALWAYS:
            return []
        later = set(self.all_after(name))
        found = []
        for other in self.all_before(name):
            if not self.tasks[other].is_setup or other in self.before[name]:
                continue
            teardowns = [after for after in self.after[other] if self.tasks[after].is_teardown]
            if not teardowns or later & set(teardowns):
                found.append(other)
        return found

    def seen_by(self, name: str) -> set[str]:
        """The tasks whose states, or choices, decide about one."""
        others = (self.skippers[name], self.setups.get(name, ()), self.producers.get(name, ()))
        return {*self.before[name], *chain.from_iterable(others)}

    def _producers(self) -> dict[str, tuple[str, ...]]:
        """What a task is mapped over has to be there, even where its rule lets it run
        (``MappedTaskUpstreamDep``); ``all_success`` says so itself.
        """
        ruled = (name for name in self.names if self.tasks[name].trigger is not TriggerRule.ALL_SUCCESS)
        found = ((name, self.mapped_over(name)) for name in ruled)
        return {name: one.producers for name, one in found if one is not None and one.producers}

    def _leaves(self) -> list[str]:
        """The tasks whose states decide the run's (``DagRun.update_state``)."""
        counted = {name for name in self.names if self._is_counted(name)}
        found = [name for name in self.names if name in counted and not counted & set(self.after[name])]
        return found or [name for name in self.names if not self.after[name]]

    def _is_counted(self, name: str) -> bool:
        task = self.tasks[name]
        return not task.is_teardown or task.argument("on_failure_fail_dagrun") == Literal(True)
