"""Loops that no function can run: a machine of their own, started and waited for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.test_lift import called, edges, lifted, open_rows, payload, work

from dagmig.asl.lift import lift
from dagmig.asl.load import load
from dagmig.diagnostics import Disposition, Report, Row
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.verify.engine import Attempt, Outcome, compile_machine, run

TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
ASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": TOKEN,
    "Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}},
}


def equal(word: str, target: str) -> dict[str, Any]:
    return {"Variable": "$.word", "StringEquals": word, "Next": target}


def loop(**default: Any) -> dict[str, Any]:
    return {
        "Ask": {**ASK, "Next": "Which"},
        "Which": {"Type": "Choice", "Choices": [equal("yes", "Ship"), equal("no", "Drop")], **default},
    }


def child(workflow: Workflow) -> dict[str, Any]:
    text = workflow.tasks["Ask_start"].call.arguments["doc_json"]
    assert isinstance(text, Literal)
    found: dict[str, Any] = json.loads(text.value)
    return found


def output(machine: dict[str, Any], *answers: object) -> Any:
    waiting = list(answers)

    def call(_: Attempt) -> Outcome:
        return Outcome(waiting.pop(0))

    trace = run(compile_machine(machine), {"id": 1}, call)
    assert waiting == []
    return trace.output


def test_a_loop_with_two_exits_is_a_machine_of_its_own() -> None:
    states = {**loop(Default="Ask"), "Ship": work(), "Drop": work()}
    workflow, rows = lifted(states)
    (said,) = open_rows(rows)
    assert said.startswith("loop: the loop stays in Step Functions")
    assert edges(workflow) >= {("Ask_start", "Ask"), ("Ask", "Ask_next"), ("Ask_next", "Ship")}
    machine = child(workflow)
    assert output(machine, {"word": "?"}, {"word": "no"}) == {"next": "Drop", "data": {"word": "no"}}
    assert output(machine, {"word": "yes"}) == {"next": "Ship", "data": {"word": "yes"}}
    assert called(workflow.tasks["Ask_next"], results={"Ask": {"next": "Drop"}}) == "Drop"
    assert payload(workflow.tasks["Ship"]) == "{{ ti.xcom_pull(task_ids='Ask')['data'] | tojson }}"
    assert [row.disposition for row in rows if row.source.pointer == "/States/Which"] == [Disposition.NOTED]


def test_a_loop_with_one_exit_ends_with_its_data() -> None:
    which = {"Type": "Choice", "Choices": [equal("yes", "Ship")], "Default": "Ask"}
    workflow, _ = lifted({"Ask": {**ASK, "Next": "Which"}, "Which": which, "Ship": work()})
    assert output(child(workflow), {"word": "yes"}) == {"word": "yes"}
    assert payload(workflow.tasks["Ship"]) == "{{ ti.xcom_pull(task_ids='Ask') | tojson }}"


def test_a_loop_that_may_end_the_machine() -> None:
    which = {"Type": "Choice", "Choices": [equal("yes", "Ship"), equal("no", "Out")], "Default": "Ask"}
    states = {"Ask": {**ASK, "Next": "Which"}, "Which": which, "Ship": work(), "Out": {"Type": "Succeed"}}
    machine = child(lifted(states)[0])
    assert output(machine, {"word": "no"})["next"] == "Out"
    catch = {"ErrorEquals": ["States.ALL"], "Next": "Ask"}
    again = {**ASK, "Catch": [catch], "End": True}
    assert output(child(lifted({"Ask": again})[0]), {"word": "?"}) == {"word": "?"}


def test_a_loop_in_jsonata() -> None:
    ask = {"Type": "Task", "Resource": TOKEN, "Arguments": {"QueueUrl": "q", "MessageBody": "m"}}
    choices = [
        {"Condition": f"{{% $states.input.word = '{word}' %}}", "Next": target}
        for word, target in (("yes", "Ship"), ("no", "Drop"))
    ]
    which = {"Type": "Choice", "Choices": choices, "Default": "Ask"}
    states = {"Ask": {**ask, "Next": "Which"}, "Which": which, "Ship": work(), "Drop": work()}
    workflow, _ = lifted(states, QueryLanguage="JSONata")
    assert output(child(workflow), {"word": "no"}) == {"next": "Drop", "data": {"word": "no"}}


@pytest.mark.parametrize(
    "fields",
    [
        {"Parameters": {"QueueUrl": "q", "MessageBody": {"of.$": "$$.StateMachine.Id"}}},
        {"Assign": {"n.$": "$"}},
        {"QueryLanguage": "JSONata", "Parameters": None},
    ],
)
def test_a_loop_that_looks_at_what_the_dag_has_not_is_not_kept(fields: dict[str, Any]) -> None:
    states = {**loop(Default="Ask"), "Ship": work(), "Drop": work()}
    states["Ask"] = {**states["Ask"], **fields}
    _, rows = lifted(states)
    assert any("is not converted" in row for row in open_rows(rows))


PAGES = {
    "Read": work("More", Parameters={"id.$": "$.id"}),
    "More": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.more", "BooleanEquals": True, "Next": "Read"}],
        "Default": "Use",
    },
    "Use": work(),
}


def kept(states: dict[str, Any]) -> tuple[Workflow, list[Row]]:
    report = Report()
    text = json.dumps({"StartAt": next(iter(states)), "States": states})
    machine = load(text, "machine.asl.json", report)
    assert machine is not None
    return lift(machine, report, "flow", keeps_loops=True), report.rows


def test_a_loop_that_could_be_one_task_stays_where_that_is_wanted() -> None:
    workflow, rows = kept(PAGES)
    assert edges(workflow) == {("Read_start", "Read"), ("Read", "Use")}
    (said,) = open_rows(rows)
    assert said.startswith("loop: the loop stays in Step Functions (as is wanted)")
    text = workflow.tasks["Read_start"].call.arguments["doc_json"]
    assert isinstance(text, Literal)
    machine = json.loads(text.value)
    whole = {"StartAt": "Read", "States": PAGES}
    answers = [{"id": 2, "more": True}, {"id": 3, "more": False}]
    given = list(run_with(machine, answers))
    assert given == [*run_with(whole, [*answers, {}])][:-1]
    assert output(machine, *answers) == answers[-1]


def run_with(machine: dict[str, Any], answers: list[dict[str, Any]]) -> Iterator[Any]:
    """What a machine calls its function with."""
    waiting, given = list(answers), []

    def call(attempt: Attempt) -> Outcome:
        given.append(attempt.arguments)
        return Outcome(waiting.pop(0))

    run(compile_machine(machine), {"id": 1}, call)
    return iter(given)


def test_a_loop_that_cannot_stay_is_one_task_all_the_same() -> None:
    workflow, rows = kept({**PAGES, "Read": work("More", Assign={"seen.$": "$"})})
    assert set(workflow.tasks) == {"Read", "Use"}
    assert any("cannot stay in Step Functions" in row.difference for row in rows)
    assert not [row for row in open_rows(rows) if row.startswith("loop")]


def test_sensors_and_operators_stay_what_they_are() -> None:
    states = {
        "Ask": work("Done", Parameters={}),
        "Done": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "Use"}],
            "Default": "Pause",
        },
        "Pause": {"Type": "Wait", "Seconds": 5, "Next": "Ask"},
        "Use": work(),
    }
    workflow, _ = kept(states)
    assert workflow.tasks["Ask"].call.operator == "@task.sensor"
