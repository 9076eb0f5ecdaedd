"""Retry, Catch and the errors they see, by the numbers of the interpreter's conformance list."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.verify.engine import Setting, failure
from verify.engine_cases import (
    ANY,
    catch,
    execute,
    flow,
    jsonata,
    parallel,
    passing,
    result,
    retry,
    task,
)

MATCHES: tuple[tuple[str, list[str], bool], ...] = (
    ("X", ["X"], True),
    ("X", ["Y"], False),
    ("X", ["States.ALL"], True),
    ("X", ["States.TaskFailed"], True),
    ("States.Timeout", ["States.TaskFailed"], False),
    ("States.Timeout", ["States.Timeout"], True),
    ("States.Timeout", ["States.ALL"], True),
    ("States.Runtime", ["States.ALL"], False),
    ("States.Runtime", ["States.Runtime"], False),
    ("States.DataLimitExceeded", ["States.ALL"], True),
)


@pytest.mark.parametrize(("error", "names", "is_caught"), MATCHES)
def test_7_8_which_errors_are_caught(error: str, names: list[str], is_caught: bool) -> None:
    machine = jsonata(T=task(Catch=[catch(*names, then="C")], Next="D"), D=passing(0), C=passing("caught"))
    assert result(execute(machine, T=error)) == ("caught" if is_caught else error)


def test_an_error_without_a_name() -> None:
    machine = jsonata(T=task(Catch=[catch(*ANY, then="C")]), C=passing("{% $states.input %}"))
    assert result(execute(machine, T=failure(None))) == {"Error": None, "Cause": None}


def test_9_every_retrier_has_its_own_count() -> None:
    machine = jsonata(T=task(Retry=[retry("A", MaxAttempts=1), retry("B", MaxAttempts=2)]))
    trace = execute(machine, T=["A", "B", "B", "A"])
    assert (trace.error, [attempt.error for attempt in trace.attempts]) == ("A", ["A", "B", "B", "A"])
    assert [attempt.number for attempt in trace.attempts] == [0, 1, 2, 3]


def test_9_counts_begin_anew_when_the_state_is_entered_again() -> None:
    again = {"Type": "Choice", "Choices": [{"Condition": "{% $n < 2 %}", "Next": "N"}], "Default": "D"}
    machine = jsonata(
        A=passing(0, Assign={"n": 0}),
        N=passing(0, Assign={"n": "{% $n + 1 %}"}),
        T=task(Retry=[retry(*ANY, MaxAttempts=1)]),
        C=again,
        D=passing("done"),
    )
    trace = execute(machine, T=["X", 0, "X", 0])
    assert (trace.status, len(trace.attempts)) == ("SUCCEEDED", 4)


def test_9_the_first_retrier_that_matches_is_the_one() -> None:
    machine = jsonata(T=task(Retry=[retry("X", MaxAttempts=0), retry(*ANY)]))
    assert len(execute(machine, T="X").attempts) == 1


def test_retry_comes_before_catch() -> None:
    machine = jsonata(T=task(Retry=[retry(*ANY)], Catch=[catch(*ANY, then="C")]), C=passing("caught"))
    trace = execute(machine, T="X")
    assert (result(trace), len(trace.attempts)) == ("caught", 4)


def test_every_error_is_on_record() -> None:
    machine = jsonata(
        P=parallel(flow(T=task(Retry=[retry(*ANY, MaxAttempts=1)])), Catch=[catch(*ANY, then="C")]),
        C=passing(0),
    )
    errors = [(e.state, e.error, e.handling) for e in execute(machine, T=["X", "Y"]).errors]
    assert errors == [("T", "X", "retry"), ("T", "Y", ""), ("P", "Y", "catch")]


DELAYS: tuple[tuple[dict[str, Any], list[float]], ...] = (
    ({}, [1, 2, 4]),
    ({"IntervalSeconds": 3, "BackoffRate": 1, "MaxAttempts": 2}, [3, 3]),
    ({"IntervalSeconds": 10, "BackoffRate": 3, "MaxDelaySeconds": 50}, [10, 30, 50]),
)


@pytest.mark.parametrize(("fields", "delays"), DELAYS)
def test_10_intervals(fields: dict[str, Any], delays: list[float]) -> None:
    trace = execute(jsonata(T=task(Retry=[retry(*ANY, **fields)])), T="X")
    assert [pause.seconds for pause in trace.pauses] == delays
    assert trace.seconds == sum(delays)


def test_10_jitter_is_seeded() -> None:
    machine = jsonata(T=task(Retry=[retry(*ANY, IntervalSeconds=100, JitterStrategy="FULL")]))
    seeds = (1, 1, 2)
    seen = [[p.seconds for p in execute(machine, T="X", setting=Setting(seed=seed)).pauses] for seed in seeds]
    assert seen[0] == seen[1] != seen[2]
    assert all(0 <= delay <= most for delay, most in zip(seen[0], (100, 200, 400), strict=True))
