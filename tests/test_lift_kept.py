"""States that stay in Step Functions: a machine of the state alone, which the DAG starts and waits for."""

from __future__ import annotations

import json
import types
from typing import Any

import pytest
from tests.test_lift import each, edges, lifted, open_rows, work

from dagmig.graph.model import Task
from dagmig.graph.values import Function, Literal

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

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        assert executionArn == "x"
        return self.found


def run(task: Task, client: Executions, conf: object = None) -> Any:
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
        "ti": types.SimpleNamespace(xcom_pull=lambda task_ids: "x", map_index=-1),
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


@pytest.mark.parametrize("part", ["$$.Execution.Id", "$$.StateMachine.Name", "$seen"])
def test_a_state_that_looks_at_more_than_its_input_is_not_kept(part: str) -> None:
    states = {
        "P": {"Type": "Pass", "Assign": {"seen.$": "$.x"}, "Next": "A"},
        "A": {**ACTIVITY, "Parameters": {"x.$": part}, "End": True},
    }
    workflow, rows = lifted(states)
    assert "A_start" not in workflow.tasks
    assert any("is not converted" in text for text in open_rows(rows))
