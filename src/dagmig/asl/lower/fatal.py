"""Tasks whose failure fails the run for certain, so that the execution can end at once."""

from __future__ import annotations

from collections.abc import Collection

from dagmig.asl.lower.rules import (
    FAILS_AFTER_BAD,
    RULES,
)
from dagmig.asl.lower.shape import Shape
from dagmig.graph.model import TriggerRule


def fatal(shape: Shape, can_fail: Collection[str]) -> frozenset[str]:
    """The tasks whose failure fails the run for certain, and after which no task that waits for them runs."""
    plain = all(task.trigger is TriggerRule.ALL_SUCCESS for task in shape.tasks.values())
    if plain and not shape.choosers and not any(task.is_teardown for task in shape.tasks.values()):
        return frozenset(can_fail)
    return frozenset(name for name in can_fail if _is_fatal(shape, name))


def _is_fatal(shape: Shape, failed: str) -> bool:
    bad, idle = {failed}, {failed}  # certainly failed or upstream_failed; certainly not run
    later = list(shape.all_after(failed))
    ran = ran_with(shape, failed)
    dead = {failed, *later}  # choosers among these skip nothing
    for name in later:
        rule, before = shape.tasks[name].trigger, shape.before[name]
        if RULES[shape.rule(shape.tasks[name])][:1] != (FAILS_AFTER_BAD,):
            return False
        has_bad = not bad.isdisjoint(before)
        is_skippable = any(c not in dead and not _is_spent(shape, c, name, ran) for c in shape.skippers[name])
        is_skippable |= any(setup not in bad and setup not in ran for setup in shape.setups.get(name, ()))
        if has_bad and not is_skippable:
            bad.add(name)
        elif not has_bad and (rule is not TriggerRule.ALL_SUCCESS or idle.isdisjoint(before)):
            return False
        idle.add(name)
    return not bad.isdisjoint(shape.leaves)


def ran_with(shape: Shape, name: str) -> set[str]:
    """A task and those before it that have run where it has."""
    found, waiting = {name}, [name]
    while waiting:
        one = waiting.pop()
        if shape.tasks[one].trigger is TriggerRule.ALL_SUCCESS:
            waiting += [other for other in shape.before[one] if other not in found]
            found.update(shape.before[one])
    return found


def _is_spent(shape: Shape, chooser: str, name: str, ran: set[str]) -> bool:
    """Whether a chooser cannot have skipped a task, as others have run that it would have skipped too."""
    kept = shape.kept_by(chooser, name)
    return any(
        chooser in shape.skippers[other]
        and (not shape.choosers[chooser].is_branch or shape.kept_by(chooser, other) <= kept)
        for other in ran
    )
