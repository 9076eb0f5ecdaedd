"""Airflow's side of verify: what becomes of the tasks of a DAG whose bodies go this way or that.

``tests/oracles/test_dag_run_model.py`` holds the model against Airflow; here is what it says, case by case.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dagmig.graph.model import Call, Edge, Expansion, Policy
from dagmig.graph.values import UNKNOWN, Literal, Opaque
from dagmig.verify.dag_run import NotModelled, admissible, is_admissible, program, run
from dagmig.verify.dag_run.retries import delay
from dagmig.verify.dag_run.skipping import REACH
from verify.runs import shown, shown_name, vector, workflow

PLAIN = [
    ("a>b", "", "a:S b:S = success"),
    ("a>b b>c", "a:F", "a:F b:U c:U = failed"),
    ("a>b b>c", "a:K", "a:k b:K c:K = success"),
    ("a>b b:all_done", "a:F", "a:F b:S = success"),
    ("a>b b:all_done", "a:F b:F", "a:F b:F = failed"),
    ("a>c b>c c>d", "a:F", "a:F b:S c:U d:U = failed"),
    ("a b", "a:F", "a:F b:S = failed"),
]
RETRIES = [
    ("a~1 a>b", "a:S1", "a:S2 b:S = success"),
    ("a~1 a>b", "a:S2", "a:F2 b:U = failed"),
    ("a~2", "a:F", "a:F3 = failed"),
    ("a~2", "a:F0", "a:F = failed"),
    ("a~2", "a:F1", "a:F2 = failed"),
    ("a~2", "a:K1", "a:k2 = success"),
]
RULES = [
    ("a>c b>c c:all_failed", "a:F b:F", "a:F b:F c:S = success"),
    ("a>c b>c c:all_failed", "a:F", "a:F b:S c:K = success"),
    ("a>c b>c c:one_success", "a:F b:F", "a:F b:F c:U = failed"),
    ("a>c b>c c:one_success", "a:K b:K", "a:k b:k c:K = success"),
    ("a>c b>c c:one_success", "a:K b:F", "a:k b:F c:U = failed"),
    ("a>c b>c c:one_failed", "a:F", "a:F b:S c:S = success"),
    ("a>c b>c c:one_failed", "", "a:S b:S c:K = success"),
    ("a>b b>c c:one_done", "a:F", "a:F b:U c:K = success"),
    ("a>c b>c c:one_done", "a:K b:K", "a:k b:k c:K = success"),
    ("a>c b>c c:none_failed", "a:K b:K", "a:k b:k c:S = success"),
    ("a>c b>c c:none_failed_min_one_success", "a:K b:K", "a:k b:k c:K = success"),
    ("a>c b>c c:none_failed_min_one_success", "a:K", "a:k b:S c:S = success"),
    ("a>c b>c c:none_failed_min_one_success", "a:F b:K", "a:F b:k c:U = failed"),
    ("a>c b>c c:none_skipped", "a:F b:F", "a:F b:F c:S = success"),
    ("a>c b>c c:none_skipped", "a:F b:K", "a:F b:k c:K = success"),
    ("a>c b>c c:all_skipped", "a:K b:K", "a:k b:k c:S = success"),
    ("a>c b>c c:all_skipped", "a:K", "a:k b:S c:K = success"),
    ("a>c b>c c:all_done_min_one_success", "a:F", "a:F b:S c:S = success"),
    ("a>c b>c c:all_done_min_one_success", "a:F b:F", "a:F b:F c:U = failed"),
    ("a>c b>c c:all_done_min_one_success", "a:K", "a:k b:S c:K = success"),
    ("a>b b:always", "a:F", "a:F b:S = success"),
]
SKIPS = [
    ("a=branch a>b a>c b>d c>d", "a->b", "a:S b:S c:K d:K = success"),
    ("a=branch a>b a>c b>d c>d d:none_failed_min_one_success", "a->b", "a:S b:S c:K d:S = success"),
    ("a=branch a>b a>c", "", "a:S b:S c:S = success"),
    ("a=branch a>b a>c", "a->", "a:S b:K c:K = success"),
    ("a=branch a>b b>c b:all_done c:all_done", "a->", "a:S b:K c:S = success"),
    ("a=branch a>b a>j b>j", "a->b", "a:S b:S j:S = success"),
    ("a=branch a>b a>j b>j j:none_failed", "a->j", "a:S b:K j:S = success"),
    ("a=branch a>b a>c", "a:F", "a:F b:U c:U = failed"),
    ("a=circuit a>b b>c c:all_done", "a->", "a:S b:K c:K = success"),
    ("a=circuit1 a>b b>c c:all_done", "a->", "a:S b:K c:S = success"),
    ("a=circuit a>b b>c", "", "a:S b:S c:S = success"),
    ("a=circuit a>b a>z z=teardown z:all_done_setup_success", "a->", "a:S b:K z:S = success"),
    ("a=branch a>b x>b b>c", "x:F a-> a@5", "a:S b:K c:U x:F = failed"),  # skipped after upstream_failed
    ("g.a>g.b x=branch x>g.a x>c", "x->g.a", "c:K g.a:S g.b:S x:S = success"),
]
EARLY = [
    ("a=branch a>b a>c b:always", "a->c b@9", "a:S b:k c:S = failed"),  # a deadlock, says the scheduler
    ("a=branch a>b b:always", "a-> a@9", "a:S b:S = success"),
    ("a>c b>c c:one_success c>d", "b:F b@9", "a:S b:F c:S d:S = success"),
]
SETUPS = [
    ("s=setup s>a a>z z=teardown s>z z:all_done_setup_success", "a:F", "a:F s:S z:S = failed"),
    ("s=setup s>a a>z z=teardown s>z z:all_done_setup_success", "s:F", "a:U s:F z:U = failed"),
    ("s=setup s>a a>z z=teardown s>z z:all_done_setup_success", "s:K", "a:K s:k z:K = success"),
    ("s=setup s>a a>z z=teardown s>z z:all_done_setup_success", "z:F", "a:S s:S z:F = success"),
    ("s=setup s>a a>z z=teardown! s>z z:all_done_setup_success", "z:F", "a:S s:S z:F = failed"),
    (
        "s=setup s>a a>b b:all_done b>z z=teardown s>z z:all_done_setup_success",
        "s:F",
        "a:U b:U s:F z:U = failed",
    ),
    ("s=setup s>a a>b b:all_done", "s:K", "a:K b:K s:k = success"),
    ("s=setup s>a a>b b:all_done b>c x>c c:all_done", "s:F", "a:U b:U c:U s:F x:S = failed"),
    ("z=teardown", "z:F", "z:F = failed"),
]
MAPS = [
    ("p m*p m>j", "p#3", "j:S m.0:S m.1:S m.2:S p:S = success"),
    ("p m*p m>j", "p#0", "j:K m:K p:S = success"),
    ("p m*p m>j j:all_done", "p#0", "j:S m:K p:S = success"),
    ("p m*p m>j", "p#2 m.1:F", "j:U m.0:S m.1:F p:S = failed"),
    ("p m*p m>j", "p#2 m:K", "j:K m.0:k m.1:k p:S = success"),
    ("p m*p m:all_done", "p:F", "m:U p:F = failed"),
    ("p m*p m:all_done", "p:K", "m:K p:k = success"),
    ("p~1 m*p m:all_done", "p:N", "m:U p:F2 = failed"),  # there has to be something to map over
    ("m*2 n*m", "m.0:N", "m.0:S m.1:S n.0:S = success"),
    ("m*2", "m.0:F", "m.0:F m.1:S = failed"),
    ("m*0 m>j", "", "j:K m:K = success"),
    ("m*3 n*m", "m.1:K n:S", "m.0:S m.1:k m.2:S n:K = success"),
    ("m*3 n*m n:none_failed", "m.1:K", "m.0:S m.1:k m.2:S n.0:S n.1:S = success"),
    ("p g.a*p g.a>g.b", "p#2 g.a.0:F", "g.a.0:F g.a.1:S g.b.0:U g.b.1:S p:S = failed"),
    ("p g.a*p g.a>g.b g.b>j", "p#2", "g.a.0:S g.a.1:S g.b.0:S g.b.1:S j:S p:S = success"),
    ("p g.a*p g.a>g.b g.b:all_done", "p#0", "g.a:K g.b:K p:S = success"),
    ("m*2 m=branch n*m", "m.0-> m.1->n", "m.0:S m.1:S n.0:K n.1:- = success"),  # the run ends too soon
    ("p q m*p q>m m:one_success", "p#2 p@5", "m:U p:S q:S = failed"),  # expanded before the list is there
]
MAPS_2 = [  # in Airflow 2
    (
        "p g.a*p g.a>g.b g.b:none_failed_min_one_success",
        "p#2",
        "g.a.0:S g.a.1:S g.b.0:K g.b.1:K p:S = success",
    ),
    ("p g.a*p g.a>g.b g.b:one_failed", "p#2 g.a.0:F", "g.a.0:F g.a.1:S g.b.0:S g.b.1:S p:S = success"),
    ("p g.a*p g.a=branch g.a>g.b", "p#2 g.a.0->", "g.a.0:S g.a.1:S g.b.0:K g.b.1:S p:S = success"),
    ("a=circuit m*2 a>m m>n", "a->", "a:S m.0:K m.1:K n:K = success"),
    ("a=branch a>b b:always", "a-> b@9", "a:S b:k = success"),
    ("a=branch a>b b:always", "a-> a@9", "a:S b:k = success"),  # success is overwritten
]
MAPS_3 = [  # in Airflow 3
    (
        "p g.a*p g.a>g.b g.b:none_failed_min_one_success",
        "p#1",
        "g.a.0:S g.b.0:S p:S = success",
    ),
    ("p g.a*p g.a>g.b g.b:one_failed", "p#2 g.a.0:F", "g.a.0:F g.a.1:S g.b.0:S g.b.1:K p:S = success"),
    ("p g.a*p g.a=branch g.a>g.b", "p#2 g.a.0->", "g.a.0:S g.a.1:S g.b.0:S g.b.1:S p:S = success"),
    ("a=circuit m*2 a>m m>n n:all_done", "a->", "a:S m.0:K m.1:K n:K = success"),
    ("a=circuit a>b m*2 b>m m:all_done", "a->", "a:S b:K m.0:S m.1:S = success"),
]


@pytest.mark.parametrize(("dag", "given", "wanted"), PLAIN + RETRIES + RULES + SKIPS + EARLY + SETUPS + MAPS)
def test_states(dag: str, given: str, wanted: str) -> None:
    assert shown(run(program(workflow(dag)), vector(given))) == wanted


@pytest.mark.parametrize(("dag", "given", "wanted"), MAPS_3)
def test_states_in_airflow_3(dag: str, given: str, wanted: str) -> None:
    assert shown(run(program(workflow(dag), 3), vector(given))) == wanted


@pytest.mark.parametrize(("dag", "given", "wanted"), PLAIN + RETRIES + SETUPS + MAPS_2)
def test_states_in_airflow_2(dag: str, given: str, wanted: str) -> None:
    assert shown(run(program(workflow(dag), 2), vector(given))) == wanted


DELAYS = [  # seconds; the least there are
    (Policy(), [300, 300]),
    (Policy(retry_delay=timedelta(seconds=10), backoff=2.0), [10, 20, 40]),
    (Policy(retry_delay=timedelta(seconds=10), backoff=1.5), [10, 15, 23]),
    (Policy(retry_delay=timedelta(seconds=10), backoff=1.0), [10, 10]),
    (Policy(retry_delay=timedelta(0), backoff=2.0), [1, 1]),
    (Policy(retry_delay=timedelta(hours=10), backoff=2.0), [36_000, 72_000, 86_400]),
    (Policy(retry_delay=timedelta(hours=10), backoff=2.0, max_delay=timedelta(hours=15)), [36_000, 54_000]),
]
FAILS_FAST = [
    ("a b b>c", "a:F b@2", "a:F b:F c:K = failed"),
    ("a~1 b", "a:F b@2", "a:F2 b:F = failed"),
    ("a>x b>z z=teardown z:all_done_setup_success", "a:F b@2", "a:F b:F x:K z:S = failed"),
    ("m*2 b", "m.0:F m.1@3 b@2", "b:F m.0:F m.1:S = failed"),
]
TIMES_OUT = [  # after three seconds
    (3, "a>b b>c", "a@2", "a:S b:S c:k = failed"),
    (3, "a>b b>c", "a@2 b@2", "a:S b:k c:K = failed"),
    (2, "a>b b>c", "a@2 b@2", "a:S b:k c:- = failed"),
    (3, "a>b", "a@2", "a:S b:S = success"),
]
TIMES = [
    ("a>b b>c", "", "a 0-1, b 1-2, c 2-3"),
    ("a>c b>c", "a@5", "a 0-5, b 0-1, c 5-6"),
    ("a>c b>c c:one_success", "a@5", "a 0-5, b 0-1, c 1-2"),
    ("a>b b:always", "a@5", "a 0-5, b 0-1"),
    ("a~2", "a:S2 a@3", "a 0-9"),
]
VALUES = [  # the instances that others can read a value of
    (3, "a>b", "", "a b"),
    (3, "a~1 a>b", "a:F", ""),
    (3, "a>b", "b:K", "a"),
    (3, "a=branch a>b a>c", "a->b", "b"),
    (2, "a=branch a>b a>c", "a->b", "a b"),
    (3, "a=branch a>b", "a->b", "a b"),
    (3, "a=circuit a>b", "a->", ""),
    (2, "a=circuit a>b", "a->", "a"),
    (3, "m*2", "m.0:K", "m.1"),
    (3, "a>b", "a:N", "b"),
]
BEFORE = [
    ("a>b b>c", "", "a<b a<c b<c"),
    ("a>c b>c c:one_success", "", ""),
    ("a>c b>c c:one_success", "b:F", "a<c"),
    ("a>b b>d a>c c>d d:one_success", "", "a<b a<c a<d"),
    ("a>b b:always", "", ""),
    ("a>b b>d c>d d:none_failed", "a:K", "a<d c<d"),
    ("a>d b>d d>e c>e e:all_done", "a:F", "a<e c<e"),
    ("a>d b>d d>e e:all_done", "a:F b:F", ""),
    ("a=branch a>b a>c c>d b>d d:none_failed", "a->b", "a<b a<d b<d"),
    ("p m*p m>j", "p#2", "m.0<j m.1<j p<j p<m.0 p<m.1"),
    ("p g.a*p g.a>g.b", "p#2", "g.a.0<g.b.0 g.a.1<g.b.1 p<g.a.0 p<g.a.1 p<g.b.0 p<g.b.1"),
    ("s=setup s>a a>b b:all_done", "", "a<b s<a s<b"),
]
ADMISSIBLE = [
    ("a>b", "a:F", "a:F b:U = failed"),
    ("a>c b>c", "a:F b:K", "a:F b:k c:K = success | a:F b:k c:U = failed"),
    ("a>c b>d c>d", "a:F b:K", "a:F b:k c:U d:K = success | a:F b:k c:U d:U = failed"),
    ("k>c c:all_done c>d k>d", "k:K c:F", "c:F d:K k:k = success"),  # the skip always comes first
    ("a>c b>c c:none_failed", "a:F b:K", "a:F b:k c:U = failed"),
    ("a=branch a>b b:always", "a->", "a:S b:K = success | a:S b:S = success | a:S b:k = failed"),
    ("a=circuit1 a>b b>d x>b", "a-> x:F", "a:S b:K d:K x:F = success | a:S b:K d:U x:F = failed"),
    ("a=circuit a>b b>d x>b", "a-> x:F", "a:S b:K d:K x:F = success"),
    ("a=circuit1 a>d k>d d>e e:none_failed", "a-> k:K", "a:S d:K e:S k:k = success"),
    (
        "a=circuit a>d k>d d>e e:none_failed",  # e may run before a is over
        "a-> k:K",
        "a:S d:K e:K k:k = success | a:S d:K e:S k:k = success",
    ),
]
NOT_MODELLED = [
    ({"is_complete": False}, {}, "not all tasks and edges of the DAG are known"),
    (
        {"edges": frozenset({Edge("a", "b"), Edge("b", "a")})},
        {},
        "depend on each other in a circle",
    ),
    ({}, {"trigger": UNKNOWN}, "a: its trigger rule is not known"),
    ({}, {"policy": Policy(retries=UNKNOWN)}, "a: how often it is tried is not known"),
    ({}, {"call": Call("mine.MyBranch")}, "a: how it skips other tasks is not known"),
    ({}, {"call": Call("@task.short_circuit", {REACH: Opaque("x")})}, f"a: `{REACH}` is not known"),
    ({}, {"expand": Expansion("expand", {"x": Opaque("f()")})}, "a: the length of `x` is not known"),
]


@pytest.mark.parametrize(("policy", "wanted"), DELAYS)
def test_delays(policy: Policy, wanted: list[float]) -> None:
    assert [delay(policy, failed) for failed in range(1, len(wanted) + 1)] == wanted


@pytest.mark.parametrize(("dag", "given", "wanted"), FAILS_FAST)
def test_fail_fast(dag: str, given: str, wanted: str) -> None:
    assert shown(run(program(workflow(dag, fail_fast=Literal(True))), vector(given))) == wanted


@pytest.mark.parametrize(("airflow", "dag", "given", "wanted"), TIMES_OUT)
def test_dagrun_timeout(airflow: int, dag: str, given: str, wanted: str) -> None:
    found = program(workflow(dag, dagrun_timeout=Literal(timedelta(seconds=3))), airflow)
    assert shown(run(found, vector(given))) == wanted


@pytest.mark.parametrize(("dag", "given", "wanted"), TIMES)
def test_times(dag: str, given: str, wanted: str) -> None:
    found = run(program(workflow(dag)), vector(given)).instances
    times = (f"{one[0]} {end.started:g}-{end.finished:g}" for one, end in sorted(found.items()))
    assert ", ".join(times) == wanted


@pytest.mark.parametrize(("airflow", "dag", "given", "wanted"), VALUES)
def test_values(airflow: int, dag: str, given: str, wanted: str) -> None:
    found = run(program(workflow(dag), airflow), vector(given)).values
    assert " ".join(map(shown_name, sorted(found))) == wanted


@pytest.mark.parametrize(("dag", "given", "wanted"), BEFORE)
def test_happens_before(dag: str, given: str, wanted: str) -> None:
    found = run(program(workflow(dag)), vector(given)).before
    pairs = [f"{shown_name(first)}<{shown_name(one)}" for one, before in found.items() for first in before]
    assert " ".join(sorted(pairs)) == wanted


@pytest.mark.parametrize(("dag", "given", "wanted"), ADMISSIBLE)
def test_admissible(dag: str, given: str, wanted: str) -> None:
    found = admissible(program(workflow(dag)), vector(given))
    assert found.is_complete
    assert " | ".join(sorted(map(shown, found.runs))) == wanted


@pytest.mark.parametrize(("of_workflow", "of_task", "said"), NOT_MODELLED)
def test_not_modelled(of_workflow: dict[str, Any], of_task: dict[str, Any], said: str) -> None:
    found = workflow("a>b")
    tasks = {**found.tasks, "a": replace(found.tasks["a"], **of_task)}
    with pytest.raises(NotModelled, match=re.escape(said)):
        program(replace(found, tasks=tasks, **of_workflow))


def test_is_admissible() -> None:
    """Of many orders, an outcome is found without all of them; one that no order has is not."""
    pairs = " ".join(f"a{i}>t{i} b{i}>t{i}" for i in range(6))
    given = " ".join(f"a{i}:F b{i}:K" for i in range(6))
    made, first = program(workflow(pairs)), vector(given)
    late = vector(given + " a0@5 b1@5 a2@5")
    assert is_admissible(made, first, run(made, late).outcome())
    assert is_admissible(made, first, run(made, vector(given + " a5:S")).outcome(), limit=500) is None
    assert is_admissible(program(workflow("a>b")), vector("a:F"), run(made, first).outcome()) is False


def test_a_rule_of_airflow_3() -> None:
    with pytest.raises(NotModelled, match="Airflow 2 has no trigger rule all_done_min_one_success"):
        program(workflow("a>b b:all_done_min_one_success"), 2)
