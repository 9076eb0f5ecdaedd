"""Folding: the order of tasks as nested parts. Exact where it nests, and every wait that it adds is said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Call, Edge, Task, Workflow
from dagmig.regions import fold as folding
from dagmig.regions.ledger import say_waits
from dagmig.regions.loosen import nests
from dagmig.regions.order import bits, order
from dagmig.regions.tree import Parallel, Region, Series, Step, parallel, series, tasks, without
from dagmig.regions.unfold import unfold
from dagmig.regions.waits import waits

EXACT = [
    ("a", "a"),
    ("a>b b>c", "a; b; c"),
    ("a>b a>c b>d c>d", "a; (b | c); d"),
    ("a b", "(a | b)"),
    ("a>c b>c", "(a | b); c"),
    ("a>b c>d", "(a; b | c; d)"),
    ("a>b a>c a>d b>d", "a; (b; d | c)"),
    ("a>b b>c a>c", "a; b; c"),
    ("a>b a>c b>d b>e c>f d>g e>g g>h f>h", "a; (b; (d | e); g | c; f); h"),
]


def fold(made: Workflow, report: Report, durations: Mapping[str, float] | None = None) -> Region:
    """The workflow's region, with all rows about it."""
    region = folding.fold(made, report, durations)
    say_waits(made, region, report, durations)
    return region


def workflow(text: str, sensors: str = "") -> Workflow:
    """A workflow from ``a>b c``: edges and single tasks."""
    words = text.split()
    names = dict.fromkeys(name for word in words for name in word.split(">"))
    edges = [word.split(">") for word in words if ">" in word]
    return Workflow("dag", tasked(names, sensors), frozenset(Edge(a, b) for a, b in edges))


def tasked(names: Iterable[str], sensors: Collection[str] = ()) -> dict[str, Task]:
    return {n: Task(n, Call("x.SomeSensor" if n in sensors else "x.SomeOperator")) for n in names}


def waits_said(report: Report) -> list[Disposition]:
    return [row.disposition for row in report.rows if row.construct == "added-wait"]


def shown(region: Region) -> str:
    match region:
        case Step(task):
            return task
        case Series(parts):
            return "; ".join(map(shown, parts))
        case Parallel(parts):
            return f"({' | '.join(map(shown, parts))})"


def closure(edges: frozenset[Edge], names: list[str]) -> set[tuple[str, str]]:
    found = order(names, edges)
    return {
        (a, b)
        for i, a in enumerate(found.names)
        for j, b in enumerate(found.names)
        if found.after[i] >> j & 1
    }


@pytest.mark.parametrize(("text", "expected"), EXACT)
def test_an_order_that_nests_is_exact(text: str, expected: str) -> None:
    report = Report()
    assert shown(fold(workflow(text), report)) == expected
    assert report.rows == []


def test_an_order_that_does_not_nest_says_what_waits() -> None:
    report = Report()
    region = fold(workflow("a>c b>c b>d"), report)
    assert shown(region) == "(a | b); (c | d)"
    row, cost = report.rows
    assert (cost.construct, cost.disposition) == ("critical-path", Disposition.NOTED)
    assert cost.difference.startswith("1.00 times the DAG's, estimated by operator")
    assert (row.construct, row.disposition, row.task) == ("added-wait", Disposition.NOTED, "d")
    assert row.difference == "it also waits for a, without depending on it, so that the states nest"


def test_nothing_is_made_to_wait_for_a_sensor_where_another_cut_is_possible() -> None:
    report = Report()
    region = fold(workflow("a>c b>c b>d", sensors="a"), report)
    assert shown(region) == "(a | b; d); c"
    assert waits_said(report) == [Disposition.NOTED]


def test_a_wait_for_a_sensor_that_cannot_be_avoided_is_open() -> None:
    report = Report()
    fold(workflow("a>c b>c b>d", sensors="abd"), report)
    assert waits_said(report) == [Disposition.REDESIGN]


def test_a_cycle_is_open_and_the_rest_is_kept() -> None:
    report = Report()
    region = fold(workflow("a>b b>c c>b c>d"), report)
    assert sorted(tasks(region)) == ["a", "b", "c", "d"]
    assert {(row.construct, row.disposition) for row in report.rows} == {("cycle", Disposition.IMPOSSIBLE)}


