"""Regions to a state machine: a chain of Tasks, a Parallel where parts do not wait for each other.

A task that has no translation becomes a state that fails: ``Fail`` at the end of a branch, else a Choice
whose Default is the ``Fail``, so that what follows stays reachable for validators and never runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from dagmig.asl.check import check
from dagmig.asl.lower.comment import comment
from dagmig.asl.lower.dates import dates
from dagmig.asl.lower.emit import emit, name_forks
from dagmig.asl.lower.fatal import fatal
from dagmig.asl.lower.fill import UNWRITTEN
from dagmig.asl.lower.fragments import fragment_of, only_orders, outline, with_each
from dagmig.asl.lower.groups import group_problems, over
from dagmig.asl.lower.guarantee import Doubt, say_guarantee
from dagmig.asl.lower.latch import is_latch
from dagmig.asl.lower.ledger import pointers, say
from dagmig.asl.lower.limits import say_limits
from dagmig.asl.lower.mapping import mapped
from dagmig.asl.lower.obstacles import choosers, obstacle, short
from dagmig.asl.lower.outcomes import ONLY_SUCCESS, Outcomes, outcomes
from dagmig.asl.lower.plain import as_written
from dagmig.asl.lower.plan import Plan, entering, plan, steps
from dagmig.asl.lower.policy import seconds
from dagmig.asl.lower.run import Run
from dagmig.asl.lower.scene import INPUT
from dagmig.asl.lower.setting import Setting, States, function_name
from dagmig.asl.lower.settings import rendering
from dagmig.asl.lower.shape import Shape
from dagmig.asl.lower.task import can_fail, is_one_call, is_placeholder
from dagmig.asl.lower.variables import Read, outputs_read, variables
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Workflow
from dagmig.graph.query import downstream, fail_fast, literal, mapped_group
from dagmig.integrations.asking import STATE
from dagmig.integrations.fragment import Fragment, FunctionName
from dagmig.integrations.running import IN_LAMBDA, Running
from dagmig.regions.fold import prune
from dagmig.regions.groups import together
from dagmig.regions.ledger import say_waits
from dagmig.regions.order import order
from dagmig.regions.tree import Region, Series, flat, tasks, without

NOTED, DECISION, REDESIGN = Disposition.NOTED, Disposition.DECISION, Disposition.REDESIGN


@dataclass(frozen=True, slots=True)
class Product:
    """The machine, and the Lambda sources it calls by file name. ``tasks`` are those that have a state,
    ``doubts`` says where the machine may not do what the DAG does.
    """

    machine: dict[str, Any]
    functions: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, Written] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a task: the ``state`` that does its work; whether that can fail, or raise the errors by
    which it ``skips`` itself; whether the work takes several states, or none that it is asked of, or was not
    translated.
    """

    state: str
    can_fail: bool
    skips: bool
    has_several: bool
    is_translated: bool


def lower(
    workflow: Workflow,
    region: Region,
    report: Report,
    *,
    drains: bool = False,
    durations: Mapping[str, float] | None = None,
    is_outline: bool = False,
    airflow: int | None = None,
    running: Running = IN_LAMBDA,
) -> Product:
    """The machine of a workflow. Every task gets a row that names the state doing its work.

    ``airflow`` is the version that the DAG runs on; None where only its file tells. ``drains``: when a task
    fails, those beside it are finished first, as in Airflow; otherwise the machine stops at once where the
    run has failed for certain, as a machine that a person writes does. ``durations``: the seconds by task
    that the region was made with. ``is_outline``: work of several states is one state and a pass, to see the
    machine apart from it. ``running``: where code of the user's runs.
    """
    is_told = airflow is not None or workflow.is_airflow_3 or "schedule_interval" in workflow.arguments
    if airflow is not None:
        workflow = replace(workflow, is_airflow_3=airflow >= 3)
    run = Run(dates(workflow, is_airflow_3=workflow.is_airflow_3), rendering(workflow), is_told)
    drafting, setting, machine = _drafted(
        workflow,
        region,
        report,
        run,
        drains=drains,
        durations=durations,
        is_outline=is_outline,
        running=running,
    )
    check(machine)
    targets = pointers(machine, setting.states | setting.maps)
    say(setting, machine, targets)
    added = frozenset(name for name, task in workflow.tasks.items() if is_latch(task))
    say_waits(workflow, without(drafting.kept, added) or Series(()), report, durations)
    doubts = say_guarantee(setting)
    say_limits(machine, workflow.span, report)
    report.retarget({f"task:{task}": targets.get(task, "") for task in setting.states | setting.maps})
    functions = {
        f"{function_name(workflow, FunctionName(task))}.py": source
        for task in setting.states
        for source in setting.fragments[task].functions.values()
    }
    written = {
        task: Written(
            state,
            task in setting.fallible,
            bool(setting.fragments[task].skips),
            not is_one_call(setting.fragments[task]),
            not is_placeholder(setting.fragments[task]),
        )
        for task, state in setting.states.items()
    }
    return Product(machine, functions, written, doubts)


