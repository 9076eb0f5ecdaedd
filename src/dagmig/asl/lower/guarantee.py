"""How far a machine behaves as its DAG does, whatever tasks fail, skip or choose.

STRICT: the same tasks run, in the same order, and end as in Airflow. SUCCESS-PATH: so they do where nothing
fails; where something does, the run fails in both, but tasks that do not wait for what failed may be stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import or_

from dagmig.asl.lower.fatal import ran_with
from dagmig.asl.lower.guards import Guard
from dagmig.asl.lower.latch import is_latch
from dagmig.asl.lower.outcomes import Outcomes
from dagmig.asl.lower.rules import BAD, EARLY, FAILS_AFTER_BAD, RULES, SKIPPED, SKIPS_EARLY, UPSTREAM_FAILED
from dagmig.asl.lower.setting import Setting
from dagmig.diagnostics import Disposition
from dagmig.graph.model import TriggerRule
from dagmig.graph.query import fail_fast
from dagmig.regions.order import bits

NOTED, DECISION, EXACT = Disposition.NOTED, Disposition.DECISION, Disposition.EXACT
NAMED = 5  # so many tasks are named in a row


class When(Enum):
    """In which runs a task, or all that comes after it, may end otherwise than in Airflow."""

    NEVER = 0  # it may start later, and that is all
    EVER = 1
    AFTER_FAILURE_AND_SKIP = 2  # of tasks directly before it
    AFTER_FAILURE = 3  # of any task


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row of a task, or (``task`` is empty) of the DAG: how, and when, the machine differs from it."""

    task: str
    construct: str
    disposition: Disposition
    said: str
    when: When


def say_guarantee(setting: Setting) -> tuple[Doubt, ...]:
    """The row that says it, and one for each task that may start later, or end otherwise, than in Airflow:
    these are returned.
    """
    doubts = [*_of_run(setting), *(one for name in setting.states for one in _of_task(setting, name))]
    for one in doubts:
        task = setting.workflow.tasks.get(one.task, setting.workflow)
        target = f"task:{one.task}" if one.task else ""
        setting.report.row(one.construct, task.span, target, one.disposition, one.said, task=one.task)
    return tuple(doubts)


def _of_run(setting: Setting) -> Iterator[Doubt]:
    stopped = _stopped(setting.outcomes, setting.fatal, setting.states)
    stopped += [
        f"other instances of {name}"
        for name in setting.states
        if name in setting.fatal
        and (mapped := setting.outcomes.shape.mapped_over(name)) is not None
        and mapped.length != 1
    ]
    if fail_fast(setting.workflow) and setting.fatal:
        said = (
            "SUCCESS-PATH: when a task fails, the execution ends at once and has failed; in Airflow the "
            "tasks that are left are skipped, and where they are the last the run counts as a success"
        )
        yield Doubt("", "guarantee", NOTED, said, When.AFTER_FAILURE)
    elif stopped:
        said = (
            f"SUCCESS-PATH: when a task fails, those that don't wait for it are stopped or never start "
            f"({_some(stopped)}); Airflow would run them, and so does --on-failure drain"
        )
        yield Doubt("", "guarantee", NOTED, said, When.NEVER)
    else:
        yield Doubt("", "guarantee", EXACT, "STRICT: the same tasks run and end as in Airflow", When.NEVER)


def _stopped(outcomes: Outcomes, fatal: Collection[str], states: Collection[str]) -> list[str]:
    """The tasks that are beside one whose failure ends the execution at once."""
    order, place, guards = outcomes.shape.order, outcomes.shape.place, outcomes.guards
    having: dict[Guard, int] = {}
    for name in order.names:
        having[guards.of[name]] = having.get(guards.of[name], 0) | 1 << place[name]
    never = {
        guard: reduce(or_, (found for other, found in having.items() if guards.exclude(guard, other)), 0)
        for guard in {guards.of[name] for name in fatal}
    }  # the tasks that don't run where a guard holds
    beside, everything = 0, (1 << len(order.names)) - 1
    for name in fatal:
        at = place[name]
        beside |= everything & ~(order.before[at] | order.after[at] | 1 << at | never[guards.of[name]])
    found = [order.names[i] for i in bits(beside) if order.names[i] in states]
    return [name for name in found if not is_latch(outcomes.shape.tasks[name])]


