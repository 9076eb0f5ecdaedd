"""Which bodies had to end before others could start, however long each takes.

Worked out backwards from how all instances ended: what was decided by all tasks upstream comes after all of
them; what any one of some decided comes after what all of those have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dagmig.graph.model import TriggerRule
from dagmig.regions.order import bits
from dagmig.verify.dag_run.instances import Instances
from dagmig.verify.dag_run.trigger_rules import FAILED, RUN, SKIPPED, SUCCESS, UPSTREAM_FAILED, decide
from dagmig.verify.observed import Instance, State

R = TriggerRule
BAD = frozenset({FAILED, UPSTREAM_FAILED})
ANY = {
    (R.ALL_SUCCESS, UPSTREAM_FAILED): BAD,
    (R.ALL_SUCCESS, SKIPPED): frozenset({SKIPPED}),
    (R.ALL_FAILED, SKIPPED): frozenset({SUCCESS, SKIPPED}),
    (R.ALL_DONE_MIN_ONE_SUCCESS, SKIPPED): frozenset({SKIPPED}),
    (R.ALL_SKIPPED, SKIPPED): frozenset({SUCCESS, *BAD}),
    (R.NONE_FAILED, UPSTREAM_FAILED): BAD,
    (R.NONE_FAILED_MIN_ONE_SUCCESS, UPSTREAM_FAILED): BAD,
    (R.NONE_SKIPPED, SKIPPED): frozenset({SKIPPED}),
    (R.ONE_DONE, RUN): frozenset({SUCCESS, FAILED}),
    (R.ONE_FAILED, RUN): BAD,
    (R.ONE_SUCCESS, RUN): frozenset({SUCCESS}),
}  # the decisions that one upstream instance in one of these states brings about


@dataclass(frozen=True, slots=True, eq=False)
class Before(Mapping[Instance, frozenset[Instance]]):
    """For each instance whose body ran, the bodies that had to end before it could start, as bit sets of
    ``names`` until somebody asks for them.
    """

    names: Sequence[Instance]
    sets: Mapping[Instance, int]

    def __getitem__(self, one: Instance) -> frozenset[Instance]:
        return frozenset(self.names[other] for other in bits(self.sets[one]))

    def __iter__(self) -> Iterator[Instance]:
        return iter(self.sets)

    def __len__(self) -> int:
        return len(self.sets)


def happens_before(found: Instances) -> Before:
    """What had to end before what, in a run that has ended."""
    known = [0] * len(found.task)  # the bodies that have ended when an instance has, as a bit set
    starts = dict[int, int]()
    for place in range(len(found.nodes)):
        for one in found.members[place]:
            earlier = _earlier(found, one, known)
            if found.attempts[one]:
                starts[one] = earlier
                known[one] = earlier | 1 << one
            else:
                known[one] = earlier
    names = [found.name(one) for one in range(len(found.task))]
    return Before(names, {names[one]: earlier for one, earlier in starts.items()})


def _earlier(found: Instances, one: int, known: list[int]) -> int:
    """The bodies that had ended for certain when an instance started, or got its state."""
    ways = list(_ways(found, one, known))
    earlier = ways[0] if ways else 0
    for way in ways[1:]:
        earlier &= way
    return earlier


def _ways(found: Instances, one: int, known: list[int]) -> Iterator[int]:
    """What had ended in each way the instance can have come to what it came to."""
    place = found.task[one]
    if found.attempts[one]:
        yield _when_ready(found, one, known)
        return
    state = found.state[one]
    if state is not None:
        yield from _ways_to(found, one, known, state)
    if state is SKIPPED:
        choosers = [other for other, tasks in found.skipped.items() if tasks >> place & 1]
        yield from (known[other] for other in (*choosers, *found.fatal))
        if choosers or found.fatal:  # these skip what others had decided before them
            yield from _ways_to(found, one, known, UPSTREAM_FAILED)


def _when_ready(found: Instances, one: int, known: list[int]) -> int:
    """What had ended when all was there for an instance to run, or to be expanded."""
    sources = found.nodes[found.task[one]].sources
    ended = _all(known, (member for other in sources for member in found.members[other]))
    return ended | _when_allowed(found, one, known)


def _when_allowed(found: Instances, one: int, known: list[int]) -> int:
    """What had ended when its rule let an instance run."""
    node = found.nodes[found.task[one]]
    if not node.upstream or node.rule is R.ALWAYS:
        return 0
    setups = _all(known, _seen(found, one, (*node.setups, *node.scope)))
    return setups | _by_rule(found, one, known, None)


def _ways_to(found: Instances, one: int, known: list[int], state: State) -> Iterator[int]:
    """What had ended in each way that the tasks before an instance can have brought it to a state."""
    node = found.nodes[found.task[one]]
    wanted = BAD if state is UPSTREAM_FAILED else {state}
    for member in _seen(found, one, (*node.setups, *node.sources)):
        if found.state[member] in wanted:
            yield known[member]
    if node.upstream and _can_come_of(found, one, state):
        yield _by_rule(found, one, known, state)
    if found.is_unexpanded(one):  # the list is empty, or it was not there yet
        yield (_when_ready if state is SKIPPED else _when_allowed)(found, one, known)


def _can_come_of(found: Instances, one: int, state: State) -> bool:
    """Whether the rule alone could have led to this state."""
    node = found.nodes[found.task[one]]
    if (deciders := ANY.get((node.rule, state))) is None:
        return decide(node.rule, found.counts(one, node.upstream)) is state
    return any(found.state[member] in deciders for member in _seen(found, one, node.upstream))


def _by_rule(found: Instances, one: int, known: list[int], state: State | None) -> int:
    """What had ended when the rule decided; ``state`` is None where the instance ran."""
    node = found.nodes[found.task[one]]
    members = list(_seen(found, one, node.upstream))
    deciders = ANY.get((node.rule, RUN if state is None else state))
    if deciders is None:
        return _all(known, members)
    found_by = [known[member] for member in members if found.state[member] in deciders]
    earlier = found_by[0] if found_by else 0
    for way in found_by[1:]:
        earlier &= way
    return earlier


def _seen(found: Instances, one: int, others: Iterable[int]) -> Iterator[int]:
    for other in others:
        yield from found.relevant(one, other)


def _all(known: list[int], members: Iterable[int]) -> int:
    ended = 0
    for member in members:
        ended |= known[member]
    return ended
