"""Maps and Parallels that are one task, and Tasks that tell errors apart."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

import pytest
from tests.test_lift import SENT, called, lifted, open_rows, work

from dagmig.asl.lift.policy import ByName, by_name
from dagmig.asl.lift.runtime import error_output, together, within
from dagmig.graph.model import Task
from dagmig.graph.values import Function

BUSY = {"ErrorEquals": ["Busy"], "MaxAttempts": 2}
NEVER = {"ErrorEquals": ["Wrong"], "MaxAttempts": 0}
ALL = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}
TRANSPORT = {"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 6}


def source(task: Task) -> str:
    function = task.call.arguments["python_callable"]
    assert isinstance(function, Function)
    return function.source


def branches(*states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    scopes = [{"StartAt": "S", "States": {"S": state}} for state in states]
    return {"Type": "Parallel", "Branches": scopes, "End": True, **fields}


@pytest.mark.parametrize(
    ("retriers", "found"),
    [
        ([], None),
        ([ALL], None),
        ([NEVER], None),
        ([TRANSPORT, ALL], None),
        ([ALL, BUSY], None),
        ([BUSY], ByName(BUSY, ("Busy",))),
        ([TRANSPORT, BUSY], ByName(BUSY, ("Busy",))),
        ([NEVER, ALL], ByName(ALL, ("Wrong",), True)),
        ([NEVER, BUSY], ByName(BUSY, ("Busy",))),
        ([BUSY, ALL], ByName()),
    ],
)
def test_retriers_for_some_errors(retriers: list[dict[str, Any]], found: ByName | None) -> None:
    assert by_name({"Retry": retriers}, frozenset()) == found


def test_pieces_of_work_are_done_at_the_same_time() -> None:
    barrier = threading.Barrier(2, timeout=10)

    def one(number: int, stopped: threading.Event) -> int:
        barrier.wait()
        return number

    assert together([partial(one, 1), partial(one, 2)]) == [1, 2]
    assert together([]) == []


def test_nothing_more_begins_when_a_piece_of_work_has_failed() -> None:
    begun: list[int] = []
    failed = threading.Event()

    def fails(stopped: threading.Event) -> None:
        failed.set()
        raise ValueError("no", {"Error": "Busy", "Cause": ""})

    def sees(stopped: threading.Event) -> None:
        failed.wait(10)
        for _ in range(1000):
            if stopped.is_set():
                return
            time.sleep(0.01)
        begun.append(1)

    def later(stopped: threading.Event) -> None:
        if stopped.is_set():
            return
        begun.append(2)

    with pytest.raises(ValueError, match="no") as raised:
        together([sees, fails, later], 2)
    assert error_output(raised.value)["Error"] == "Busy"
    assert 1 not in begun


def test_most_pieces_at_once() -> None:
    running: list[int] = []
    seen: list[int] = []

    def one(stopped: threading.Event) -> None:
        running.append(1)
        seen.append(len(running))
        time.sleep(0.01)
        running.pop()

    together([one] * 6, 2)
    assert max(seen) <= 2


def test_work_whose_result_nothing_reads_is_done() -> None:
    """The second of two Parallels of a loop lost its work, as nothing reads its result."""
    again = {"Type": "Choice", "Choices": [{"Variable": "$.more", "BooleanEquals": True, "Next": "P"}]}
    states = {
        "P": {**branches(work(), ResultPath=None), "Next": "C"},
        "C": {**again, "Default": "D"},
        "D": {"Type": "Succeed"},
    }
    del states["P"]["End"]
    workflow, rows = lifted(states)
    assert open_rows(rows) == []
    assert "p_1()" in source(workflow.tasks["P"]).split("while True:")[1]


def test_a_retry_for_any_branch_is_for_all_errors() -> None:
    retrier = {"ErrorEquals": ["States.BranchFailed"], "MaxAttempts": 1}
    workflow, rows = lifted({"P": branches(work(), work(), Retry=[retrier])})
    assert open_rows(rows) == []
    assert '"errors": []' in source(workflow.tasks["P"])


def test_a_group_that_no_function_can_do_stays_one_with_a_row() -> None:
    workflow, rows = lifted({"P": branches(SENT, work(), Retry=[ALL])})
    assert any("the Retry of a Parallel" in row for row in open_rows(rows))
    assert len(workflow.tasks) == 2


def test_a_catch_of_a_group_goes_by_the_name_of_the_error() -> None:
    catchers = [{"ErrorEquals": ["Full"], "Next": "Other"}]
    fails = {"Type": "Fail", "Error": "Full", "Cause": "no room"}
    workflow, rows = lifted(
        {"P": branches(fails, work(), Catch=catchers), "Other": {"Type": "Pass", "Result": 1, "End": True}}
    )
    assert open_rows(rows) == []
    assert '{"Error": "Full", "Cause": "no room"}' in source(workflow.tasks["P"])


def test_fatal_errors_are_not_tried_again() -> None:
    workflow, rows = lifted({"A": work(Retry=[NEVER, ALL])})
    assert open_rows(rows) == []
    task = workflow.tasks["A"]
    assert task.policy.retries == 2
    assert 'if said["Error"] == "Wrong":' in source(task)
    assert "AirflowTaskTimeout" not in source(task).split("def call_a")[1]
    timed = lifted({"A": work(Retry=[BUSY], TimeoutSeconds=5)})[0].tasks["A"]
    assert "except (Exception, AirflowTaskTimeout) as error:" in source(timed)


def test_what_only_an_operator_does_keeps_its_row() -> None:
    _, rows = lifted({"A": {**SENT, "Retry": [BUSY]}})
    assert [row.partition(":")[0] for row in open_rows(rows)] == ["retry-error-names"]


def test_the_function_returns_what_the_work_returns() -> None:
    workflow, _ = lifted(
        {
            "P": branches({"Type": "Pass", "Result": 1, "End": True}, Retry=[ALL]),
        }
    )
    assert called(workflow.tasks["P"]) is None


def test_work_has_so_many_seconds() -> None:
    begun = threading.Event()
    assert within(5, lambda: 7) == 7
    with pytest.raises(ValueError, match="the time is over") as raised:
        within(0.01, lambda: begun.wait(2))
    begun.set()
    assert error_output(raised.value)["Error"] == "States.Timeout"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"TimeoutSecondsPath": "$.t"}, 'within(dag_run.conf["t"], lambda: invoke('),
        ({"TimeoutSeconds": "{% $states.input.t %}", "QueryLanguage": "JSONata"}, "within("),
        (
            {"TimeoutSecondsPath": "$.t", "Retry": [BUSY, ALL]},
            'retried(lambda: within(dag_run.conf["t"], lambda: invoke(',
        ),
    ],
)
def test_a_timeout_that_the_run_says(fields: dict[str, Any], said: str) -> None:
    workflow, rows = lifted({"A": work(**fields)})
    assert open_rows(rows) == []
    assert said in source(workflow.tasks["A"])
    assert "execution_timeout" not in workflow.tasks["A"].call.arguments