def _of_task(setting: Setting, name: str) -> Iterator[Doubt]:
    shape = setting.outcomes.shape
    rule, before = shape.tasks[name].trigger, shape.before[name]
    if rule is TriggerRule.ALWAYS and before:
        said = "starts once all tasks before it have ended; in Airflow always waits for none"
        yield Doubt(name, "trigger_rule", DECISION, said, When.NEVER)
    elif rule in EARLY and len(before) > 1:
        said = f"starts once all tasks before it have ended; {rule} may start earlier"
        yield Doubt(name, "trigger_rule", NOTED, said, When.NEVER)
    if rule in EARLY and shape.skippers[name]:
        said = (
            f"skipped where {_some(shape.skippers[name])} chooses so; in Airflow {rule} may start before that"
        )
        yield Doubt(name, "trigger_rule", NOTED, said, When.EVER)
    if rule is TriggerRule.ALL_SUCCESS:
        for disposition, said in _of_failure_and_skip(setting, name, before):
            yield Doubt(name, "trigger_rule", disposition, said, When.AFTER_FAILURE_AND_SKIP)
    yield from _of_late_skips(setting, name)
    beside = shape.beside_producers(name) if shape.rule(shape.tasks[name]) in SKIPS_EARLY else ()
    if any(setting.outcomes.possible[other] & {SKIPPED, UPSTREAM_FAILED} for other in beside):
        said = "skipped by its rule where what it is mapped over fails; in Airflow, by what was seen first"
        yield Doubt(name, "expand", NOTED, said, When.AFTER_FAILURE)
    for disposition, said in _of_instances(setting.outcomes, name):
        yield Doubt(name, "expand", disposition, said, When.EVER)


def _of_late_skips(setting: Setting, name: str) -> Iterator[Doubt]:
    """A task that is upstream_failed can still be skipped by a chooser that runs after a failure: what comes
    after it, and is not skipped too, has been decided before that.
    """
    outcomes, shape = setting.outcomes, setting.outcomes.shape
    if RULES[shape.rule(shape.tasks[name])][:1] != (FAILS_AFTER_BAD,):
        return
    for chooser in shape.skippers[name]:
        ran = ran_with(shape, chooser)
        failing = any(
            outcomes.possible[other] & BAD and setting.precedes(other, chooser)
            for other in shape.before[name]
            if other not in ran
        )
        later = [other for other in shape.after[name] if chooser not in shape.skippers[other]]
        if failing and later:
            said = (
                f"skipped where {chooser} chooses so, whatever has failed; in Airflow {_some(later)} may have"
            )
            yield Doubt(name, "trigger_rule", NOTED, f"{said} seen a failure before", When.AFTER_FAILURE)


def _of_failure_and_skip(setting: Setting, name: str, before: list[str]) -> Iterable[tuple[Disposition, str]]:
    """Where both can come before ``all_success``: it may be certain which of them Airflow sees first."""
    outcomes, shape = setting.outcomes, setting.outcomes.shape
    skips = [one for one in before if SKIPPED in outcomes.possible[one] or shape.skippers[one]]
    bad = [one for one in before if outcomes.possible[one] & BAD or one in setting.fallible]
    if not any(skip != other or outcomes.is_multiple(skip, name) for skip in skips for other in bad):
        return
    for skip in skips:
        causes = {skip, *shape.skippers[skip]}
        later = [
            other for other in bad if other != skip and any(setting.precedes(one, other) for one in causes)
        ]
        if later:
            said = f"a failure of {_some(later)} counts where {skip} is skipped"
            yield DECISION, f"{said}; Airflow has seen the skip before, and skips the task"
            return
    yield NOTED, "a failure and a skip before it count as a failure; in Airflow, as what was seen first"


def _of_instances(outcomes: Outcomes, name: str) -> Iterable[tuple[Disposition, str]]:
    """Where it is not certain in Airflow that the instances of a task run, or are skipped."""
    shape, mapped = outcomes.shape, outcomes.shape.mapped_over(name)
    if mapped is None:
        return
    rule, before = shape.tasks[name].trigger, shape.before[name]
    if mapped.producers and rule in EARLY and (rule is TriggerRule.ALWAYS or len(before) > 1):
        yield (
            DECISION,
            "starts once what it is mapped over is there; in Airflow it may start before, and fails then",
        )
    branches = [other for other in before if other in shape.choosers and shape.choosers[other].is_branch]
    if mapped.length and branches and not shape.workflow.is_airflow_3:
        said = "Airflow 2 runs what is mapped over a list that is written out all the same"
        yield NOTED, f"skipped where {_some(branches)} does not choose it; {said}"


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
