"""Attempts, waits and histories in virtual time, by the numbers of the interpreter's conformance list."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from dagmig.verify.engine import Attempt, Outcome, Setting, failure
from verify.engine_cases import (
    ANY,
    FUNCTION,
    catch,
    distributed,
    each,
    execute,
    flow,
    jsonata,
    parallel,
    passing,
    result,
    retry,
    task,
)

IDENTITY = flow(I={"Type": "Pass"})


def test_11_the_first_error_aborts_the_siblings() -> None:
    slow = flow(S1=task(), S2=task())
    machine = jsonata(P=parallel(slow, flow(F=task(Retry=[retry(*ANY, MaxAttempts=1, IntervalSeconds=4)]))))
    trace = execute(machine, F=failure("X", seconds=1), S1=Outcome(seconds=5), S2=Outcome(seconds=5))
    assert (trace.error, trace.seconds) == ("X", 6)
    assert [(a.state, a.began, a.ended) for a in trace.attempts] == [
        ("S1", 0, 5), ("F", 0, 1), ("S2", 5, None), ("F", 5, 6),
    ]  # fmt: skip


def test_11_what_was_aborted_does_not_go_on_when_the_error_is_caught() -> None:
    nested = flow(Q=parallel(flow(S1=task(), S2=task())))
    machine = jsonata(P=parallel(nested, flow(F=task()), Catch=[catch(*ANY, then="L")]), L=task())
    trace = execute(machine, F=failure("X", seconds=1), S1=Outcome(seconds=5), L=Outcome("late", 100))
    assert (result(trace), trace.seconds) == ("late", 101)
    assert {a.state: a.ended for a in trace.attempts} == {"S1": None, "F": 1, "L": 101}


def test_11_an_error_that_a_branch_catches_aborts_nothing() -> None:
    caught = flow(F=task(Catch=[catch(*ANY, then="C")], Next="C"), C=passing("caught"))
    trace = execute(jsonata(P=parallel(flow(S=task()), caught)), F="X", S=Outcome("done", 5))
    assert result(trace) == ["done", "caught"]


def test_11_branches_interleave_by_their_durations() -> None:
    machine = jsonata(P=parallel(flow(A1=task(), A2=task()), flow(B1=task(), B2=task())))
    seconds = {"A1": 3, "A2": 1, "B1": 1, "B2": 1}
    trace = execute(machine, **{name: Outcome(seconds=n) for name, n in seconds.items()})
    assert [(a.state, a.began, a.ended) for a in trace.attempts] == [
        ("A1", 0, 3), ("B1", 0, 1), ("B2", 1, 2), ("A2", 3, 4),
    ]  # fmt: skip


def test_11_a_retry_of_a_parallel_runs_every_branch_again() -> None:
    machine = jsonata(P=parallel(flow(A=task()), flow(B=task()), Retry=[retry(*ANY, MaxAttempts=1)]))
    trace = execute(machine, B=["X", "ok"], A=Outcome("ok", 0))
    assert [a.state for a in trace.attempts] == ["A", "B", "A", "B"]


def test_11_the_order_at_one_moment_can_be_shuffled() -> None:
    machine = jsonata(P=parallel(*(flow(**{f"T{n}": task()}) for n in range(5))))
    orders = {
        tuple(a.state for a in execute(machine, setting=Setting(seed=seed, is_shuffled=True)).attempts)
        for seed in range(10)
    }
    assert len(orders) > 1


@pytest.mark.parametrize(("limit", "began"), [(1, [0, 2, 4]), (2, [0, 0, 2]), (0, [0, 0, 0])])
def test_12_max_concurrency(limit: int, began: list[float]) -> None:
    machine = jsonata(M=each(flow(T=task()), Items=[1, 2, 3], MaxConcurrency=limit))
    trace = execute(machine, T=Outcome(seconds=2))
    assert [(a.items, a.began) for a in trace.attempts] == [((i,), t) for i, t in enumerate(began)]


def test_12_a_failing_item_aborts_the_others() -> None:
    machine = jsonata(M=each(flow(T=task(), U=task()), Items=[1, 2, 3]))
    trace = execute(machine, T=lambda a: failure("X", seconds=1) if a.items == (1,) else Outcome(seconds=2))
    assert (trace.error, trace.seconds) == ("X", 1)
    assert [a.state for a in trace.attempts] == ["T", "T", "T"]


def test_failures_beyond_the_tolerated_number() -> None:
    fails = {2, 3}
    machine = jsonata(M=distributed(flow(T=task()), Items=[1, 2, 3], ToleratedFailureCount=1))
    trace = execute(machine, T=lambda a: "X" if a.arguments in fails else Outcome(a.arguments))
    assert result(trace) == "States.ExceedToleratedFailureThreshold"
    fails = {2}
    assert result(execute(machine, T=lambda a: "X" if a.arguments in fails else Outcome(a.arguments))) == [
        1,
        3,
    ]


@pytest.mark.parametrize(
    ("resource", "output", "seen"),
    [
        (".sync", {"a": 1}, '{"a":1}'),
        (".sync:2", '{"a":1}', {"a": 1}),
        (".sync:2", "no JSON", "no JSON"),
        (".sync", '"x"', '"x"'),
        ("", {"a": 1}, {"a": 1}),
    ],
)
def test_18_nested_executions(resource: str, output: Any, seen: Any) -> None:
    nested = {"Type": "Task", "Resource": f"arn:aws:states:::states:startExecution{resource}"}
    assert (
        result(execute(jsonata(N={**nested, "Output": "{% $states.result.Output %}"}), N={"Output": output}))
        == seen
    )


@pytest.mark.parametrize("resource", [FUNCTION, "arn:${Partition}:states:::sqs:sendMessage"])
def test_19_every_attempt_has_its_own_token(resource: str) -> None:
    waits = task(
        Resource=f"{resource}.waitForTaskToken",
        Arguments="{% $states.context.Task.Token %}",
        Retry=[retry(*ANY)],
    )
    trace = execute(jsonata(T=waits), T=["X", "X", 0])
    assert len({attempt.arguments for attempt in trace.attempts}) == 3


def test_21_the_history_is_counted() -> None:
    assert execute(flow(A={"Type": "Pass"})).events == 4
    assert execute(jsonata(T=task())).events == 7
    assert execute(jsonata(T=task(Resource=f"{FUNCTION}.waitForTaskToken"))).events == 8
    assert execute(jsonata(P=parallel(IDENTITY))).events == 8
    assert execute(jsonata(M=each(IDENTITY, Items=[1, 2]))).events == 14
    assert execute(jsonata(M=distributed(IDENTITY, Items=[1, 2]))).events == 8


def test_21_a_loop_ends_at_the_quota() -> None:
    trace = execute(flow(A={"Type": "Pass", "Next": "A"}))
    assert (trace.error, trace.cause) == (
        "States.Runtime",
        "The execution reached the maximum number of history events (25000).",
    )
    assert len(trace.visits) == 12_500


def test_22_the_number_of_retries_is_in_the_context() -> None:
    machine = jsonata(T=task(Arguments="{% $states.context.State.RetryCount %}", Retry=[retry(*ANY)]))
    assert [a.arguments for a in execute(machine, T=["X", "X", 0]).attempts] == [0, 1, 2]


def test_22_a_distributed_item_is_an_execution_of_its_own() -> None:
    inside = flow(A=passing("{% $states.context.Execution.Input %}"))
    assert result(execute(jsonata(M=distributed(inside, Items=[5])), {"outer": 1})) == [5]


@pytest.mark.parametrize(
    ("timeout", "seconds", "error"),
    [({"TimeoutSeconds": 3}, 3, None), ({"TimeoutSeconds": 3}, 4, "States.Timeout"), ({}, 4, None),
     ({"TimeoutSeconds": "{% 1 + 2 %}"}, 4, "States.Timeout")],
)  # fmt: skip
def test_26_timeouts(timeout: dict[str, Any], seconds: float, error: str | None) -> None:
    trace = execute(jsonata(T=task(**timeout)), T=Outcome(seconds=seconds))
    assert (trace.error, trace.seconds) == (error, min(seconds, 3) if error else seconds)


def test_26_a_timeout_is_one_attempts() -> None:
    machine = jsonata(T=task(TimeoutSeconds=3, Retry=[retry("States.Timeout", IntervalSeconds=1)]))
    trace = execute(machine, T=[Outcome(seconds=9), Outcome(seconds=2)])
    assert [(a.began, a.ended, a.error) for a in trace.attempts] == [(0, 3, "States.Timeout"), (4, 6, None)]


def test_26_heartbeats() -> None:
    machine = jsonata(
        T=task(TimeoutSeconds=60, HeartbeatSeconds=5, Catch=[catch("States.HeartbeatTimeout", then="C")]),
        C=passing("{% $states.input.Error ? $states.input.Error : 'none' %}"),
    )
    trace = execute(machine, T=Outcome(seconds=20, heartbeat=6))
    assert (result(trace), trace.seconds) == ("States.Timeout", 5)
    assert execute(machine, T=Outcome({}, seconds=20, heartbeat=4)).seconds == 20


def test_26_the_whole_execution_may_time_out() -> None:
    trace = execute(
        {**jsonata(T=task(), U=task()), "TimeoutSeconds": 5}, T=Outcome(seconds=3), U=Outcome(seconds=3)
    )
    assert (trace.status, trace.error, trace.seconds) == ("TIMED_OUT", "States.Timeout", 5)
    assert [a.ended for a in trace.attempts] == [3, None]


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ({"Seconds": 5}, 5),
        ({"Seconds": 0}, 0),
        ({"Seconds": "{% 2 * 3 %}"}, 6),
        ({"Timestamp": "2024-05-06T07:09:09.123Z"}, 60),
        ({"Timestamp": "2024-05-06T09:08:10.123+02:00"}, 1),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, 0),
    ],
)
def test_24_27_waits(wait: dict[str, Any], seconds: float) -> None:
    trace = execute(jsonata(W={"Type": "Wait", **wait}))
    assert (trace.status, trace.seconds, len(trace.pauses)) == ("SUCCEEDED", pytest.approx(seconds), 1)


@pytest.mark.parametrize(
    "wait", [{"Seconds": "{% -1 %}"}, {"Seconds": "{% 1.5 %}"}, {"Timestamp": "{% '2024-05-06' %}"}]
)
def test_24_27_what_cannot_be_waited_for(wait: dict[str, Any]) -> None:
    assert result(execute(jsonata(W={"Type": "Wait", **wait}))) == "States.QueryEvaluationError"


def test_the_clock_is_virtual_in_expressions_too() -> None:
    machine = jsonata(
        A=passing(0, Assign={"at": "{% $millis() %}"}),
        W={"Type": "Wait", "Seconds": 90},
        B=passing(["{% $millis() - $at %}", "{% $now() %}", "{% $states.context.State.EnteredTime %}"]),
    )
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    moment = "2024-01-01T00:01:30.000Z"
    assert result(execute(machine, setting=Setting(start=start))) == [90_000, moment, moment]


def test_26_a_time_out_of_the_whole_ends_every_branch() -> None:
    closed = []

    def call(attempt: Attempt) -> Outcome:
        closed.append(attempt)
        return Outcome(seconds=9)

    machine = {**jsonata(P=parallel(flow(T=task()), flow(U=task()))), "TimeoutSeconds": 5}
    trace = execute(machine, T=call, U=call)
    assert (trace.status, len(closed), [a.ended for a in closed]) == ("TIMED_OUT", 2, [None, None])


def test_what_was_visited_and_when() -> None:
    trace = execute(jsonata(T=task(), P=parallel(flow(U=task()))), T=Outcome(seconds=2), U="X")
    visits = [(visit.state, visit.entered, visit.left) for visit in trace.visits]
    assert visits == [("T", 0, 2), ("P", 2, None), ("U", 2, None)]
    assert trace.visits[2].place[0][:2] == ("P", 0)


def test_an_error_says_where_it_was() -> None:
    trace = execute(jsonata(A=passing(0), B=passing({"x": "{% $states.input.no %}"})))
    assert trace.cause == (
        "An error occurred while executing the state 'B' (entered at the event id #4). "
        "The JSONata expression '$states.input.no' specified for the field 'Output/x' "
        "returned nothing (undefined)."
    )
