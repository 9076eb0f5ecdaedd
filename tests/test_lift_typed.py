"""Arguments of operators keep the type that the run's data has, or a row says so; an input that is a list."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from dagmig.airflow.write import write
from dagmig.asl.resource import parse
from dagmig.asl.services.texts import parameters
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Task, Workflow
from dagmig.graph.values import Entries, Function, Items, Literal, Output, RunContext, Template, Value
from dagmig.integrations.aws import AMAZON
from test_lift import edges, lifted, open_rows

STATES = "arn:aws:states:::"
DAY = RunContext("dag_run.conf", ("day",))


def state(action: str, parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    way = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": STATES + action, "Parameters": parameters, **way, **fields}


def returned(task: Task) -> str:
    """What a task that makes arguments returns, as source."""
    assert task.call.arguments["multiple_outputs"] == Literal(True)
    function = task.call.arguments["python_callable"]
    assert isinstance(function, Function)
    (definition,) = ast.parse(function.source).body
    assert isinstance(definition, ast.FunctionDef)
    last = definition.body[-1]
    assert isinstance(last, ast.Return)
    assert last.value is not None
    return ast.unparse(last.value)


def arguments(workflow: Workflow, task: str) -> dict[str, Value]:
    return dict(workflow.tasks[task].call.arguments)


def test_a_number_and_a_list_come_from_a_task_before_and_text_is_rendered() -> None:
    workflow, rows = lifted(
        {
            "Run": state(
                "glue:startJobRun.sync",
                {
                    "JobName.$": "$.job",
                    "NumberOfWorkers.$": "$.workers",
                    "Arguments": {"--day.$": "$.day", "--key.$": "States.Format('{}/x', $.day)"},
                },
            )
        }
    )
    assert returned(workflow.tasks["Run_arguments"]) == "{'NumberOfWorkers': dag_run.conf['workers']}"
    given = arguments(workflow, "Run")
    assert given["job_name"] == RunContext("dag_run.conf", ("job",))
    workers = Output("Run_arguments", "NumberOfWorkers")
    assert given["run_job_kwargs"] == Entries(((Literal("NumberOfWorkers"), workers),))
    assert given["script_args"] == Entries(
        ((Literal("--day"), DAY), (Literal("--key"), Template((DAY, "/x"))))
    )
    assert edges(workflow) == {("Run_arguments", "Run")}
    assert open_rows(rows) == []


def test_what_is_text_needs_no_task() -> None:
    workflow, rows = lifted({"Run": state("glue:startJobRun", {"JobName.$": "$.job"})})
    assert set(workflow.tasks) == {"Run"}
    assert [row.construct for row in rows if row.difference] == ["rendered-arguments"]


def test_any_json_is_the_input_of_an_execution() -> None:
    child = "arn:aws:states:eu-west-1:111122223333:stateMachine:child"
    workflow, _ = lifted(
        {"Run": state("states:startExecution", {"StateMachineArn": child, "Input": {"n.$": "$.n"}})}
    )
    assert returned(workflow.tasks["Run_arguments"]) == "{'n': dag_run.conf['n']}"
    assert arguments(workflow, "Run")["state_machine_input"] == Entries(
        ((Literal("n"), Output("Run_arguments", "n")),)
    )


def test_inside_of_a_map_the_task_is_one_of_the_item() -> None:
    entry = {"Source": "s", "DetailType.$": "$.kind", "Detail": "{}", "Resources.$": "$.files"}
    inner = {"StartAt": "Tell", "States": {"Tell": state("events:putEvents", {"Entries": [entry]})}}
    workflow, rows = lifted(
        {"All": {"Type": "Map", "ItemsPath": "$.all", "ItemProcessor": inner, "End": True}}
    )
    made = workflow.tasks["All.Tell_arguments"]
    assert returned(made) == "{'Resources': ti.xcom_pull(task_ids='All_items')[ti.map_index]['files']}"
    (found,) = arguments(workflow, "All.Tell")["entries"].items  # type: ignore[union-attr]
    assert dict(found.entries)[Literal("Resources")] == Output("All.Tell_arguments", "Resources")
    assert open_rows(rows) == []


def test_the_result_of_the_task_before_is_passed_on_as_it_is() -> None:
    workflow, _ = lifted(
        {
            "Run": state("glue:startJobRun", {"JobName": "j"}, Next="Again"),
            "Again": state(
                "glue:startJobRun", {"JobName": "j", "Arguments": {"--run.$": "$.JobRunId", "-": "-"}}
            ),
        }
    )
    given = arguments(workflow, "Again")["script_args"]
    assert dict(given.entries)[Literal("--run")] == Output("Run")  # type: ignore[union-attr]


def test_json_that_is_text_in_an_answer_is_parsed() -> None:
    """``.output`` of an invoked function is its JSON, quotes and all."""
    workflow, _ = lifted(
        {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:lambda:us-east-1:1:function:f",
                "Next": "Run",
                "ResultPath": "$.job",
            },
            "Run": state("glue:startJobRun", {"JobName.$": "$.job"}),
        }
    )
    name = arguments(workflow, "Run")["job_name"]
    assert isinstance(name, Template)
    assert "macros.json.loads" in str(name)


def test_objects_that_boto3_spells_otherwise_are_an_open_row() -> None:
    """Where no function spells them, as one may be within itself."""
    given = {
        "Name": "n",
        "VirtualClusterId": "v",
        "ExecutionRoleArn": "r",
        "ReleaseLabel": "l",
        "JobDriver": {"SparkSubmitJobDriver": {"EntryPoint": "s"}},
        "ConfigurationOverrides.$": "$.o",
    }
    _, rows = lifted({"Run": state("emr-containers:startJobRun.sync", given)})
    assert [row for row in open_rows(rows) if row.startswith("spelling")] != []


def test_what_an_operator_renders_no_template_in_is_given_to_a_function() -> None:
    given = {
        "ClusterIdentifier.$": "$.cluster",
        "SkipFinalClusterSnapshot": False,
        "FinalClusterSnapshotIdentifier.$": "$.name",
    }
    workflow, rows = lifted({"Run": state("aws-sdk:redshift:deleteCluster", given)})
    assert open_rows(rows) == []
    function = workflow.tasks["Run"].call.arguments["python_callable"]
    assert isinstance(function, Function)
    assert "FinalClusterSnapshotIdentifier=dag_run.conf['name']" in function.source.replace('"', "'")
    report = Report()
    operator = Call(AMAZON + "redshift_cluster.RedshiftDeleteClusterOperator", {"cluster_identifier": DAY,
                    "final_cluster_snapshot_identifier": DAY})  # fmt: skip
    write(Workflow("flow", {"Run": Task("Run", operator)}, frozenset()), report)
    (row,) = open_rows(report.rows)
    assert "`final_cluster_snapshot_identifier`" in row


@pytest.mark.parametrize(
    ("action", "way", "is_text"),
    [
        ("glue:startJobRun", "JobName", True),
        ("glue:startJobRun", "Arguments.--day", True),
        ("glue:startJobRun", "Timeout", False),
        ("glue:startJobRun", "Arguments", False),
        ("events:putEvents", "Entries.*.Source", True),
        ("events:putEvents", "Entries.*.Resources", False),
        ("elasticmapreduce:addStep", "ClusterId", True),
        ("eks:call", "ClusterName", False),
    ],
)
def test_which_parameters_are_text(action: str, way: str, is_text: bool) -> None:
    place = parameters(parse(STATES + action))
    for key in way.split("."):
        place = place.inside(key)
    assert place.is_text is is_text


def test_items_of_a_list_are_told_apart() -> None:
    entries = [{"Resources.$": "$.a"}, {"Resources.$": "$.b"}, {"Resources.$": "$.a"}]
    workflow, _ = lifted({"Tell": state("events:putEvents", {"Entries": entries})})
    assert returned(workflow.tasks["Tell_arguments"]) == (
        "{'Resources': dag_run.conf['a'], 'Resources_2': dag_run.conf['b']}"
    )
    given = arguments(workflow, "Tell")["entries"]
    assert isinstance(given, Items)
    assert [one.entries[0][1].key for one in given.items] == ["Resources", "Resources_2", "Resources"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "is_list"),
    [
        ({"Type": "Map", "ItemsPath": "$"}, True),
        ({"Type": "Map"}, True),
        ({"Type": "Map", "ItemsPath": "$.all"}, False),
        ({"Type": "Map", "ItemsPath": "$.all[0]"}, False),
        ({"Type": "Map", "ItemsPath": "$[0]"}, True),
        ({"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input %}"}, True),
        ({"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input.all %}"}, False),
    ],
)
def test_an_input_that_is_a_list_is_under_a_key(first: dict[str, Any], is_list: bool) -> None:
    work = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "End": True}
    inner = {"StartAt": "Work", "States": {"Work": work}}
    _, rows = lifted({"All": {**first, "ItemProcessor": inner, "End": True}})
    assert any(row.construct == "input" for row in rows) is is_list
    assert open_rows(rows) == []


@pytest.mark.parametrize(
    ("rule", "is_value"),
    [
        ({"Variable": "$", "NumericGreaterThan": 3}, True),
        ({"Variable": "$", "StringEquals": "a"}, True),
        ({"Variable": "$", "BooleanEquals": True}, True),
        ({"Variable": "$", "StringMatches": "a*"}, True),
        ({"Variable": "$[0]", "IsPresent": True}, True),
        ({"Variable": "$.a", "IsPresent": True}, False),
        ({"Variable": "$.a", "NumericEquals": 3}, False),
    ],
)
def test_an_input_that_is_one_value_is_under_a_key(rule: dict[str, Any], is_value: bool) -> None:
    states = {"Is it": {"Type": "Choice", "Choices": [{**rule, "Next": "End"}]}, "End": {"Type": "Succeed"}}
    _, rows = lifted(states)
    assert any(row.construct == "input" for row in rows) is is_value
    assert open_rows(rows) == []


def test_an_input_under_a_key_is_the_context_objects_as_well() -> None:
    wait = {"Type": "Wait", "SecondsPath": "$", "Next": "Work"}
    work = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "End": True}
    workflow, _ = lifted({"Wait": wait, "Work": {**work, "Parameters": {"all.$": "$$.Execution.Input"}}})
    payload = arguments(workflow, "Work")["payload"]
    assert payload == Literal("{\"all\": {{ dag_run.conf['input'] | tojson }}}")
