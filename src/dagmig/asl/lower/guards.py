"""Which tasks run at all: what branches and short circuits chose, as a condition before each task.

A guard is a choice of terms, a term a set of atoms that hold together; an atom says that one chooser chose
one of some tasks (or, for a short circuit, that it lets go on). An atom is false when its chooser was
itself skipped, so guards stay small. Skips spread as Airflow's trigger rules say
(https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import upstream
from dagmig.regions.order import order

Atom = tuple[str, frozenset[str]]
Term = frozenset[Atom]
Guard = frozenset[Term]
ALWAYS: Guard = frozenset({frozenset()})
MAX_TERMS = 12
RUNS_DESPITE_SKIPS = frozenset({TriggerRule.NONE_FAILED})
RUNS_AFTER_ONE = frozenset({TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS})


@dataclass(frozen=True, slots=True)
class Chooser:
    """A branch, or a short circuit (``reaches`` says whether it skips all that comes after, or only the
    tasks directly after it). ``ids`` are what a branch can choose, where its code says so in full;
    ``choices`` all that is looked for in what it chose, and the tasks that each stands for. ``is_single``
    when it never chooses several, ``is_sure`` when it always chooses one.
    """

    is_branch: bool
    reaches: bool = False
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ids: frozenset[str] | None = None
    is_single: bool = False
    is_sure: bool = False

    @property
    def always(self) -> frozenset[str] | None:
        """What one is always chosen of; None where a branch may choose nothing, or something else."""
        return self.ids if self.is_sure else None


@dataclass(slots=True)
class Guards:
    """``of`` is the guard of every task; ``obscure`` tasks depend on more choices than can be said."""

    choosers: Mapping[str, Chooser]
    of: dict[str, Guard] = field(default_factory=dict)
    obscure: set[str] = field(default_factory=set)

    def implies(self, first: Guard, second: Guard) -> bool:
        """Whether the second holds whenever the first does."""
        return all(any(self._covers(one, other) for other in second) for one in first)

    def both(self, first: Guard, second: Guard) -> Guard:
        """That both hold."""
        return self._simple(a | b for a, b in product(first, second))

    def exclude(self, first: Guard, second: Guard) -> bool:
        """Whether both can never hold, as a branch chooses one task only."""
        return all(self._clash(one, other) for one, other in product(first, second))

    def _clash(self, one: Term, other: Term) -> bool:
        return any(
            name == same and self.choosers[name].is_single and not ids & more
            for (name, ids), (same, more) in product(self._needed(one), self._needed(other))
        )

    def _needed(self, term: Term) -> Term:
        """A term with the atoms that had to hold for its choosers to run."""
        found, left = set(term), list(term)
        while left:
            before = self.of[left.pop()[0]]
            new = next(iter(before)) - found if len(before) == 1 else frozenset[Atom]()
            found |= new
            left += new
        return frozenset(found)

    def either(self, guards: Iterable[Guard]) -> Guard:
        """That one of them holds."""
        return self._simple(term for guard in guards for term in guard)

    def atom(self, chooser: str, ids: frozenset[str]) -> Guard:
        """That a chooser chose one of ``ids``: the chooser's own guard where it always does."""
        known = self.choosers[chooser].always
        return self.of[chooser] if known and known <= ids else frozenset({frozenset({(chooser, ids)})})

    def _covers(self, term: Term, other: Term) -> bool:
        return all(any(self._atom_implies(atom, wanted) for atom in term) for wanted in other)

    def _atom_implies(self, atom: Atom, wanted: Atom) -> bool:
        if atom[0] == wanted[0]:
            return atom[1] <= wanted[1]
        return self.implies(self.of[atom[0]], frozenset({frozenset({wanted})}))

    def _simple(self, terms: Iterable[Term]) -> Guard:
        found = {self._reduced(term) for term in terms}
        while merged := self._merge(found):
            old, new = merged
            found = (found - old) | {self._reduced(term) for term in new}
        return frozenset(t for t in found if not any(o != t and self._absorbs(o, t) for o in found))

    def _absorbs(self, one: Term, other: Term) -> bool:
        """Whether a term adds nothing to another; of two that say the same the smaller stays."""
        if not self._covers(other, one):
            return False
        return not self._covers(one, other) or _rank(one) < _rank(other)

    def _reduced(self, term: Term) -> Term:
        """Without atoms that another atom implies."""
        return frozenset(a for a in term if not any(b != a and self._atom_implies(b, a) for b in term))

    def _merge(self, terms: set[Term]) -> tuple[set[Term], Guard] | None:
        """Two terms that differ in what one chooser chose, and what stands for both."""
        ranked = sorted(terms, key=_rank)
        for one, other in product(ranked, ranked):
            left, right = one - other, other - one
            if len(left) != 1 or len(right) != 1:
                continue
            (name, ids), (same, more) = *left, *right
            if name == same:
                joined = self.atom(name, ids | more)
                return {one, other}, frozenset((one & other) | term for term in joined)
        return None