NAMES = [f"t{i}" for i in range(9)]
PAIRS = [Edge(a, b) for a, b in combinations(NAMES, 2)]
orders = st.sets(st.sampled_from(PAIRS), max_size=16).map(frozenset)
regions = st.recursive(
    st.just("x"),
    lambda inner: st.tuples(st.sampled_from([series, parallel]), st.lists(inner, min_size=2, max_size=4)),
    max_leaves=14,
)


def numbered(shape: object, taken: list[str]) -> Region:
    if isinstance(shape, str):
        taken.append(f"t{len(taken):02}")
        return Step(taken[-1])
    combine, parts = shape  # type: ignore[misc]
    return combine([numbered(part, taken) for part in parts])  # type: ignore[no-any-return]


@given(orders, st.sets(st.sampled_from(NAMES)), st.lists(st.integers(0, 9), min_size=9, max_size=9))
def test_every_dependency_is_kept_and_every_other_wait_is_said(
    edges: frozenset[Edge], sensors: set[str], seconds: list[int]
) -> None:
    report = Report()
    durations = dict(zip(NAMES, map(float, seconds), strict=True))
    region = fold(Workflow("dag", tasked(NAMES, sensors), edges), report, durations)
    assert sorted(tasks(region)) == NAMES
    before, after = closure(edges, NAMES), closure(unfold(region), NAMES)
    assert before <= after
    found = order(NAMES, edges)
    place = {name: i for i, name in enumerate(found.names)}
    added = waits(region, found, sum(1 << place[name] for name in sensors))
    surplus = {(found.names[j], found.names[i]) for i, early in added.surplus.items() for j in bits(early)}
    assert surplus == after - before
    assert added.count == len(surplus)
    rows = [row for row in report.rows if row.construct == "added-wait"]
    named = {pair for row in rows for pair in pairs(row.difference, row.task)}
    direct = {(found.names[j], found.names[i]) for i, early in added.direct.items() for j in bits(early)}
    assert named <= direct <= surplus
    assert {late for _, late in named} == {late for _, late in direct}
    assert closure(edges | {Edge(a, b) for a, b in direct}, NAMES) == after
    opened = any(row.disposition is Disposition.REDESIGN for row in rows)
    assert opened == any(early in sensors for early, _ in surplus)


@given(orders, st.sets(st.sampled_from(NAMES)))
def test_a_wait_for_a_sensor_is_added_only_where_every_nested_order_has_one(
    edges: frozenset[Edge], sensors: set[str]
) -> None:
    report = Report()
    fold(Workflow("dag", tasked(NAMES, sensors), edges), report)
    is_needless = nests_freely(frozenset(closure(edges, NAMES)), frozenset(NAMES), frozenset(sensors))
    assert report.has_open_rows != is_needless


@given(orders, st.randoms())
def test_the_order_in_which_edges_are_kept_does_not_count(edges: frozenset[Edge], random: Random) -> None:
    made = Workflow("dag", tasked(NAMES), edges)
    shuffled = list(edges)
    random.shuffle(shuffled)
    again = Workflow("dag", tasked(NAMES), frozenset(shuffled))
    first, second = Report(), Report()
    assert fold(made, first) == fold(again, second)
    assert first.rows == second.rows


@cache
def nests_freely(
    relation: frozenset[tuple[str, str]], names: frozenset[str], sensors: frozenset[str]
) -> bool:
    """Whether some nested order of the tasks makes none wait for a sensor that it does not depend on."""
    if len(names) < 2:
        return True
    within = frozenset((a, b) for a, b in relation if a in names and b in names)
    beside = component(within, names)
    if beside != names:
        return all(nests_freely(within, one, sensors) for one in (beside, names - beside))
    return any(
        all((a, b) in within for a in first & sensors for b in names - first)
        and nests_freely(within, first, sensors)
        and nests_freely(within, names - first, sensors)
        for first in downsets(within, names)
    )


def downsets(relation: frozenset[tuple[str, str]], names: frozenset[str]) -> list[frozenset[str]]:
    """All sets of tasks that come with all that comes before them, but for none and all."""
    found = {frozenset[str]()}
    for name in order(sorted(names), [Edge(a, b) for a, b in relation]).names:
        before = {a for a, b in relation if b == name}
        found |= {one | {name} for one in found if before <= one}
    return sorted(found - {frozenset(), names}, key=sorted)


