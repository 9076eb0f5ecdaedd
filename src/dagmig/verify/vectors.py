"""The ways that all bodies of a workflow can go: every one where there are few, else a sample besides.

In this order: everything succeeds; one task fails; one is skipped; one chooses otherwise; one list has
another length; one is tried again; then the rest.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, islice, product
from math import prod

from dagmig.regions.order import bits
from dagmig.verify.dag_run.program import Node, Program
from dagmig.verify.observed import ALL, FAILS, SKIPS, SUCCEEDS, Instance, Outcome, Vector

LIMIT = 10_000
LENGTHS = (3, 1, 0)
FEW = 100  # times the limit
RATES = (0.1, 0.25, 0.5)  # how many of the tasks go another way in a sampled vector
Chosen = tuple[str, ...]


class Kind(IntEnum):
    """How an option differs from success; in the order in which they are tried alone."""

    SUCCESS = 0
    FAILURE = 1
    SKIP = 2
    CHOICE = 3
    LENGTH = 4
    RETRY = 5


@dataclass(frozen=True, slots=True)
class Option:
    """One way a task can go, or one length of a list; ``outcomes`` are of the instances that differ."""

    kind: Kind
    outcomes: Mapping[Instance, Outcome] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Space:
    """All vectors: one option of each dimension. ``total`` is their number."""

    dimensions: tuple[tuple[Option, ...], ...]

    @property
    def total(self) -> int:
        """How many vectors there are."""
        return prod(len(options) for options in self.dimensions)

    @property
    def alone(self) -> int:
        """How many vectors there are in which at most one dimension goes another way; they come first."""
        return 1 + sum(len(options) - 1 for options in self.dimensions)

    def vectors(self, limit: int = LIMIT, seed: int = 0) -> Iterator[Vector]:
        """All of them if there are no more than ``limit``, else that many: a sample that ``seed`` decides."""
        seen = set[tuple[int, ...]]()
        rest = self._all() if self.total <= limit else self._sample(limit, seed)
        for picked in islice(_new(chain(self._alone(), rest), seen), min(limit, self.total)):
            yield self._vector(picked)

    def _alone(self) -> list[tuple[int, ...]]:
        base = (0,) * len(self.dimensions)
        found = [
            (options[at].kind, place, at)
            for place, options in enumerate(self.dimensions)
            for at in range(1, len(options))
        ]
        return [base, *((*base[:place], at, *base[place + 1 :]) for _, place, at in sorted(found))]

    def _all(self) -> Iterator[tuple[int, ...]]:
        return product(*(range(len(options)) for options in self.dimensions))

    def _sample(self, limit: int, seed: int) -> Iterator[tuple[int, ...]]:
        """Of not so many, each as likely; of very many, rather those where few tasks go another way."""
        rng = random.Random(seed)
        if self.total <= FEW * limit:
            for number in rng.sample(range(self.total), limit):
                yield self._numbered(number)
        while True:
            rate = rng.choice(RATES)
            yield tuple(
                rng.randrange(len(options)) if rng.random() < rate else 0 for options in self.dimensions
            )

    def _numbered(self, number: int) -> tuple[int, ...]:
        found = []
        for options in self.dimensions:
            number, at = divmod(number, len(options))
            found.append(at)
        return tuple(found)

    def _vector(self, picked: tuple[int, ...]) -> Vector:
        outcomes: dict[Instance, Outcome] = {}
        lengths: dict[str, int] = {}
        for options, at in zip(self.dimensions, picked, strict=True):
            outcomes.update(options[at].outcomes)
            lengths.update(options[at].lengths)
        return Vector(outcomes, lengths)


def _new(found: Iterable[tuple[int, ...]], seen: set[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    for picked in found:
        if picked not in seen:
            seen.add(picked)
            yield picked


def space(
    program: Program,
    can_fail: Collection[str] | None = None,
    can_skip: Collection[str] | None = None,
    choices: Mapping[str, Sequence[Chosen]] | None = None,
    never_empty: Collection[str] = (),
) -> Space:
    """All ways a workflow can go. ``can_fail`` and ``can_skip`` are the tasks that can (every task unless
    said), ``choices`` what a branch can return where that is known, ``never_empty`` the tasks whose lists
    surely have members.
    """
    found: list[tuple[Option, ...]] = []
    for node in program.nodes:
        options = [Option(Kind.SUCCESS)]
        if can_fail is None or node.id in can_fail:
            options += _options(node, Kind.FAILURE, FAILS)
            if node.retries:
                options += _options(node, Kind.RETRY, Outcome(failures=node.retries))
        if can_skip is None or node.id in can_skip:
            options += _options(node, Kind.SKIP, SKIPS)
        for chosen in _choices(program, node, (choices or {}).get(node.id)):
            options.append(Option(Kind.CHOICE, {(node.id, ALL): Outcome(chosen=chosen)}))
        found.append(tuple(options))
    for name in _lists(program):
        lengths = [length for length in LENGTHS if length or name not in never_empty]
        found.append(tuple(Option(Kind.LENGTH, {}, {name: length}) for length in lengths))
    return Space(tuple(found))


def _options(node: Node, kind: Kind, outcome: Outcome) -> list[Option]:
    """All instances of a task go this way; or of several only the first."""
    found = [Option(kind, {(node.id, ALL): outcome})]
    if node.lengths is not None:
        found.append(Option(kind, {(node.id, ALL): SUCCEEDS, (node.id, 0): outcome}))
    return found


def _choices(program: Program, node: Node, known: Sequence[Chosen] | None) -> list[Chosen]:
    """What a branch can choose: one of the tasks directly after it, or none; a short circuit, to stop."""
    if node.chooser is None:
        return []
    if known is not None:
        return list(known)
    after = [program.nodes[place].id for place in bits(node.direct)]
    return [*((name,) for name in after if node.chooser.is_branch), ()]


def _lists(program: Program) -> list[str]:
    """The tasks whose lists are mapped over, and whose lengths nothing else decides."""
    sources = {place for node in program.nodes for place in node.sources}
    return [program.nodes[place].id for place in sorted(sources) if program.nodes[place].lengths is None]
