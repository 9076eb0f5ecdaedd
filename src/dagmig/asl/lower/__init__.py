"""Regions to a state machine: a chain of Tasks, a Parallel where parts do not wait for each other.

A task that has no translation becomes a state that fails: ``Fail`` at the end of a branch, else a Choice
whose Default is the ``Fail``, so that what follows stays reachable for validators and never runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from dagmig.asl.check import check
from dagmig.asl.lower.comment import comment
from dagmig.asl.lower.data import INPUT
from dagmig.asl.lower.emit import emit, name_forks
from dagmig.asl.lower.guards import Guards, guards
from dagmig.asl.lower.ledger import say, task_rows
from dagmig.asl.lower.obstacles import choosers, obstacle, short
from dagmig.asl.lower.plan import Plan, entering, plan, steps
from dagmig.asl.lower.policy import seconds
from dagmig.asl.lower.task import UNNAMED, Setting, States, placeholder
from dagmig.asl.lower.variables import RETURNED, variables
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import downstream, literal
from dagmig.integrations import registry
from dagmig.integrations.fragment import MAIN, Expression, Fragment, FunctionName, Projection
from dagmig.regions.order import order
from dagmig.regions.tree import Region, Series, without

NOTED, DECISION, REDESIGN = Disposition.NOTED, Disposition.DECISION, Disposition.REDESIGN
EMPTY = frozenset({"EmptyOperator", "DummyOperator"})


@dataclass(frozen=True, slots=True)
class Product:
    """The machine, and the Lambda sources it calls by file name."""

    machine: dict[str, Any]
    functions: Mapping[str, str] = field(default_factory=dict)


def lower(workflow: Workflow, region: Region, report: Report) -> Product:
    """The machine of a workflow. Every task gets a row that names the state doing its work."""
    choosing = choosers(workflow)
    guarding = guards(workflow, choosing)
    kept = _pruned(workflow, region, report)
    planned = plan(kept, guarding)
    setting = _setting(workflow, guarding, planned, report)
    _take_input(setting, planned)
    name_forks(setting, planned)
    start, states = emit(setting, planned, None)
    machine = _machine(workflow, start, states)
    check(machine)
    say(workflow, machine, setting.states, choosing, report)
    functions = {
        f"{FunctionName(task).within(workflow.id or UNNAMED)}.py": source
        for task in setting.states
        for source in setting.fragments[task].functions.values()
    }
    return Product(machine, functions)


def _setting(workflow: Workflow, guarding: Guards, planned: Plan, report: Report) -> Setting:
    precedes = _precedence(workflow)
    setting = Setting(workflow, report, guarding, variables(workflow, planned, precedes), precedes)
    ordered = list(steps(planned))
    setting.states = {task: setting.names.state(task) for task in ordered}
    setting.fragments = {task: _fragment(setting, workflow.tasks[task]) for task in ordered}
    return setting


def _take_input(setting: Setting, planned: Plan) -> None:
    """Tasks that are handed the execution's input take it as it is, where no other state reads it: the
    others look for ``dag_run.conf`` and the run's dates within it.
    """
    found = {task: setting.fragments[task].direct for task in entering(planned)}
    direct = {task: fragment for task, fragment in found.items() if fragment is not None}
    if not direct:
        return
    draft = _setting(setting.workflow, setting.guards, planned, Report())
    draft.fragments |= direct
    name_forks(draft, planned)
    if INPUT in json.dumps(emit(draft, planned, None)):
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
    return lambda first, second: first in place and bool(ordered.before[place[second]] >> place[first] & 1)


def _pruned(workflow: Workflow, region: Region, report: Report) -> Region:
    """Without the tasks that only order others, as long as one remains that does work."""
    found, after = workflow.tasks, downstream(workflow)
    named = {name for task in found.values() if "branch" in short(task).lower() for name in after[task.id]}
    empty = frozenset(
        t for t in found.keys() - named if _only_orders(found[t]) and obstacle(workflow, found[t]) is None
    )
    if len(empty) == len(found):
        return region
    for task in sorted(empty):
        said = "elided: it only orders other tasks, and their order is kept"
        report.row(found[task].call.operator, found[task].span, "", NOTED, said, task=task)
    return without(region, empty) or Series(())


def _is_empty(task: Task) -> bool:
    return short(task) in EMPTY


def _only_orders(task: Task) -> bool:
    """Whether an empty task has no callbacks, outlets or the like, which somebody has to decide about."""
    rows = Report()
    task_rows(task, rows)
    return _is_empty(task) and not rows.has_open_rows


def _fragment(setting: Setting, task: Task) -> Fragment:
    """What the task becomes; a failing placeholder where there is no translation."""
    report, target = setting.report, f"task:{task.id}"
    reason = obstacle(setting.workflow, task)
    if task.id in setting.guards.obscure:
        reason = "whether it runs depends on too many choices"
    if reason is not None:
        said = f"{reason}, which is not translated: the state fails when it is reached"
        report.row(task.call.operator, task.span, target, REDESIGN, said, task=task.id)
        return placeholder(f"Task {task.id} was not translated: {reason}.")
    if _is_empty(task):
        return Fragment({MAIN: {"Type": "Pass"}})
    known = registry().for_operator(task.call.operator)
    if known is not None:
        return _checked(setting, task, known.to_asl(task, report))
    said = f"no integration for {task.call.operator}: the state fails when it is reached"
    report.row(task.call.operator, task.span, target, DECISION, said, task=task.id)
    return placeholder(f"Operator {task.call.operator} of task {task.id} was not translated.")


def _checked(setting: Setting, task: Task, fragment: Fragment) -> Fragment:
    """A branch whose code does not say what it chooses fails, as in Airflow, on any other choice."""
    chooser = setting.guards.choosers.get(task.id)
    if chooser is None or not chooser.is_branch or chooser.ids is not None:
        return fragment
    after = ", ".join(f"'{name}'" for name in downstream(setting.workflow)[task.id])
    given = fragment.outputs[RETURNED]
    is_valid = f"$chosen = null or $count([$chosen][$not($ in [{after}])]) = 0"
    failed = "$error('chose a task that is not directly after it')"
    parts = ("($chosen := ", *given.expression.parts, f"; ({is_valid}) ? $chosen : {failed})")
    checked = Projection(given.state, Expression(parts))
    return replace(fragment, outputs={**fragment.outputs, RETURNED: checked})


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