def _drafted(
    workflow: Workflow, region: Region, report: Report, run: Run, *, running: Running, **how: Any
) -> tuple[_Drafting, Setting, dict[str, Any]]:
    """The states as they come to stand. Tasks with a value that has no form run as they are where that is
    wanted, which changes what others read of them: then all is written once more.
    """
    own = Report()
    drafting = _drafting(workflow, region, own, run, running=running, **how)
    setting, machine = drafting.write(own)
    unwritten = {row.task for row in own.rows if row.construct == UNWRITTEN and row.task is not None}
    if running.has_fallback and not unwritten <= running.apart:
        again = replace(running, apart=running.apart | unwritten)
        return _drafted(workflow, region, report, run, running=again, **how)
    report.take(own)
    setting.report = report
    return drafting, setting, machine


def _drafting(
    workflow: Workflow,
    region: Region,
    report: Report,
    run: Run,
    *,
    drains: bool,
    durations: Mapping[str, float] | None,
    is_outline: bool,
    running: Running,
) -> _Drafting:
    choosing, problems = choosers(workflow), group_problems(workflow)
    free = (task for task in workflow.tasks.values() if obstacle(workflow, task, problems) is None)
    mapped_tasks = {task.id: found for task in free if (found := mapped(workflow, task)) is not None}
    groups = {group: over(workflow, group) for group in together(workflow) if group not in problems}
    shape = Shape(workflow, choosing, mapped_tasks, groups)
    region = flat(region, frozenset(problems))
    written = {task: as_written(workflow.tasks[task], run.rendering, report) for task in tasks(region)}
    fragments = {
        name: fragment_of(workflow, task, choosing, problems, report, running)
        for name, task in written.items()
    }
    fragments = with_each(workflow, fragments)
    if is_outline:
        fragments = {task: outline(task, fragment) for task, fragment in fragments.items()}
    failing = frozenset(task for task, fragment in fragments.items() if can_fail(fragment))
    skipping = frozenset(task for task, fragment in fragments.items() if fragment.skips)
    deadly = failing if fail_fast(workflow) else frozenset() if drains else fatal(shape, failing)
    drafting = _Drafting(
        workflow, region, shape, problems, fragments, failing, deadly, skipping, run, durations
    )
    drafting.settle(failing - deadly)
    return drafting


@dataclass(slots=True)
class _Drafting:
    """Writes the states again until it is known whose failure is caught, and what is read of other tasks."""

    workflow: Workflow
    region: Region
    shape: Shape
    problems: Mapping[str, str]  # of mapped groups
    fragments: dict[str, Fragment]
    fallible: frozenset[str]
    deadly: frozenset[str]
    skipping: frozenset[str]
    run: Run
    durations: Mapping[str, float] | None = None
    caught: frozenset[str] = frozenset()
    reads: set[Read] = field(default_factory=set)
    kept: Region = field(default_factory=lambda: Series(()))  # without the tasks that only order others
    elided: frozenset[str] | None = None

    def settle(self, caught: frozenset[str]) -> None:
        """Find the failures that have to be caught, and all that is read."""
        kept: set[str] = set()
        self.caught = caught
        while True:
            setting, _ = self.write(Report())
            kept |= setting.kept
            wanted = (self.caught - setting.uncaught) | kept
            if wanted == self.caught and setting.reads == self.reads:
                return
            self.caught, self.reads = wanted, setting.reads

    def write(self, report: Report) -> tuple[Setting, dict[str, Any]]:
        """The states, with rows for what is not the same."""
        found = outcomes(self.shape, self.caught, self.skipping)
        self._elide(_elided(self.workflow, found, self.problems, report))
        planned = plan(self.kept, found.guards)
        precedes = _precedence(self.workflow)
        known = variables(self.workflow, planned, precedes, self.reads)
        setting = Setting(self.workflow, report, found, self.deadly, known, precedes, self.run.fresh())
        ordered = list(steps(planned))
        setting.places = {task: i for i, task in enumerate(ordered)}
        found.settle(setting.places, self.elided or frozenset())
        setting.states = {task: setting.names.state(task) for task in ordered}
        setting.fragments = dict(self.fragments)
        setting.fallible = self.fallible
        _take_input(setting, planned)
        name_forks(setting, planned)
        start, states = emit(setting, planned)
        first, before = setting.run.states(setting.names, start)
        return setting, _machine(self.workflow, first, {**before, **states})

    def _elide(self, elided: frozenset[str]) -> None:
        if elided == self.elided:
            return
        self.elided, is_latched = elided, any(map(is_latch, self.workflow.tasks.values()))
        if is_latched or not elided:
            self.kept = without(self.region, elided) or Series(())
        else:
            pruned = prune(self.workflow, self.region, elided, self.durations)
            self.kept = flat(pruned, frozenset(self.problems))


