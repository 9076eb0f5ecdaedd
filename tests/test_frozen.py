"""Frozen values: equal, ordered, hashed, copied and sent to another process as those of ``dataclass``."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace

import pytest

from dagmig.diagnostics import Diagnostic, Edit, Fix, Span
from dagmig.frozen import frozen
from dagmig.graph.values import Literal


@frozen(frozen=True, slots=True, order=True)
class Ours:
    name: str
    number: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Theirs:
    name: str
    number: int = 1


def test_they_are_those_of_dataclass() -> None:
    assert repr(Ours("a")) == repr(Theirs("a")).replace("Theirs", "Ours")
    assert hash(Ours("a", 2)) == hash(Theirs("a", 2)) != hash(Ours("a", 3))
    assert Ours("a") == Ours("a", 1) != Ours("b")
    assert sorted([Ours("b"), Ours("a", 2), Ours("a")]) == [Ours("a"), Ours("a", 2), Ours("b")]
    assert replace(Ours("a"), number=3) == Ours("a", 3)


def test_what_does_not_compare_has_no_part_in_the_hash() -> None:
    assert {Literal("x", is_assumed=True)} == {Literal("x")}


def test_an_unhashable_value_makes_them_unhashable() -> None:
    with pytest.raises(TypeError):
        hash(Literal([1]))


def test_a_finding_comes_back_from_another_process() -> None:
    finding = Diagnostic("a", "said", Span("f.py", 1, 2, 3, 4), fix=Fix((Edit(1, 2, "x"),), safe=False))
    assert pickle.loads(pickle.dumps(finding)) == finding
