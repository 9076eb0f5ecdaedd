"""Jobs that a function starts and waits for; answers of which more is read than operators return."""

from __future__ import annotations

import inspect
import json
import re
from datetime import datetime, timezone
from typing import Any

import pytest
from tests.test_lift import WAITED, lifted, open_rows, work
from tests.test_lift_groups import source

from dagmig.asl.lift import runtime, sdk, sync
from dagmig.asl.resource import parse
from dagmig.asl.services import service
from dagmig.asl.services.optimized import OPTIMIZED, api_action, client_name
from dagmig.diagnostics import Disposition

STATES = "arn:aws:states:::"
ALL = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}
ENDS = {
    "query_to_end": ({"QueryExecutionId": "q"}, "get_query_execution", "QueryExecution.Status.State"),
    "batch_job_to_end": ({"jobId": "j"}, "describe_jobs", "jobs.0.status"),
    "build_to_end": ({"build": {"id": "b"}}, "batch_get_builds", "builds.0.buildStatus"),
    "builds_to_end": (
        {"buildBatch": {"id": "b"}},
        "batch_get_build_batches",
        "buildBatches.0.buildBatchStatus",
    ),
    "databrew_job_to_end": ({"RunId": "r"}, "describe_job_run", "State"),
    "glue_job_to_end": ({"JobRunId": "r"}, "get_job_run", "JobRun.JobRunState"),
    "media_job_to_end": ({"Job": {"Id": "m"}}, "get_job", "Job.Status"),
    "labeling_to_end": ({}, "describe_labeling_job", "LabelingJobStatus"),
    "processing_to_end": ({}, "describe_processing_job", "ProcessingJobStatus"),
    "training_to_end": ({}, "describe_training_job", "TrainingJobStatus"),
    "transform_to_end": ({}, "describe_transform_job", "TransformJobStatus"),
    "tuning_to_end": ({}, "describe_hyper_parameter_tuning_job", "HyperParameterTuningJobStatus"),
    "execution_to_end": ({"executionArn": "e"}, "describe_execution", "status"),
    "output_to_end": ({"executionArn": "e"}, "describe_execution", "status"),
}
WORDS = {"InProgress": "Completed", "PROGRESSING": "COMPLETE"}
GIVEN = {
    name: name
    for name in (
        *("Name", "JobName", "LabelingJobName", "ProcessingJobName", "TrainingJobName", "TransformJobName"),
        "HyperParameterTuningJobName",
    )
}


class Client:
    """A service whose job is found in these states, one a look."""

    def __init__(self, start: Any, ask: str, place: str, words: list[str]) -> None:
        self.start, self.ask, self.place, self.words = start, ask, place.split("."), words
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(**_: Any) -> Any:
            self.called.append(name)
            if name != self.ask:
                return self.start
            found: Any = self.words.pop(0)
            for key in reversed(self.place):
                found = [found] if key == "0" else {key: found}
            return {
                **found,
                "input": "{}",
                "output": '{"a": 1}',
                "at": datetime(2024, 1, 2, tzinfo=timezone.utc),
            }

        return call


def words(name: str) -> tuple[str, str]:
    """A word of a job that runs, and of one that has ended well."""
    text = inspect.getsource(getattr(sync, "execution_to_end" if name == "output_to_end" else name))
    running, good = re.findall(r"\[((?:\"\w+\"(?:, )?)+)\]", text)[-2:]
    return json.loads(f"[{running}]")[0], json.loads(f"[{good}]")[0]


@pytest.mark.parametrize("name", ENDS)
def test_a_job_is_waited_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.time, "sleep", lambda _: None)
    running, good = words(name)
    client = Client(*ENDS[name], [running, running, good])
    found = getattr(sync, name)(client, **GIVEN)
    assert len(client.called) == 4
    assert good in json.dumps(found)
    if name == "output_to_end":
        assert (found["Input"], found["Output"]) == ({}, {"a": 1})
    client = Client(*ENDS[name], [running, "Broken"])
    with pytest.raises(ValueError, match="has failed") as raised:
        getattr(sync, name)(client, **GIVEN)
    said = runtime.error_output(raised.value)
    assert said["Error"] == "States.TaskFailed"
    assert "Broken" in said["Cause"]


