"""A DAG run as Airflow's scheduler goes about it, task by task, with the outcome of each task given.

Written after ``TriggerRuleDep._evaluate_trigger_rule``, ``SkipMixin`` and ``DagRun.update_state``
(apache-airflow 3.3), with counts as there; a skip and a failure before ``all_success`` count as a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, upstream
from dagmig.graph.values import Literal, Output
from dagmig.regions.order import order

R = TriggerRule


class Run:
    """``outcomes`` of tasks that run: ``success`` unless said, a list of those of the instances for a mapped
    task; ``chosen`` is what tasks return, again a list for a mapped one.
    """

    def __init__(self, workflow: Workflow, outcomes: Mapping[str, Any], chosen: Mapping[str, Any]) -> None:
        self.workflow, self.outcomes, self.chosen = workflow, outcomes, chosen
        self.tasks, self.order = workflow.tasks, order(workflow.tasks, workflow.edges)
        self.before, self.after = upstream(workflow), downstream(workflow)
        self.place = {name: i for i, name in enumerate(self.order.names)}
        self.states: dict[str, tuple[str, ...]] = {}  # of a task's instances
        self.values: dict[str, Any] = {}  # what others are given
        self.direct: set[str] = set()  # skipped by a branch or a short circuit
        self.ran: list[str] = []
        for name in self.order.names:
            decided = "skipped" if name in self.direct else self._decide(name)
            is_mapped = self.tasks[name].expand is not None
            self.states[name], self.values[name] = (decided,), [] if is_mapped else None
            if decided == "run" and is_mapped:
                self._run_instances(name)
            elif decided == "run":
                self.ran.append(name)
                self.states[name] = (outcomes.get(name, "success"),)
                if self.states[name] == ("success",):
                    self.values[name] = self.chosen.get(name)
                    self._choose(self.tasks[name])

    def length(self, name: str) -> int:
        """How many instances a mapped task has."""
        expand = self.tasks[name].expand
        assert expand is not None
        (over,) = expand.arguments.values()
        return len(self.values[over.task] if isinstance(over, Output) else over.value)  # type: ignore[union-attr]

    def _run_instances(self, name: str) -> None:
        count = self.length(name)
        ended = tuple(self.outcomes.get(name, ["success"] * count)[:count])
        self.ran += [name] * count
        self.states[name] = ended or ("skipped",)
        given = zip(ended, self.chosen[name], strict=False)
        self.values[name] = [value for state, value in given if state == "success" and value is not None]

    def _later(self, name: str) -> set[str]:
        return {t for t in self.order.names if self.order.after[self.place[name]] >> self.place[t] & 1}

    def _choose(self, task: Task) -> None:
        name, value = task.id, self.chosen.get(task.id)
        if task.call.operator == "@task.branch":
            picked = [value] if isinstance(value, str) else value or []
            followed = {later for pick in picked for later in (pick, *self._later(pick))}
            self.direct |= set(self.after[name]) - followed
        if task.call.operator == "@task.short_circuit" and not value:
            reaches = task.argument("ignore_downstream_trigger_rules") is None
            found = self._later(name) if reaches else set(self.after[name])
            self.direct |= {t for t in found if not self.tasks[t].is_teardown}

    def _setups(self, name: str) -> list[str]:
        """Setups whose scope a task is in without being directly after them."""
        later = self._later(name)
        found = []
        for other in self.order.names:
            if self.tasks[other].is_setup and name in self._later(other) and other not in self.before[name]:
                downs = [t for t in self.after[other] if self.tasks[t].is_teardown]
                if not downs or later & set(downs):
                    found.append(other)
        return found

    def _decide(self, name: str) -> str:
        task, before = self.tasks[name], self.before[name]
        if not before:
            return "run"
        if not task.is_teardown:
            around = {state for other in self._setups(name) for state in self.states[other]}
            if around & {"failed", "upstream_failed"}:
                return "upstream_failed"
            if "skipped" in around:
                return "skipped"
        decided = self._by_rule(task, before)
        if decided == "run" and task.expand is not None:
            over = {
                s
                for o in task.expand.arguments.values()
                if isinstance(o, Output)
                for s in self.states[o.task]
            }
            if over & {"failed", "upstream_failed"}:
                return "upstream_failed"
            return "skipped" if "skipped" in over else "run"
        return decided

    def _by_rule(self, task: Task, before: list[str]) -> str:  # noqa: C901
        seen = [state for other in before for state in self.states[other]]
        s, f, u, k = (seen.count(x) for x in ("success", "failed", "upstream_failed", "skipped"))
        setups = [state for other in before if self.tasks[other].is_setup for state in self.states[other]]
        match task.trigger:
            case R.ALL_SUCCESS:
                return "upstream_failed" if f + u else "skipped" if k else "run"
            case R.ALL_FAILED:
                return "skipped" if s + k else "run"
            case R.ALL_DONE | R.ALWAYS:
                return "run"
            case R.ONE_SUCCESS:
                return "run" if s else "skipped" if k == len(seen) else "upstream_failed"
            case R.ONE_FAILED:
                return "run" if f + u else "skipped"
            case R.ONE_DONE:
                return "run" if s + f else "skipped"
            case R.NONE_FAILED:
                return "upstream_failed" if f + u else "run"
            case R.NONE_FAILED_MIN_ONE_SUCCESS:
                return "upstream_failed" if f + u else "skipped" if k == len(seen) else "run"
            case R.NONE_SKIPPED:
                return "skipped" if k else "run"
            case R.ALL_SKIPPED:
                return "skipped" if s + f + u else "run"
            case R.ALL_DONE_MIN_ONE_SUCCESS:
                return "skipped" if k else "run" if s else "upstream_failed"
            case R.ALL_DONE_SETUP_SUCCESS:
                if setups and setups.count("skipped") == len(setups):
                    return "skipped"
                return "upstream_failed" if setups and "success" not in setups else "run"
        raise AssertionError(task.trigger)

    @property
    def state(self) -> str:
        """``success`` or ``failed``, by the leaves that count."""
        counted = {
            n
            for n, t in self.tasks.items()
            if not t.is_teardown or t.argument("on_failure_fail_dagrun") == Literal(True)
        }
        leaves = [n for n in counted if not counted & set(self.after[n])]
        leaves = leaves or [n for n in self.tasks if not self.after[n]]
        is_failed = any({"failed", "upstream_failed"} & {*self.states[n]} for n in leaves)
        return "failed" if is_failed else "success"