def guards(workflow: Workflow, choosers: Mapping[str, Chooser]) -> Guards:
    """The guard of every task of a workflow whose choosers are these."""
    found = Guards(choosers)
    for _ in guarding(workflow, found):
        pass
    return found


def guarding(workflow: Workflow, found: Guards) -> Iterator[str]:
    """Finds the guards task by task; each is yielded once its guard is there, which may be changed then."""
    choosers = found.choosers
    ordered = order(workflow.tasks, workflow.edges)
    acyclic = replace(workflow, edges=workflow.edges - set(ordered.ignored))
    before = upstream(acyclic)
    place = {name: i for i, name in enumerate(ordered.names)}
    choosing = [name for name in ordered.names if name in choosers]
    for name in ordered.names:
        guard = _by_rule(found, workflow.tasks[name], before[name])
        earlier = ordered.before[place[name]]
        for chooser in choosing:
            kind = choosers[chooser]
            if workflow.tasks[name].is_teardown and not kind.is_branch:
                continue  # no short circuit skips a teardown
            is_reached = kind.reaches and bool(earlier >> place[chooser] & 1)
            if chooser not in before[name] and not is_reached:
                continue
            atom = found.atom(chooser, keeping(kind, name, earlier, place))
            if found.implies(found.of[chooser], atom):
                continue
            if not found.implies(guard, found.of[chooser]):  # a skipped chooser skips nothing
                found.obscure.add(name)
            guard = found.both(guard, atom)
        if len(guard) > MAX_TERMS:
            found.obscure.add(name)
        found.of[name] = ALWAYS if name in found.obscure else guard
        yield name


def keeping(kind: Chooser, name: str, earlier: int, place: Mapping[str, int]) -> frozenset[str]:
    """The choices of a branch after which a task directly after it runs: those that stand for it, or for a
    task before it (``SkipMixin.skip_all_except``). ``earlier`` are the places of all tasks before it.
    """
    found = frozenset(
        choice
        for choice, tasks in kind.choices.items()
        if any(task == name or earlier >> place[task] & 1 for task in tasks)
    )
    return found & kind.ids or found if kind.ids is not None else found


def _by_rule(found: Guards, task: Task, before: list[str]) -> Guard:
    if not before or task.trigger in RUNS_DESPITE_SKIPS:
        return ALWAYS
    if task.trigger in RUNS_AFTER_ONE:
        return found.either(found.of.get(name, ALWAYS) for name in before)
    guard = ALWAYS
    for name in before:
        guard = found.both(guard, found.of.get(name, ALWAYS))
    return guard


def _rank(term: Term) -> list[tuple[str, list[str]]]:
    """An order for terms: the same in every run."""
    return sorted((name, sorted(ids)) for name, ids in term)


def condition(guard: Guard, guards: Guards, variable: Callable[[str], str]) -> str:
    """The guard as JSONata; ``variable`` gives what a chooser returned."""

    def atom(chooser: str, ids: frozenset[str]) -> str:
        value = variable(chooser)
        if not guards.choosers[chooser].is_branch:
            return f"($boolean({value}) or ($type({value}) = 'array' and $count({value}) > 0))"
        listed = [f"'{name}'" for name in sorted(ids)]
        if guards.choosers[chooser].is_single:
            return f"{value} = {listed[0]}" if len(listed) == 1 else f"{value} in [{', '.join(listed)}]"
        if len(listed) == 1:
            return f"{listed[0]} in {value}"
        return f"({' or '.join(f'{name} in {value}' for name in listed)})"

    def both(term: Term) -> str:
        return " and ".join(atom(name, frozenset(ids)) for name, ids in _rank(term))

    terms = [both(term) for term in sorted(guard, key=_rank)]
    return terms[0] if len(terms) == 1 else " or ".join(f"({term})" for term in terms)
