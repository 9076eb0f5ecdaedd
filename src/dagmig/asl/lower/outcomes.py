"""In which states a task can end, and what it decides from the states before it.

A task whose failure must not end the execution is *caught*: the failure is recorded, and the tasks that can
see it decide by their trigger rules; so do those after a task that may skip itself. They are *ruled*. All
others run where their guard holds (``guards``), which looks at what branches and short circuits chose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from math import inf

from dagmig.asl.lower.guards import ALWAYS, Guards, guarding
from dagmig.asl.lower.rules import (
    BAD,
    FAILED,
    FAILS_AFTER_BAD,
    RULES,
    RUN,
    SETUP_LINES,
    SKIPPED,
    SKIPS_EARLY,
    SUCCESS,
    UPSTREAM_FAILED,
    States,
    decide,
)
from dagmig.asl.lower.shape import Shape
from dagmig.graph.model import TriggerRule

Facts = Mapping[str, States]  # what states tasks (and mapped groups) can be in, at one place of the machine
BY_SKIPS = frozenset(
    {
        TriggerRule.ALL_SUCCESS,
        TriggerRule.NONE_FAILED,
        TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        TriggerRule.NONE_SKIPPED,
    }
)  # where nothing has failed, these look at skips only
ONLY_SUCCESS = frozenset({SUCCESS})
EXPANDED, NOT_EXPANDED, LOST = map(frozenset, ({RUN}, {SKIPPED}, {UPSTREAM_FAILED}))  # about mapped groups


@dataclass(slots=True)
class Outcomes:
    """``caught`` tasks record their failure, ``skipping`` ones may skip themselves; ``possible`` are the
    states of every task that is not cut short, ``ruled`` the tasks that decide by recorded states.
    """

    shape: Shape
    guards: Guards
    caught: frozenset[str] = frozenset()
    skipping: frozenset[str] = frozenset()
    possible: dict[str, States] = field(default_factory=dict)
    ruled: set[str] = field(default_factory=set)
    elided: frozenset[str] = frozenset()
    last: Mapping[str, float] = field(default_factory=dict)

    def states(self, name: str, facts: Facts) -> States:
        """The states a task can be in, given what is known."""
        found = facts.get(name)
        if found is None and facts and name in self.elided:
            decisions = self.decisions(name, facts)
            found = (decisions - {RUN}) | (ONLY_SUCCESS if RUN in decisions else frozenset())
        return found or self.possible.get(name, ONLY_SUCCESS)

    def live(self, facts: Facts, place: float) -> Facts:
        """What of the facts somebody may still ask for, at a place of the plan and after it."""
        gone = [name for name in facts if self.last.get(name, inf) < place]
        return {name: states for name, states in facts.items() if name not in gone} if gone else facts

    def settle(self, places: Mapping[str, int], elided: frozenset[str]) -> None:
        """Say at which place of the plan each task is, and which are in none."""
        self.elided = elided
        shape, last = self.shape, dict[str, float]()
        for name in reversed(shape.names):
            found = [places.get(other, last[other]) for other in shape.observers[name]]
            last[name] = inf if name in shape.leaves else max(found, default=-1)
        self.last = last

    def is_multiple(self, name: str, viewer: str | None = None) -> bool:
        """Whether the instances of a mapped task may end in different states, which are all recorded; of a
        task in a mapped group, those that a task outside, or another group's, looks at.
        """
        group = self.shape.group.get(name)
        if group is not None:
            is_inside = viewer is not None and self.shape.group.get(viewer) == group
            return not is_inside and len(self.possible[name]) > 1
        return name in self.shape.mapped and (name in self.caught or name in self.skipping)

    def decisions(self, name: str, facts: Facts) -> States:
        """What a task can come to once those before it have ended: ``RUN``, or its state. Of a task in a
        mapped group one of its instances, where the facts say that these run.
        """
        mapped, group = self.shape.mapped_over(name), self._of_group(name, facts)
        found = self._decisions(name, facts)
        if group == NOT_EXPANDED and RUN in found:
            return (found - {RUN}) | {SKIPPED}
        if group is not None or mapped is None or not mapped.may_be_empty or RUN not in found:
            return found
        return (found - {RUN} if mapped.length == 0 else found) | {SKIPPED}

    def is_open(self, group: str, facts: Facts) -> bool:
        """Whether it is to be found out when the machine runs if a mapped group has anything to run for."""
        mapped = self.shape.groups[group]
        return mapped.may_be_empty or any(self.whole(one, facts) != ONLY_SUCCESS for one in mapped.producers)

    def not_expanded(self, group: str, facts: Facts, state: str) -> dict[str, States]:
        """What is known where a mapped group has nothing to run for: what it is mapped over is bad
        (``state`` is ``UPSTREAM_FAILED``), or empty, or was skipped.
        """
        if state == UPSTREAM_FAILED:
            return {**facts, group: LOST}
        known = {**facts, group: NOT_EXPANDED}
        for name in self.shape.groups[group].producers:
            if not self.is_multiple(name):
                known[name] = self.states(name, facts) - BAD
        return known

    def _of_group(self, name: str, facts: Facts) -> States | None:
        """What is known of the mapped group that a task is in."""
        return facts.get(self.shape.group.get(name, ""))

    def _decisions(self, name: str, facts: Facts) -> States:
        shape, found = self.shape, set[str]()
        before = shape.before[name]
        group = self._of_group(name, facts)
        if not before and not shape.skippers[name] and group != LOST:
            return frozenset({RUN})
        if any(SUCCESS in self.states(chooser, facts) for chooser in shape.skippers[name]):
            found.add(SKIPPED)
        rule = shape.rule(shape.tasks[name])
        by_rule = {decide(rule, states, setups) for states, setups in self._seen(name, before, facts)}
        if group == LOST:
            by_rule = {UPSTREAM_FAILED}
        elif name in shape.producers and group != EXPANDED:
            by_rule = self._by_producers(name, by_rule, facts)
        for states, _ in self._seen(name, shape.setups.get(name, ()), facts):
            decided = next((line.state for line in SETUP_LINES if states and line.holds(states)), None)
            found |= by_rule if decided is None else {decided}
        return frozenset(found)

    def _by_producers(self, name: str, by_rule: set[str], facts: Facts) -> set[str]:
        """What the tasks decide that a task is mapped over: before its rule where they are bad, unless that
        skips it earlier, and after it where they are skipped, unless that fails it later.
        """
        found = set[str]()
        rule = self.shape.rule(self.shape.tasks[name])
        fails_late = FAILS_AFTER_BAD in RULES[rule]
        skips_early = {SKIPPED} if rule in SKIPS_EARLY else set[str]()
        for states in product(*(self.whole(other, facts) for other in self.shape.producers[name])):
            if not BAD.isdisjoint(states):
                found |= {UPSTREAM_FAILED, *(by_rule & skips_early)}
            else:
                found |= {SKIPPED if one == RUN and SKIPPED in states else one for one in by_rule}
                found |= {SKIPPED} if fails_late and SKIPPED in states else set()
        return found

    def whole(self, name: str, facts: Facts) -> States:
        """The states that a task has as one; instances that run, whatever they come to, count as success."""
        possible = self.states(name, facts)
        return (possible - {FAILED}) | ONLY_SUCCESS if self.is_multiple(name) else possible

    def _seen(self, viewer: str, before: Iterable[str], facts: Facts) -> set[tuple[States, States]]:
        """The sets of states that can be seen together: of all tasks directly before, and of setups."""
        found: set[tuple[States, States]] = {(frozenset(), frozenset())}
        for name in before:
            possible, is_setup = self.states(name, facts), self.shape.tasks[name].is_setup
            ended = (
                _subsets(possible)
                if self.is_multiple(name, viewer)
                else [frozenset({one}) for one in possible]
            )
            found = {
                (states | own, setups | own if is_setup else setups)
                for states, setups in found
                for own in ended
            }
        return found

    def after_success(self, name: str, facts: Facts) -> dict[str, States]:
        """What is known where a task has run and succeeded."""
        known = {**facts, name: ONLY_SUCCESS}
        rule = self.shape.tasks[name].trigger
        allowed = {
            TriggerRule.ALL_SUCCESS: ONLY_SUCCESS,
            TriggerRule.NONE_FAILED: frozenset({SUCCESS, SKIPPED}),
            TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: frozenset({SUCCESS, SKIPPED}),
        }.get(rule)  # type: ignore[arg-type]
        for other in self.shape.before[name] if allowed else ():
            if self.states(other, facts) - allowed:  # type: ignore[operator]
                known[other] = self.states(other, facts) & allowed  # type: ignore[operator]
        return known

    def after_instances(self, name: str, facts: Facts) -> dict[str, States]:
        """What is known where the instances of a mapped task have run."""
        return {**self.after_success(name, facts), name: self._ended(name)}

    def meet(self, entries: list[Facts]) -> dict[str, States]:
        """What is known where several ways come together."""
        if len(entries) == 1:
            return dict(entries[0])
        names = {name for facts in entries for name in facts}
        return {name: frozenset().union(*(self.states(name, facts) for facts in entries)) for name in names}

    def run_ends(self, facts: Facts) -> States:
        """``FAILED``, ``SUCCESS`` or both: how the run can end, once all tasks have."""
        found = [self.states(name, facts) for name in self.shape.leaves]
        if any(states <= BAD for states in found):
            return frozenset({FAILED})
        return frozenset({SUCCESS, FAILED}) if any(states & BAD for states in found) else ONLY_SUCCESS

    def add(self, name: str) -> None:
        """Find what becomes of a task whose upstream tasks have all been added, and whose guard is there."""
        decisions = self.decisions(name, {})
        is_ruled = decisions != {RUN} and self._is_ruled(name)
        if is_ruled:
            self.ruled.add(name)
        if is_ruled or decisions == {RUN}:
            self.guards.of[name] = ALWAYS
        elif self.guards.of[name] == ALWAYS:
            decisions = frozenset({RUN})
        own = self._ended(name) if RUN in decisions else frozenset[str]()
        self.possible[name] = (decisions - {RUN}) | own

    def _ended(self, name: str) -> States:
        """The states in which a task can end that has run, as far as the machine goes on then."""
        found = {SUCCESS}
        if name in self.caught:
            found.add(FAILED)
        if name in self.skipping:
            found.add(SKIPPED)
        return frozenset(found)

    def _is_ruled(self, name: str) -> bool:
        shape, mapped = self.shape, self.shape.mapped_over(name)
        if mapped is not None and mapped.may_be_empty:
            return True
        if shape.tasks[name].trigger not in BY_SKIPS or name in self.guards.obscure:
            return True
        return any(self._is_recorded(other) for other in shape.seen_by(name))

    def _is_recorded(self, name: str) -> bool:
        """Whether a task's state is more than a matter of choices."""
        possible = self.possible[name]
        by_itself = name in self.ruled or name in self.skipping
        return bool(possible & BAD) or (by_itself and possible != ONLY_SUCCESS)


def _subsets(states: States) -> list[States]:
    """The sets of states that several instances can have."""
    ordered = sorted(states)
    return [frozenset(some) for size in range(1, len(ordered) + 1) for some in combinations(ordered, size)]


def outcomes(shape: Shape, caught: frozenset[str], skipping: frozenset[str]) -> Outcomes:
    """The outcomes of a workflow where the failures of these tasks are caught."""
    found = Outcomes(shape, Guards(shape.choosers), caught, skipping)
    for name in guarding(shape.workflow, found.guards):
        found.add(name)
    return found