def component(relation: frozenset[tuple[str, str]], names: frozenset[str]) -> frozenset[str]:
    """The tasks that are connected with the first."""
    found = frozenset([min(names)])
    while True:
        more = found | {n for a, b in relation if a in found or b in found for n in (a, b)}
        if more == found:
            return found
        found = more


def pairs(said: str, task: str | None) -> list[tuple[str, str]]:
    """The (early, late) tasks that a row names."""
    late, early = said.partition(", without")[0].split(" for ", 1)
    lates = [task] if task else late.removesuffix(" also wait").split(", ")
    return [(a, b) for a in early.partition(" and ")[0].split(", ") for b in lates]


@given(regions)
def test_a_nested_order_folds_to_itself(shape: object) -> None:
    names: list[str] = []
    region = numbered(shape, names)
    report = Report()
    found = fold(Workflow("dag", {n: Task(n, Call("x.Op")) for n in names}, unfold(region)), report)
    assert report.rows == []
    assert closure(unfold(found), names) == closure(unfold(region), names)
    assert sorted(tasks(found)) == names


@given(orders, st.sets(st.sampled_from(NAMES)))
def test_leaving_tasks_out_keeps_the_order_of_the_others(edges: frozenset[Edge], dropped: set[str]) -> None:
    region = fold(Workflow("dag", {n: Task(n, Call("x.Op")) for n in NAMES}, edges), Report())
    kept = without(region, frozenset(dropped))
    whole = closure(unfold(region), NAMES)
    rest = sorted(set(NAMES) - dropped)
    found = closure(unfold(kept), rest) if kept else set()
    assert found == {(a, b) for a, b in whole if not {a, b} & dropped}


@given(orders, st.sets(st.sampled_from(NAMES)))
def test_an_order_that_nests_once_tasks_are_left_out_is_exact(
    edges: frozenset[Edge], dropped: set[str]
) -> None:
    made = Workflow("dag", tasked(NAMES), edges)
    kept = folding.prune(made, folding.fold(made, Report()), frozenset(dropped))
    rest = sorted(set(NAMES) - dropped)
    assert sorted(tasks(kept)) == rest
    relation = {(a, b) for a, b in closure(edges, NAMES) if not {a, b} & dropped}
    found = closure(unfold(kept), rest)
    assert relation <= found
    assert not nests(order(rest, [Edge(a, b) for a, b in relation])) or relation == found


def test_a_large_order_that_does_not_nest_keeps_its_dependencies_and_its_critical_path() -> None:
    """1,000 tasks in layers of ten, each waiting for two of the one before: the longest path is 100."""
    pairs = [(i, (i // 10 - 1) * 10 + k % 10) for i in range(10, 1000) for k in (i, i + 1)]
    edges = frozenset(Edge(f"t{before}", f"t{i}") for i, before in pairs)
    names = [f"t{i}" for i in range(1000)]
    region = fold(Workflow("dag", {n: Task(n, Call("x.Op")) for n in names}, edges), Report())
    assert closure(edges, names) <= closure(unfold(region), names)
    assert longest(region) == 100


def test_parts_within_parts_end_somewhere() -> None:
    """Each task of a chain has a side task: exact would nest 1,000 times."""
    chained = [(i, i + 2) for i in range(0, 2000, 2)]
    edges = frozenset(Edge(f"t{a}", f"t{b}") for a, b in [*chained, *((a, a + 1) for a, _ in chained)])
    names = [f"t{i}" for i in range(2001)]
    report = Report()
    region = fold(Workflow("dag", {n: Task(n, Call("x.Op")) for n in names}, edges), report)
    assert closure(edges, names) <= closure(unfold(region), names)
    assert {row.construct for row in report.rows} == {"added-wait", "critical-path"}
    assert depth(region) <= 40
    assert longest(region) == 1001


def longest(region: Region) -> int:
    if isinstance(region, Step):
        return 1
    return (sum if isinstance(region, Series) else max)(map(longest, region.parts))


def depth(region: Region) -> int:
    """How many parallel parts lie within each other."""
    if isinstance(region, Step):
        return 0
    return isinstance(region, Parallel) + max(map(depth, region.parts))
