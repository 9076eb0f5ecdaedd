"""The vectors that are tried: which, in what order, and how many."""

from __future__ import annotations

import pytest

from dagmig.verify.dag_run import program
from dagmig.verify.observed import FAILS, SKIPS, Outcome, Vector
from dagmig.verify.vectors import Space, space
from verify.runs import workflow

FAILS_ONCE = Outcome(failures=1)
TOTALS = [
    ("a", 3),
    ("a~1", 4),
    ("a b", 9),
    ("a=branch a>b a>c", 6 * 3 * 3),
    ("a=circuit a>b", 4 * 3),
    ("p m*p", 3 * 5 * 3),
    ("p m*p n*m", 3 * 5 * 5 * 3),
    ("m*2", 5),
]


def _space(dag: str) -> Space:
    return space(program(workflow(dag)))


@pytest.mark.parametrize(("dag", "total"), TOTALS)
def test_all(dag: str, total: int) -> None:
    found = list(_space(dag).vectors())
    assert _space(dag).total == total == len(found) == len({repr(one) for one in found})


def test_order() -> None:
    """Success, single failures, single skips, other choices, other lengths, retries; then the rest."""
    a, b, m, p = ("a", -1), ("b", -1), ("m", -1), ("p", -1)
    found = list(_space("a=branch a~1 a>b p m*p").vectors())
    alone = [(dict(one.outcomes), one.lengths) for one in found[:17]]
    assert alone[0] == ({}, {"p": 3})
    assert [outcomes for outcomes, _ in alone[1:5]] == [{a: FAILS}, {b: FAILS}, {p: FAILS}, {m: FAILS}]
    assert [outcomes for outcomes, _ in alone[6:9]] == [{a: SKIPS}, {b: SKIPS}, {p: SKIPS}]
    assert [one.outcomes.get(a) for one in found[11:13]] == [Outcome(chosen=("b",)), Outcome(chosen=())]
    assert [lengths["p"] for _, lengths in alone[13:15]] == [1, 0]
    assert alone[15] == ({a: FAILS_ONCE}, {"p": 3})


def test_a_sample() -> None:
    """Beyond the limit there are as many as asked for, no two alike, and the seed decides which."""
    many = _space(" ".join(f"t{i}" for i in range(20)))
    found = [repr(one) for one in many.vectors(1_000, seed=1)]
    assert len(found) == len(set(found)) == 1_000
    assert found == [repr(one) for one in many.vectors(1_000, seed=1)]
    assert found != [repr(one) for one in many.vectors(1_000, seed=2)]
    assert len(list(_space("a b c d").vectors(80))) == 80


def test_what_is_known() -> None:
    """Tasks that cannot fail or skip do not, and a branch chooses what it can return."""
    made = program(workflow("a=branch a>b a>c"))
    found = space(made, can_fail={"b"}, can_skip=(), choices={"a": [("b",), ("b", "c")]})
    wanted = [
        Vector(),
        Vector({("b", -1): FAILS}),
        Vector({("a", -1): Outcome(chosen=("b",))}),
        Vector({("a", -1): Outcome(chosen=("b", "c"))}),
    ]
    assert list(found.vectors())[:4] == wanted