def _take_input(setting: Setting, planned: Plan) -> None:
    """Tasks that are handed the execution's input take it as it is, where no other state reads it: the
    others look for ``dag_run.conf`` and the run's dates within it.
    """
    entered = (task for task in entering(planned) if task not in setting.mapped)
    found = {task: setting.fragments[task].direct for task in entered}
    direct = {task: fragment for task, fragment in found.items() if fragment is not None}
    if not direct:
        return
    fresh: dict[str, Any] = {"forks": {}, "reads": set(), "uncaught": set(), "kept": set()}
    fresh["run"] = setting.run.fresh()
    draft = replace(setting, report=Report(), names=deepcopy(setting.names), **fresh)
    draft.fragments = setting.fragments | direct
    name_forks(draft, planned)
    if INPUT in json.dumps(emit(draft, planned)) or draft.run.is_used:
        return
    setting.fragments |= direct
    said = "the execution's whole input stands for `dag_run.conf`; transient errors of Lambda fail the state"
    for task in direct:
        span = setting.workflow.tasks[task].span
        setting.report.row("payload", span, f"task:{task}", NOTED, said, task=task)


def _precedence(workflow: Workflow) -> Callable[[str, str], bool]:
    """Whether the first task has always ended before the second starts."""
    ordered = order(workflow.tasks, workflow.edges)
    place = {name: i for i, name in enumerate(ordered.names)}
    for i, name in reversed(list(enumerate(ordered.names))):
        if (group := mapped_group(workflow, workflow.tasks[name].group)) is not None:
            place[group] = i  # of its first task, which comes after all that the group is mapped over
    return lambda first, second: first in place and bool(ordered.before[place[second]] >> place[first] & 1)


def _elided(
    workflow: Workflow, outcomes: Outcomes, problems: Mapping[str, str], report: Report
) -> frozenset[str]:
    """The tasks that only order others, as long as one remains that does work."""
    found, after = workflow.tasks, downstream(workflow)
    named = {name for task in found.values() if "branch" in short(task).lower() for name in after[task.id]}
    held = {edge.downstream for edge in workflow.edges if is_latch(found[edge.upstream])}
    held |= {name for task in found.values() for name, key in outputs_read(task) if key == STATE}
    empty = frozenset(
        t
        for t in found.keys() - named - held
        if only_orders(found[t])
        and obstacle(workflow, found[t], problems) is None
        and not _is_recorded(outcomes, t)
    )
    if len(empty) == len(found):
        return frozenset()
    for task in sorted(empty):
        said = "elided: it only orders other tasks, and their order is kept"
        report.row(found[task].call.operator, found[task].span, "", NOTED, said, task=task)
    return empty


def _is_recorded(outcomes: Outcomes, task: str) -> bool:
    """Whether others may have to know what became of an empty task."""
    if task in outcomes.ruled:
        return True
    shape = outcomes.shape
    observers = {*shape.after[task], *(shape.leaves if task in shape.leaves else ())}
    return outcomes.possible[task] != ONLY_SUCCESS and not observers.isdisjoint(outcomes.ruled)


def _machine(workflow: Workflow, start: str, states: States) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (said := comment(workflow)) is not None:
        found["Comment"] = said
    if _speaks_jsonata(states):
        found["QueryLanguage"] = "JSONata"
    timeout = literal(workflow.arguments, "dagrun_timeout")
    if isinstance(timeout, timedelta):
        found["TimeoutSeconds"] = seconds(timeout)
    return {**found, "StartAt": start, "States": states}


def _speaks_jsonata(node: Any) -> bool:
    match node:
        case dict():
            used = node.keys() & {"Arguments", "Output", "Assign", "Condition"}
            return bool(used) or any(_speaks_jsonata(item) for item in node.values())
        case list():
            return any(_speaks_jsonata(item) for item in node)
    return isinstance(node, str) and node.startswith("{%")