def test_each_calls_methods_of_the_service_that_it_is_for() -> None:
    assert set(ENDS) == {name.rstrip("(") for name in sdk.WAITS}
    for text, name in sdk._SYNC.items():
        resource = parse(STATES + text)
        assert resource.pattern in OPTIMIZED[resource.service][resource.action]
        action = api_action(resource.service, resource.action)
        assert action is not None
        own = {"states": "sfn"}.get(resource.service, resource.service)
        found = service(own)
        assert found is not None
        methods = {sdk.method(one.name) for one in found.actions.values()}
        called = re.findall(r"client\.(\w+)\(", inspect.getsource(getattr(sync, name)))
        assert set(called) <= methods
        if name != "output_to_end":
            assert sdk.method(action.name) == called[0]
        assert client_name(resource.service) == found.client


def test_an_operator_that_cannot_be_given_all_is_a_function() -> None:
    """AthenaOperator needs a database."""
    query = {"QueryString": "SELECT 1", "WorkGroup": "w"}
    task = work(Resource=STATES + "athena:startQueryExecution.sync", Parameters=query)
    workflow, rows = lifted({"A": task})
    assert open_rows(rows) == []
    assert "query_to_end(" in source(workflow.tasks["A"])
    assert workflow.tasks.keys() == {"A"}


def test_what_is_read_of_an_answer_decides() -> None:
    """Only where something reads what the operator does not return is it a function."""
    train = work(
        "B", Resource=STATES + "sagemaker:createTrainingJob.sync", Parameters={"TrainingJobName": "t"}
    )
    use = work(Parameters={"place.$": "$.ModelArtifacts.S3ModelArtifacts"})
    workflow, rows = lifted({"A": train, "B": use})
    assert open_rows(rows) == []
    assert workflow.tasks["A"].call.operator == "@task"
    reply = work("B", Resource=STATES + "lambda:invoke", Parameters={"FunctionName": "f"})
    read = lifted({"A": reply, "B": work(Parameters={"v.$": "$.ExecutedVersion"})})[0]
    assert 'invoked("f", {})' in source(read.tasks["A"])
    unread = lifted({"A": reply, "B": work(Parameters={"v.$": "$.Payload"})})[0]
    assert unread.tasks["A"].call.operator != "@task"


def test_a_mark_is_never_seen() -> None:
    reply = work(
        "B", Resource=STATES + "ecs:runTask.sync", Parameters={"TaskDefinition": "t", "Cluster": "c"}
    )
    workflow, rows = lifted({"A": reply, "B": work(Parameters={"v.$": "$.TaskArn"})})
    assert open_rows(rows)
    assert not any("\0" in row.difference for row in rows)
    assert "\0" not in source(workflow.tasks["B"])


def test_a_job_in_a_group_has_no_timeout() -> None:
    job = work(Resource=STATES + "glue:startJobRun.sync", Parameters={"JobName": "j"}, TimeoutSeconds=60)
    scopes = [{"StartAt": "S", "States": {"S": job}}, {"StartAt": "T", "States": {"T": work()}}]
    _, rows = lifted({"P": {"Type": "Parallel", "Branches": scopes, "Retry": [ALL], "End": True}})
    assert [row.construct for row in rows if row.disposition is Disposition.DECISION] == ["timeout"]


def test_a_role_of_an_operator_is_that_of_a_connection() -> None:
    role = "arn:aws:iam::1:role/team/The-Runner"
    workflow, rows = lifted({"A": {**WAITED, "Credentials": {"RoleArn": role}}})
    (found,) = (row for row in open_rows(rows) if row.startswith("Credentials"))
    assert "`aws_the_runner`" in found
    assert role in found
    assert getattr(workflow.tasks["A"].call.arguments["aws_conn_id"], "value", "") == "aws_the_runner"
    _, rows = lifted({"A": {**WAITED, "Credentials": {"RoleArn.$": "$.role"}}})
    assert any("only known when the machine runs" in row for row in open_rows(rows))
