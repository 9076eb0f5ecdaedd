"""A trigger rule as the Choice before its task: only the lines that can hold, in the order they count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dagmig.asl.lower.guards import condition
from dagmig.asl.lower.outcomes import EXPANDED, LOST, NOT_EXPANDED, ONLY_SUCCESS, Facts, Outcomes
from dagmig.asl.lower.rules import (
    BAD,
    FAILS_AFTER_BAD,
    NONE,
    RULES,
    SETUP_LINES,
    SKIPPED,
    SKIPS_EARLY,
    SUCCESS,
    UPSTREAM_FAILED,
    Line,
    States,
)
from dagmig.asl.lower.variables import RETURNED
from dagmig.integrations.asking import STATE

ALWAYS, NEVER = "true", "false"
SPELLED_OUT = 3  # so many tests of one kind are written one by one
Variable = Callable[[str, str], str]  # the JSONata of a task's state, or of an output, by its key


@dataclass(frozen=True, slots=True)
class Deciding:
    """The gate of one task where ``facts`` are known."""

    task: str
    outcomes: Outcomes
    facts: Facts
    variable: Variable
    items: Callable[[], str]  # the JSONata of what the task is mapped over

    def lines(self) -> Iterator[tuple[str, str]]:
        """Conditions as JSONata, and the state that each gives the task; ``ALWAYS`` ends them."""
        for found, state in self._all_lines():
            if found != NEVER:
                yield found, state
            if found == ALWAYS:
                return

    def _all_lines(self) -> Iterator[tuple[str, str]]:
        shape = self.outcomes.shape
        for chooser in shape.skippers[self.task]:
            yield self._skipped_by(chooser), SKIPPED
        for line in SETUP_LINES:
            yield self._holds(line, shape.setups.get(self.task, ())), line.state
        group = self.facts.get(shape.group.get(self.task, ""))
        if group == LOST:
            yield ALWAYS, UPSTREAM_FAILED
        producers = () if group == EXPANDED else shape.producers.get(self.task, ())
        for line in SKIPS_EARLY.get(shape.rule(shape.tasks[self.task]), ()) if producers else ():
            yield self._holds(line, shape.beside_producers(self.task)), line.state
        yield self._any(BAD, producers, as_one=True), UPSTREAM_FAILED
        skipped = self._any(frozenset({SKIPPED}), producers, as_one=True), SKIPPED
        if producers and FAILS_AFTER_BAD in RULES[shape.rule(shape.tasks[self.task])]:
            yield self._holds(FAILS_AFTER_BAD, shape.ahead_of_producers(self.task)), UPSTREAM_FAILED
            yield skipped
            skipped = NEVER, SKIPPED
        before = shape.before[self.task]
        for line in RULES[shape.tasks[self.task].trigger] if before else ():  # type: ignore[index]
            seen = [name for name in before if shape.tasks[name].is_setup] if line.of_setups else before
            yield self._holds(line, seen) if seen else NEVER, line.state
        yield skipped
        if group == NOT_EXPANDED:
            yield ALWAYS, SKIPPED
        if self.task in shape.mapped and shape.mapped[self.task].may_be_empty:
            yield f"{self.items()} = []", SKIPPED

    def of_group(self) -> Iterator[tuple[str, str]]:
        """The same for a mapped group that may have nothing to run for: what its tasks come to."""
        mapped = self.outcomes.shape.groups[self.task]
        producers = mapped.producers
        lines = (
            self._any(BAD, producers, as_one=True),
            self._any(frozenset({SKIPPED}), producers, as_one=True),
        )
        for said, state in zip(lines, (UPSTREAM_FAILED, SKIPPED), strict=True):
            if said != NEVER:
                yield said, state
            if said == ALWAYS:
                return
        if mapped.may_be_empty:
            yield f"{self.items()} = []", SKIPPED

    def _skipped_by(self, chooser: str) -> str:
        possible = self.outcomes.states(chooser, self.facts)
        if SUCCESS not in possible:
            return NEVER
        kind = self.outcomes.shape.choosers[chooser]
        kept = self.outcomes.shape.kept_by(chooser, self.task) if kind.is_branch else frozenset[str]()
        atom = frozenset({frozenset({(chooser, kept)})})
        chosen = condition(atom, self.outcomes.guards, lambda name: self.variable(name, RETURNED))
        said = f"$not({chosen})"
        return said if possible == ONLY_SUCCESS else f"{self.variable(chooser, STATE)} = 'success' and {said}"

    def _holds(self, line: Line, seen: Iterable[str]) -> str:
        seen = list(seen)
        some = self._any(line.present, seen) if line.present else ALWAYS
        none = self._any(line.absent, seen) if line.absent else NEVER
        if NEVER in (some, _not(none)):
            return NEVER
        if none == NEVER:
            return some
        return _not(none) if some == ALWAYS else f"({some}) and {_not(none)}"

    def _any(self, wanted: States, seen: Iterable[str], *, as_one: bool = False) -> str:
        """That one of the tasks is in one of the states; ``as_one``: a mapped one as a whole, not one of its
        instances.
        """
        tests: dict[str, list[str]] = {}
        for name in seen:
            possible = (self.outcomes.whole if as_one else self.outcomes.states)(name, self.facts)
            hit, other = possible & wanted, possible - wanted
            if hit and not other:
                return ALWAYS
            if hit:
                is_multiple = not as_one and self.outcomes.is_multiple(name, self.task)
                test = test_of(hit, NONE if as_one else other, is_multiple=is_multiple)
                tests.setdefault(test, []).append(self.variable(name, STATE))
        return any_of(tests) if tests else NEVER


def any_of(tests: dict[str, list[str]]) -> str:
    """That one of the tests (of ``test_of``) holds for one of its variables."""
    found: list[str] = []
    for test, variables in tests.items():
        if len(variables) <= SPELLED_OUT or not test.startswith("{}"):
            found += [test.format(variable) for variable in variables]
        else:
            found.append(f"$count([{', '.join(variables)}][{test.format('$')}]) > 0")
    return " or ".join(found)


def test_of(hit: States, other: States, *, is_multiple: bool = False) -> str:
    """The JSONata that says of a variable, put in the place of ``{}``, that it holds one of these states;
    ``is_multiple``: that it has one of them among those of a mapped task's instances.
    """
    listed = f"[{', '.join(repr(state) for state in sorted(hit))}]"
    if is_multiple:
        return f"'{min(hit)}' in {{}}" if len(hit) == 1 else f"$count({{}}[$ in {listed}]) > 0"
    if len(hit) == 1:
        return f"{{}} = '{min(hit)}'"
    return f"{{}} != '{min(other)}'" if len(other) == 1 else f"{{}} in {listed}"


def _not(said: str) -> str:
    return {ALWAYS: NEVER, NEVER: ALWAYS}.get(said, f"$not({said})")
