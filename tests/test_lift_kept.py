"""States that stay in Step Functions: a machine of the state alone, which the DAG starts and waits for."""

from __future__ import annotations

import json
import types
from typing import Any

import pytest
from jinja2 import Environment
from tests.oracles.scripts import caller
from tests.test_lift import each, edges, lifted, open_rows, work

from dagmig.graph.model import Task
from dagmig.graph.values import Function, Literal
from dagmig.verify import engine

CALLBACK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token", "order.$": "$.order"}},
    "Retry": [{"ErrorEquals": ["Busy"]}],
    "HeartbeatSeconds": 60,
    "ResultPath": "$.answer",
}
ACTIVITY = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:1:activity:a"}


class Executions:
    """Stands for the client of Step Functions, with one execution that ends with ``found``."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found
        self.started: list[dict[str, Any]] = []

    def start_execution(self, **given: Any) -> dict[str, str]:
        self.started.append(given)
        return {"executionArn": "x"}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        assert executionArn == "x"
        return self.found


def run(task: Task, client: Executions, conf: object = None, results: dict[str, Any] | None = None) -> Any:
    function = task.call.arguments["python_callable"]
    assert isinstance(function, Function)
    source = "\n".join(line for line in function.source.split("\n") if not line.startswith("from airflow"))
    names: dict[str, Any] = {
        "AwsGenericHook": lambda client_type: types.SimpleNamespace(conn=client),
        "Variable": types.SimpleNamespace(get=lambda name: f"arn of {name}"),
        "PokeReturnValue": lambda is_done, xcom_value: (is_done, xcom_value),
    }
    exec(compile(source, "function", "exec"), names)
    given = {
        "dag_run": types.SimpleNamespace(conf=conf, dag_id="flow"),
        "run_id": "run-1",
        "ti": types.SimpleNamespace(
            xcom_pull=lambda task_ids: "x" if results is None else results[task_ids],
            map_index=-1 if results is None else 1,
        ),
    }
    return names[function.name](**{p.name: given[p.name] for p in function.parameters})


def test_a_state_with_a_task_token_is_a_machine_that_the_dag_starts() -> None:
    workflow, rows = lifted({"A": {**CALLBACK, "Next": "B"}, "B": work(Parameters={"x.$": "$.answer.ok"})})
    assert [row for row in open_rows(rows) if "stays in Step Functions" not in row] == []
    assert {("A_start", "A"), ("A", "B")} <= edges(workflow)
    machine = workflow.tasks["A_start"].call.arguments["doc_json"]
    assert isinstance(machine, Literal)
    kept = {name: value for name, value in CALLBACK.items() if name != "ResultPath"}
    assert json.loads(machine.value) == {"StartAt": "A", "States": {"A": {**kept, "End": True}}}
    start = workflow.tasks["A_start"].call
    assert start.operator.endswith(".StepFunctionStartExecutionOperator")
    given = {name: start.arguments[name] for name in ("state_machine_arn", "state_machine_input")}
    assert given == {
        "state_machine_arn": Literal("{{ var.value.get(dag.dag_id ~ '_a_machine') }}"),
        "state_machine_input": Literal("{{ dag_run.conf | tojson }}"),
    }
    assert run(workflow.tasks["A"], Executions({"status": "RUNNING"})) is False
    ended = Executions({"status": "SUCCEEDED", "output": '{"ok": true}'})
    assert run(workflow.tasks["A"], ended) == (True, {"ok": True})


@pytest.mark.parametrize(
    ("found", "error"),
    [
        ({"status": "FAILED", "error": "Refused", "cause": "no"}, {"Error": "Refused", "Cause": "no"}),
        ({"status": "ABORTED"}, {"Error": "ABORTED", "Cause": ""}),
    ],
)
def test_an_execution_that_fails_fails_the_task_with_its_error(
    found: dict[str, Any], error: dict[str, Any]
) -> None:
    catch = [{"ErrorEquals": ["Refused"], "Next": "B"}]
    workflow, rows = lifted({"A": {**ACTIVITY, "Catch": catch, "End": True}, "B": work()})
    assert len(open_rows(rows)) == 1
    with pytest.raises(ValueError, match="has failed") as raised:
        run(workflow.tasks["A"], Executions(found))
    assert raised.value.args[-1] == error
    route = workflow.tasks["A_catch"].call.arguments["python_callable"]
    assert isinstance(route, Function)
    names: dict[str, Any] = {}
    source = "\n".join(line for line in route.source.split("\n") if not line.startswith("from airflow"))
    exec(compile(source, "function", "exec"), names)
    assert names["error_output"](raised.value) == error


def test_the_item_of_a_map_waits_for_its_own_execution() -> None:
    workflow, _ = lifted({"M": {**each({"A": {**ACTIVITY, "End": True}}), "End": True}})
    function = workflow.tasks["M.A"].call.arguments["python_callable"]
    assert isinstance(function, Function)
    assert 'xcom_pull(task_ids="M.A_start", map_indexes=ti.map_index)' in function.source


def rendered(text: str, conf: object, results: dict[str, Any] | None) -> str:
    """A template as Airflow renders it."""
    ti = types.SimpleNamespace(xcom_pull=lambda task_ids: (results or {})[task_ids], map_index=1)
    run = types.SimpleNamespace(conf=conf, dag_id="flow")
    return str(Environment().from_string(text).render(dag_run=run, run_id="run-1", ti=ti))


def asked(start: Task, conf: object, results: dict[str, Any] | None = None) -> Any:
    """What the state A of a kept machine is given, by an execution that the DAG starts."""
    machine, written = start.call.arguments["doc_json"], start.call.arguments.get("state_machine_input")
    assert isinstance(machine, Literal)
    if isinstance(written, Literal):
        given = json.loads(rendered(written.value, conf, results))
    else:
        client = Executions({})
        run(start, client, conf, results)
        given = json.loads(client.started[0]["input"])
    trace = engine.run(engine.compile_machine(json.loads(machine.value)), given, caller({}))
    assert trace.status == "SUCCEEDED"
    (attempt,) = trace.attempts
    return attempt.arguments


IN_JSONPATH = {"P": {"Type": "Pass", "Assign": {"seen.$": "$.x"}, "Next": "A"}}
IN_JSONATA = {"P": {"Type": "Pass", "Assign": {"seen": "{% $states.input.x %}"}, "Next": "A"}}


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ("$$.StateMachine.Name", "flow"),
        ("$$.Execution.Name", "run-1"),
        ("$$.Execution.Input.x", 7),
        ("States.Format('{}-{}', $$.Execution.Name, $seen)", "run-1-7"),
        ("$seen", 7),
        ("$.x", 7),
        ("$$.State.Name", "A"),
    ],
)
def test_a_kept_machine_is_given_what_it_looks_at_beside_its_input(part: str, wanted: Any) -> None:
    states = {**IN_JSONPATH, "A": {**ACTIVITY, "Parameters": {"x.$": part}, "End": True}}
    workflow, _ = lifted(states)
    assert asked(workflow.tasks["A_start"], {"x": 7}) == {"x": wanted}


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("$states.context.Execution.Name & '/' & $seen", "run-1/7"),
        ("$states.context.Execution.Input.x + $seen", 14),
        ("$states.input.x", 7),
        ("$states.context.State.Name", "A"),
    ],
)
def test_a_kept_machine_in_jsonata_is_given_what_it_looks_at(expression: str, wanted: Any) -> None:
    states = {**IN_JSONATA, "A": {**ACTIVITY, "Arguments": {"x": f"{{% {expression} %}}"}, "End": True}}
    workflow, _ = lifted(states, QueryLanguage="JSONata")
    assert asked(workflow.tasks["A_start"], {"x": 7}) == {"x": wanted}


def test_a_kept_machine_is_given_the_item_of_a_map() -> None:
    given = {"n.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value", "all.$": "$"}
    inner = {"A": {**ACTIVITY, "Parameters": given, "End": True}}
    workflow, _ = lifted({"M": {**each(inner), "End": True}})
    found = asked(workflow.tasks["M.A_start"], None, {"M_items": ["a", "b"]})
    assert found == {"n": 1, "value": "b", "all": "b"}


def test_the_link_to_the_execution_that_started_another_stays_that_of_the_kept_machine() -> None:
    link = {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"}
    state = {**CALLBACK, "Parameters": {"QueueUrl": "q", "MessageBody": link}, "End": True}
    workflow, rows = lifted({"A": state})
    assert [row for row in open_rows(rows) if "stays in Step Functions" not in row] == []
    machine = workflow.tasks["A_start"].call.arguments["doc_json"]
    assert isinstance(machine, Literal)
    assert "$$.Execution.Id" in machine.value
    assert "Variables" not in machine.value


@pytest.mark.parametrize("part", ["$$", "$$.Execution", "$$.StateMachine.Id"])
def test_a_state_that_looks_at_what_the_dag_has_not_is_not_kept(part: str) -> None:
    states = {**IN_JSONPATH, "A": {**ACTIVITY, "Parameters": {"x.$": part}, "End": True}}
    workflow, rows = lifted(states)
    assert "A_start" not in workflow.tasks
    assert any("is not converted" in text for text in open_rows(rows))
