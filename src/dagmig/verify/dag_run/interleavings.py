"""All outcomes that a run can have, however long bodies take and whenever the scheduler comes by.

Most runs have one: what a task comes to depends on the states before it, not on their order. Where that is
not so (a skip and a failure before ``all_success``, a task that starts before a branch skips it,
``fail_fast``) every order is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import partial

from dagmig.graph.model import TriggerRule
from dagmig.verify.dag_run.decisions import proposals, runs_ahead
from dagmig.verify.dag_run.instances import Instances
from dagmig.verify.dag_run.program import Program
from dagmig.verify.dag_run.run import Event, Run
from dagmig.verify.observed import Instance, Observed, Outcomes, State, Vector

STARTS_EARLY = frozenset(
    {TriggerRule.ALWAYS, TriggerRule.ONE_DONE, TriggerRule.ONE_FAILED, TriggerRule.ONE_SUCCESS}
)
LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Admissible:
    """``runs`` are runs of different outcomes, the first as ``run`` has it; there may be more of them where
    not ``is_complete``, as the limit was reached.
    """

    runs: tuple[Observed, ...]
    is_complete: bool

    def allows(self, outcome: Outcomes) -> bool:
        """Whether Airflow may come to this outcome (``Observed.outcome()``)."""
        return any(run.outcome() == outcome for run in self.runs)


def admissible(program: Program, vector: Vector, limit: int = LIMIT) -> Admissible:
    """The outcomes of a run in every order, or as many as there are among ``limit`` situations."""
    usual = Run(program, vector)
    first = usual.finished()
    if not depends_on_order(usual.found):
        return Admissible((first,), is_complete=True)
    search = _Search(Run(program, vector), limit)
    found = {first.outcome(): first}
    for ended in search.endings(lambda _: True):
        found.setdefault(ended.outcome(), ended)
    return Admissible(tuple(found.values()), search.is_complete)


def is_admissible(program: Program, vector: Vector, outcome: Outcomes, limit: int = LIMIT) -> bool | None:
    """Whether Airflow may come to an outcome (``Observed.outcome()``) in some order.

    Much faster than to ask for all. None: not among ``limit`` situations, and there are more.
    """
    usual = Run(program, vector)
    if usual.finished().outcome() == outcome:
        return True
    if not depends_on_order(usual.found):
        return False
    wanted = {one: state for one, state, _ in outcome[1]}
    search = _Search(Run(program, vector), limit)
    if any(ended.outcome() == outcome for ended in search.endings(lambda found: _can_become(found, wanted))):
        return True
    return False if search.is_complete else None


def _can_become(found: Instances, wanted: Mapping[Instance, State | None]) -> bool:
    """Whether all that has ended has ended as it should; what is skipped may have been something else."""
    for one, state in enumerate(found.state):
        if state is None:
            continue
        last = wanted.get(found.name(one))
        if state is not last and last is not State.SKIPPED:
            return False
    return True


class _Search:
    """Follows a run in every order, from one situation to the next, each once."""

    def __init__(self, run: Run, limit: int) -> None:
        self.waiting, self.limit = [run], limit
        self.seen: set[Hashable] = set()

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to follow."""
        return not self.waiting

    def endings(self, fits: Callable[[Instances], bool]) -> Iterator[Observed]:
        """The runs that end, of situations that fit."""
        while self.waiting and len(self.seen) < self.limit:
            run = self.waiting.pop()
            key = run.key()
            if key in self.seen or not fits(run.found):
                continue
            self.seen.add(key)
            if run.is_over:
                yield run.observed()
            else:
                self.waiting += _ways_on(run)


def depends_on_order(found: Instances) -> bool:
    """Whether some task of a run that has ended could have come to something else in another order.

    The first task for which that is so has seen before it what it would see in any order.
    """
    program = found.program
    has_early = any(node.rule in STARTS_EARLY for node in program.nodes)
    if (program.fails_fast and found.fatal) or (has_early and (found.skipped or program.has_maps)):
        return True
    return any(len(proposals(found, one)) > 1 or runs_ahead(found, one) for one in range(len(found.task)))


def _ways_on(run: Run) -> Iterator[Run]:
    """The next situations: the scheduler comes by, or one of the bodies ends."""
    if run.dirty or run.found.refused:
        yield from _choosing(run, Run.come_by)
    for event in sorted(run.events):
        yield from _choosing(run, partial(_happen, event=event))


def _happen(run: Run, event: Event) -> None:
    run.events.remove(event)
    run.now = max(run.now, event[0])
    run.happen(*event[1:])


def _choosing(run: Run, go_on: Callable[[Run], None]) -> Iterator[Run]:
    """One step, in each way that Airflow can go by accident."""
    scripts: list[list[int]] = [[]]
    while scripts:
        script = scripts.pop()
        other, asked = _copy(run), list[int]()

        def choose(count: int, script: list[int] = script, asked: list[int] = asked) -> int:
            asked.append(count)
            return script[len(asked) - 1] if len(asked) <= len(script) else 0

        other.choose = choose
        go_on(other)
        for place in range(len(script), len(asked)):
            scripts += [[*script, *[0] * (place - len(script)), way] for way in range(1, asked[place])]
        yield other


def _copy(run: Run) -> Run:
    other = copy(run)
    other.found = run.found.copy()
    other.dirty, other.events = set(run.dirty), list(run.events)
    return other
