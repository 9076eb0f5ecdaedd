"""Loops of a user's own that ask until what they have started is over: when an operator does the same."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.diagnostics import Row
from dagmig.graph.model import Workflow
from test_lift import choice, edges, lifted, open_rows, work

GLUE = "airflow.providers.amazon.aws.operators.glue.GlueJobOperator"
SDK, OPTIMIZED = "arn:aws:states:::aws-sdk:", "arn:aws:states:::"
STATE = "$.job.JobRun.JobRunState"
BAD = ("FAILED", "STOPPED", "TIMEOUT", "ERROR")


def call(resource: str, next_: str, parameters: dict, **fields: object) -> dict:
    return work(next_, Resource=resource, Parameters=parameters, **fields)


def at(*words: str, target: str, path: str = STATE) -> list[dict]:
    return [{"Variable": path, "StringEquals": word, "Next": target} for word in words]


ENDS = choice(*at("SUCCEEDED", target="Z"), *at(*BAD, target="F"), default="W")


def polled(ends: dict = ENDS, **changed: dict) -> dict:
    """A run of Glue that is asked for every 30 seconds."""
    states = {
        "S": call(OPTIMIZED + "glue:startJobRun", "W", {"JobName": "etl"}, ResultPath="$.run"),
        "W": {"Type": "Wait", "Seconds": 30, "Next": "G"},
        "G": call(
            SDK + "glue:getJobRun", "C", {"JobName": "etl", "RunId.$": "$.run.JobRunId"}, ResultPath="$.job"
        ),
        "C": ends,
        "F": {"Type": "Fail", "Error": "E"},
        "Z": work(Parameters={}),
    }
    return {**states, **changed}


def arguments(workflow: Workflow, task: str = "S") -> dict[str, Any]:
    return {name: getattr(held, "value", held) for name, held in workflow.tasks[task].call.arguments.items()}


def test_the_operator_waits_in_place_of_the_loop() -> None:
    workflow, rows = lifted(polled())
    assert edges(workflow) == {("S", "Z")}
    assert workflow.tasks["S"].call.operator == GLUE
    said = {"job_name": "etl", "deferrable": True, "durable": False, "waiter_delay": 30}
    assert arguments(workflow) == {**said, "waiter_max_attempts": 1_051_200}
    assert not open_rows(rows)


def test_the_machines_own_time_bounds_the_wait() -> None:
    workflow, _ = lifted(polled(), TimeoutSeconds=600)
    assert arguments(workflow)["waiter_max_attempts"] == 20


COUNTED = choice(
    *at("SUCCEEDED", target="Z"),
    *at(*BAD, target="F"),
    {"Variable": "$.n.v", "NumericGreaterThanEquals": 8, "Next": "F"},
    default="W",
)


@pytest.mark.parametrize(
    ("changed", "times"),
    [
        ({"G": {"Next": "N"}, "C": COUNTED}, 8),
        ({"W": {"Next": "N"}, "N": {"Next": "L"}}, 7),
    ],
    ids=["counts what it has asked", "looks at the number before it asks"],
)
def test_a_counter_is_the_number_of_attempts(changed: dict, times: int) -> None:
    states = polled()
    states["I"] = {"Type": "Pass", "Result": {"v": 0}, "ResultPath": "$.n", "Next": "S"}
    add = {"v.$": "States.MathAdd($.n.v, 1)"}
    states["N"] = {"Type": "Pass", "Parameters": add, "ResultPath": "$.n", "Next": "C"}
    states["L"] = choice({"Variable": "$.n.v", "NumericGreaterThan": 7, "Next": "F"}, default="G")
    workflow, rows = lifted(
        {name: {**state, **changed.get(name, {})} for name, state in states.items()}, start="I"
    )
    assert arguments(workflow)["waiter_max_attempts"] == times
    assert not open_rows(rows)


def said(rows: list[Row]) -> set[str]:
    return {row.difference for row in rows if row.construct == "status"}


def test_words_at_which_both_fail_in_the_end_are_said() -> None:
    workflow, rows = lifted(
        polled(choice(*at("SUCCEEDED", target="Z"), *at("FAILED", target="F"), default="W"))
    )
    assert workflow.tasks["S"].call.operator == GLUE
    assert said(rows) == {f"at `{word}` the operator fails, the loop goes on" for word in BAD[1:]}
    running = ("STARTING", "RUNNING", "STOPPING", "WAITING")
    _, rows = lifted(polled(choice(*at(*running, target="W"), *at("SUCCEEDED", target="Z"), default="F")))
    assert said(rows) == {"at `EXPIRED` the operator waits until its attempts are over, the loop fails"}


RETRY = [{"ErrorEquals": ["States.ALL"]}]
ASKS = polled()["G"]


@pytest.mark.parametrize(
    "states",
    [
        polled(choice(*at("RUNNING", target="W"), *at("SUCCEEDED", target="Z"), default="F")),
        polled(choice(*at("SUCCEEDED", "STOPPED", target="Z"), *at("FAILED", target="F"), default="W")),
        polled(choice(*at("SUCCEEDED", target="Z"), *at("FAILED", target="S"), default="W")),
        polled(choice(*at("SUCCEEDED", target="Z"), *at("FAILED", target="Z"), default="W")),
        polled(choice(*at("SUCCEEDED", target="Z"), *at("FAILED", target="H"), default="W"), H=work("F")),
        polled(G={**ASKS, "Parameters": {"JobName": "etl", "RunId.$": "$.other"}}),
        polled(G={**ASKS, "Parameters": {"JobName": "other", "RunId.$": "$.run.JobRunId"}}),
        polled(G={**ASKS, "Retry": RETRY}),
        polled(G={**ASKS, "Catch": [{**RETRY[0], "Next": "W", "ResultPath": "$.e"}]}),
        polled(S={**polled()["S"], "Retry": RETRY}),
        polled(S={**polled()["S"], "TimeoutSeconds": 60}),
        polled(W={"Type": "Wait", "SecondsPath": "$.pause", "Next": "G"}),
        polled(W={"Type": "Wait", "Timestamp": "2030-01-01T00:00:00Z", "Next": "G"}),
        polled(Z=work(Parameters={"took.$": "$.job.JobRun.ExecutionTime"})),
        polled(S={**polled()["S"], "Next": "H"}, H={"Type": "Wait", "Seconds": 3600, "Next": "W"}),
        polled(S={**polled()["S"], "Next": "H"}, H={"Type": "Wait", "SecondsPath": "$.x", "Next": "W"}),
    ],
    ids=[
        *(
            "a word while it runs fails",
            "a word that failed is done",
            "starts again",
            "goes on after a failure",
        ),
        *("a handler", "another run", "another job", "asks again", "catches", "starts again by itself"),
        *("has a limit", "a pause of the input", "until a moment", "reads the answer"),
        *("an hour before", "nobody knows how long before"),
    ],
)
def test_a_loop_that_does_something_else_stays(states: dict) -> None:
    workflow, rows = lifted(states)
    assert "deferrable" not in workflow.tasks["S"].call.arguments
    assert len(workflow.tasks) > 1
    assert not open_rows(rows)


def test_a_short_wait_before_the_loop_makes_no_difference() -> None:
    pause = {"Type": "Wait", "Seconds": 120, "Next": "G"}
    workflow, _ = lifted(polled(S={**polled()["S"], "Next": "H"}, H=pause))
    assert edges(workflow) == {("S", "Z")}


def test_what_started_it_is_known_behind_the_loop() -> None:
    use = work(Parameters={"run.$": "$.run.JobRunId", "state.$": STATE})
    workflow, rows = lifted(polled(Z=use))
    assert workflow.tasks["S"].call.operator == GLUE
    payload = arguments(workflow, "Z")["payload"]
    assert payload == '{"run": {{ ti.xcom_pull(task_ids=\'S\') | tojson }}, "state": "SUCCEEDED"}'
    assert not open_rows(rows)


def test_an_error_that_somebody_catches_keeps_its_name() -> None:
    inner = {"StartAt": "S", "States": {**polled(), "Z": {"Type": "Succeed"}}}
    both = {"Type": "Parallel", "Branches": [inner], "Next": "Y"}
    workflow, _ = lifted({"P": both, "Y": work(Parameters={})})
    assert "deferrable" in workflow.tasks["S"].call.arguments
    both["Catch"] = [{"ErrorEquals": ["E"], "Next": "Y"}]
    workflow, _ = lifted({"P": both, "Y": work(Parameters={})})
    assert not any("deferrable" in task.call.arguments for task in workflow.tasks.values())


@pytest.mark.parametrize(
    ("start", "given", "ask", "asked", "path", "ends", "operator", "paced"),
    [
        (
            "athena:startQueryExecution",
            {
                "QueryString": "select 1",
                "QueryExecutionContext": {"Database": "d"},
                "ResultConfiguration": {"OutputLocation": "s3://b/o"},
            },
            "athena:getQueryExecution",
            {"QueryExecutionId.$": "$.run.QueryExecutionId"},
            "QueryExecution.Status.State",
            ("SUCCEEDED", "FAILED", "CANCELLED"),
            "AthenaOperator",
            {"sleep_time": 30, "max_polling_attempts": 1_051_200},
        ),
        (
            "aws-sdk:batch:submitJob",
            {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"},
            "aws-sdk:batch:describeJobs",
            {"Jobs.$": "States.Array($.run.JobId)"},
            "Jobs[0].Status",
            ("SUCCEEDED", "FAILED"),
            "BatchOperator",
            {"deferrable": True, "poll_interval": 30, "max_retries": 1_051_200},
        ),
        (
            "elasticmapreduce:addStep",
            {"ClusterId": "j-1", "Step": {"Name": "s", "HadoopJarStep": {"Jar": "command-runner.jar"}}},
            "aws-sdk:emr:describeStep",
            {"ClusterId": "j-1", "StepId.$": "$.run.StepId"},
            "Step.Status.State",
            ("COMPLETED", "FAILED", "CANCELLED"),
            "EmrAddStepsOperator",
            {"wait_for_completion": True, "waiter_delay": 30, "waiter_max_attempts": 1_051_200},
        ),
        (
            "aws-sdk:emrserverless:startJobRun",
            {
                "ApplicationId": "a",
                "ExecutionRoleArn": "r",
                "JobDriver": {"SparkSubmit": {"EntryPoint": "x"}},
            },
            "aws-sdk:emrserverless:getJobRun",
            {"ApplicationId": "a", "JobRunId.$": "$.run.JobRunId"},
            "JobRun.State",
            ("SUCCESS", "FAILED", "CANCELLED"),
            "EmrServerlessStartJobOperator",
            {"waiter_delay": 30, "waiter_max_attempts": 1_051_200},
        ),
        (
            "emr-containers:startJobRun",
            {
                "Name": "n",
                "VirtualClusterId": "v",
                "ExecutionRoleArn": "r",
                "ReleaseLabel": "l",
                "JobDriver": {},
            },
            "aws-sdk:emrcontainers:describeJobRun",
            {"VirtualClusterId": "v", "Id.$": "$.run.Id"},
            "JobRun.State",
            ("COMPLETED", "FAILED", "CANCELLED"),
            "EmrContainerOperator",
            {"poll_interval": 30, "max_polling_attempts": 1_051_200},
        ),
        (
            "sagemaker:createTrainingJob",
            {"TrainingJobName.$": "$.name", "RoleArn": "r"},
            "aws-sdk:sagemaker:describeTrainingJob",
            {"TrainingJobName.$": "$.name"},
            "TrainingJobStatus",
            ("Completed", "Failed", "Stopped"),
            "SageMakerTrainingOperator",
            {"deferrable": True, "check_interval": 30, "max_attempts": 1_051_200},
        ),
        (
            "aws-sdk:sfn:startExecution",
            {"StateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:x", "Input": "{}"},
            "aws-sdk:sfn:describeExecution",
            {"ExecutionArn.$": "$.run.ExecutionArn"},
            "Status",
            ("SUCCEEDED", "FAILED", "ABORTED"),
            "StepFunctionStartExecutionOperator",
            {"deferrable": True, "waiter_delay": 30, "waiter_max_attempts": 1_051_200},
        ),
        (
            "aws-sdk:redshiftdata:executeStatement",
            {"Sql": "select 1", "Database": "d"},
            "aws-sdk:redshiftdata:describeStatement",
            {"Id.$": "$.run.Id"},
            "Status",
            ("FINISHED", "FAILED", "ABORTED"),
            "RedshiftDataOperator",
            {"poll_interval": 30},
        ),
        (
            "aws-sdk:comprehend:startPiiEntitiesDetectionJob",
            {
                "InputDataConfig": {"S3Uri": "s3://b/i"},
                "OutputDataConfig": {"S3Uri": "s3://b/o"},
                "Mode": "ONLY_REDACTION",
                "DataAccessRoleArn": "r",
                "LanguageCode": "en",
            },
            "aws-sdk:comprehend:describePiiEntitiesDetectionJob",
            {"JobId.$": "$.run.JobId"},
            "PiiEntitiesDetectionJobProperties.JobStatus",
            ("COMPLETED", "FAILED", "STOPPED"),
            "ComprehendStartPiiEntitiesDetectionJobOperator",
            {"waiter_delay": 30, "waiter_max_attempts": 1_051_200},
        ),
    ],
    ids=[
        "athena",
        "batch",
        "emr",
        "emr serverless",
        "emr on eks",
        "sagemaker",
        "step functions",
        "redshift",
        "comprehend",
    ],
)
def test_services(
    start: str,
    given: dict,
    ask: str,
    asked: dict,
    path: str,
    ends: tuple[str, ...],
    operator: str,
    paced: dict,
) -> None:
    good, *bad = ends
    place = f"$.job.{path}"
    states = polled(
        choice(*at(good, target="Z", path=place), *at(*bad, target="F", path=place), default="W"),
        S=call(OPTIMIZED + start, "W", given, ResultPath="$.run"),
        G=call(OPTIMIZED + ask, "C", asked, ResultPath="$.job"),
    )
    workflow, rows = lifted(states)
    assert workflow.tasks["S"].call.operator.endswith(f".{operator}")
    assert arguments(workflow).items() >= paced.items()
    assert edges(workflow) == {("S", "Z")}
    assert not open_rows(rows)


def test_variables_of_jsonata() -> None:
    ask = {"JobName": "{% $job %}", "RunId": "{% $run %}"}
    assign = {"n": "{% $n + 1 %}", "state": "{% $states.result.JobRun.JobRunState %}"}
    begun = {"run": "{% $states.result.JobRunId %}", "job": "{% $states.input.job %}", "n": 0}
    rules = [
        {"Condition": "{% $state = 'SUCCEEDED' %}", "Next": "Z"},
        {"Condition": "{% $state in ['FAILED', 'ERROR', 'TIMEOUT', 'STOPPED'] or $n >= 40 %}", "Next": "F"},
    ]
    job = {"JobName": "{% $states.input.job %}"}
    states = {
        "S": work("W", Resource=SDK + "glue:startJobRun", Arguments=job, Assign=begun),
        "W": {"Type": "Wait", "Seconds": "{% 45 %}", "Next": "G"},
        "G": work("C", Resource=SDK + "glue:getJobRun", Arguments=ask, Assign=assign),
        "C": {"Type": "Choice", "Choices": rules, "Default": "W"},
        "F": {"Type": "Fail", "Error": "{% 'it is ' & $state %}"},
        "Z": work(Arguments={"run": "{% $run %}"}),
    }
    workflow, rows = lifted(states, QueryLanguage="JSONata")
    assert arguments(workflow).items() >= {"waiter_delay": 45, "waiter_max_attempts": 40}.items()
    assert not open_rows(rows)
