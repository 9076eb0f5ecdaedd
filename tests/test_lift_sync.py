"""Jobs that a function starts and waits for; answers of which more is read than operators return."""

from __future__ import annotations

import inspect
import json
import re
import types
from datetime import datetime, timezone
from typing import Any

import pytest
from tests.test_lift import lifted, open_rows, work
from tests.test_lift_groups import source

from dagmig.asl.lift import runtime, sdk, sync, sync_clusters, sync_serverless
from dagmig.asl.lift.document import Known, Obj, plain
from dagmig.asl.lift.renamed import api_call
from dagmig.asl.resource import parse
from dagmig.asl.services import services
from dagmig.asl.services.optimized import OPTIMIZED
from dagmig.asl.services.spelling import parameters
from dagmig.diagnostics import Disposition

STATES = "arn:aws:states:::"
EVERY = {**vars(sync), **vars(sync_clusters), **vars(sync_serverless)}
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
    "retried_builds_to_end": (
        {"buildBatch": {"id": "b"}},
        "batch_get_build_batches",
        "buildBatches.0.buildBatchStatus",
    ),
    "model_job_to_end": ({"jobArn": "j"}, "get_model_customization_job", "status"),
    "eks_cluster_to_end": ({}, "describe_cluster", "cluster.status"),
    "nodegroup_to_end": ({}, "describe_nodegroup", "nodegroup.status"),
    "fargate_profile_to_end": ({}, "describe_fargate_profile", "fargateProfile.status"),
    "emr_cluster_to_end": ({"JobFlowId": "c"}, "describe_cluster", "Cluster.Status.State"),
    "emr_cluster_to_gone": ({}, "describe_cluster", "Cluster.Status.State"),
    "emr_step_to_end": ({"StepIds": ["s"]}, "describe_step", "Step.Status.State"),
    "emr_on_eks_job_to_end": ({"id": "j"}, "describe_job_run", "jobRun.state"),
    "virtual_cluster_to_gone": ({}, "describe_virtual_cluster", "virtualCluster.state"),
    "application_to_end": ({"applicationId": "a"}, "get_application", "application.state"),
    "application_to_start": ({}, "get_application", "application.state"),
    "application_to_stop": ({}, "get_application", "application.state"),
    "application_to_gone": ({}, "get_application", "application.state"),
    "serverless_job_to_end": ({"jobRunId": "j"}, "get_job_run", "jobRun.state"),
    "serverless_job_to_cancel": ({"jobRunId": "j"}, "get_job_run", "jobRun.state"),
}
OWN_WORDS = {
    "builds_to_end": ("IN_PROGRESS", "SUCCEEDED"),
    "retried_builds_to_end": ("IN_PROGRESS", "SUCCEEDED"),
    "output_to_end": ("RUNNING", "SUCCEEDED"),
    "application_to_end": ("CREATING", "CREATED"),
    "application_to_start": ("STARTING", "STARTED"),
    "application_to_stop": ("STOPPING", "STOPPED"),
    "application_to_gone": ("STOPPED", "TERMINATED"),
    "serverless_job_to_end": ("SCHEDULED", "SUCCESS"),
    "serverless_job_to_cancel": ("CANCELLING", "CANCELLED"),
}  # of those that ask by way of another function
SAID_BEFORE = ("application_to_", "serverless_job_to_cancel")  # they return what the first call answers
UNTIL_GONE = {
    "eks_cluster_to_gone": ("delete_cluster", "describe_cluster", "cluster"),
    "nodegroup_to_gone": ("delete_nodegroup", "describe_nodegroup", "nodegroup"),
    "fargate_profile_to_gone": ("delete_fargate_profile", "describe_fargate_profile", "fargateProfile"),
}
GIVEN = {
    name: name
    for name in (
        *("Name", "JobName", "LabelingJobName", "ProcessingJobName", "TrainingJobName", "TransformJobName"),
        *("HyperParameterTuningJobName", "name", "clusterName", "nodegroupName", "fargateProfileName"),
        *("JobFlowIds", "JobFlowId", "virtualClusterId", "id", "applicationId", "jobRunId"),
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
    if name in OWN_WORDS:
        return OWN_WORDS[name]
    text = inspect.getsource(EVERY[name])
    running, good = re.findall(r"\[((?:\"\w+\"(?:, )?)+)\]", text)[-2:]
    return json.loads(f"[{running}]")[0], json.loads(f"[{good}]")[0]


@pytest.mark.parametrize("name", ENDS)
def test_a_job_is_waited_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.time, "sleep", lambda _: None)
    running, good = words(name)
    client = Client(*ENDS[name], [running, running, good])
    found = EVERY[name](client, **GIVEN)
    assert len(client.called) == 4
    assert good in json.dumps(found) or name.startswith(SAID_BEFORE)
    if name == "output_to_end":
        assert (found["Input"], found["Output"]) == ({}, {"a": 1})
    client = Client(*ENDS[name], [running, "Broken"])
    with pytest.raises(ValueError, match="has failed") as raised:
        EVERY[name](client, **GIVEN)
    said = runtime.error_output(raised.value)
    assert said["Error"] == "States.TaskFailed"
    assert "Broken" in said["Cause"]


class Leaving(Client):
    """What is deleted: it is said to be in these states, and then gone."""

    def __getattr__(self, name: str) -> Any:
        def call(**_: Any) -> Any:
            self.called.append(name)
            if self.words:
                return {self.place[0]: {"status": self.words.pop(0)}}
            raise gone()

        return call


def gone() -> Exception:
    error = Exception("gone")
    error.response = {"Error": {"Code": "ResourceNotFoundException"}}  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize("name", UNTIL_GONE)
def test_what_is_deleted_is_waited_for_until_it_is_gone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.time, "sleep", lambda _: None)
    delete, ask, member = UNTIL_GONE[name]
    client = Leaving({}, "", member, ["DELETING", "DELETING"])
    found = EVERY[name](client, clusterName="c")
    assert client.called == [delete, ask, ask]
    assert found == {member[:1].upper() + member[1:]: {"Status": "DELETING"}}
    with pytest.raises(ValueError, match="not deleted") as raised:
        EVERY[name](Leaving({}, "", member, ["DELETING", "DELETE_FAILED"]), clusterName="c")
    assert runtime.error_output(raised.value)["Error"] == "States.TaskFailed"


def test_a_task_of_ecs_ends_as_its_containers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.time, "sleep", lambda _: None)

    def ran(*tasks: dict[str, Any], failures: tuple[str, ...] = ()) -> Any:
        found = iter(tasks)
        client = types.SimpleNamespace(
            run_task=lambda **_: {"tasks": [{"taskArn": "t"}], "failures": list(failures)},
            describe_tasks=lambda cluster, tasks: {"tasks": [next(found)]},
        )
        return sync_clusters.ecs_task_to_end(client, taskDefinition="d")

    runs = {"lastStatus": "RUNNING", "containers": [{"name": "a"}]}
    good = {"lastStatus": "STOPPED", "containers": [{"name": "a", "exitCode": 0}], "taskArn": "t"}
    assert ran(runs, good) == {
        "LastStatus": "STOPPED",
        "Containers": [{"Name": "a", "ExitCode": 0}],
        "TaskArn": "t",
    }
    bad = {
        "lastStatus": "STOPPED",
        "containers": [{"name": "a", "exitCode": 0}, {"name": "b", "exitCode": 1}],
    }
    for last in (bad, {"lastStatus": "STOPPED", "containers": [{"name": "a"}]}):
        with pytest.raises(ValueError, match="has failed") as raised:
            ran(runs, last)
        assert runtime.error_output(raised.value)["Error"] == "States.TaskFailed"
    with pytest.raises(ValueError, match="no task has started") as raised:
        ran(failures=("AGENT",))
    said = runtime.error_output(raised.value)
    assert (said["Error"], json.loads(said["Cause"])["Failures"]) == ("AmazonECS.Unknown", ["AGENT"])


NEEDED = {
    "addStep": ("ClusterId", "Step"),
    "terminateCluster": ("ClusterId",),
    **dict.fromkeys(("startApplication", "stopApplication", "deleteApplication"), ("ApplicationId",)),
}


def test_each_calls_methods_of_the_service_that_it_is_for() -> None:
    names = set(ENDS) | set(UNTIL_GONE) | {"ecs_task_to_end", "cluster_job_to_end"}
    assert names == {name.rstrip("(") for name in sdk.WAITS}
    for text, name in sdk._SYNC.items():
        resource = parse(STATES + text)
        assert resource.pattern in OPTIMIZED[resource.service][resource.action]
        needed = NEEDED.get(resource.action, ())
        made = api_call(resource, Obj(dict.fromkeys(needed, Known("x"))))
        assert made is not None
        found = next(one for one in services().values() if one.client == made.client)
        methods = {sdk.method(one.name) for one in found.actions.values()}
        called = re.findall(r"client\.(\w+)\(", inspect.getsource(EVERY[name]))
        assert set(called) <= methods
        if name != "output_to_end":
            assert sdk.method(made.action.name) == called[0]


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
    given = {"FunctionName": "f", "InvocationType": "Event"}
    reply = work("B", Resource=STATES + "lambda:invoke", Parameters=given)
    workflow, rows = lifted({"A": reply, "B": work(Parameters={"v.$": "$.ExecutedVersion"})})
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
    place = {"ClusterName": "c", "CertificateAuthority": "YQ==", "Endpoint": "https://e"}
    pod = {"spec": {"containers": [{"name": "base", "image": "i"}]}}
    job = {"metadata": {"name": "n"}, "spec": {"backoffLimit": 0, "template": pod}}
    run = work(Resource=STATES + "eks:runJob.sync", Parameters={**place, "Job": job})
    workflow, rows = lifted({"A": {**run, "Credentials": {"RoleArn": role}}})
    (found,) = (row for row in open_rows(rows) if row.startswith("Credentials"))
    assert "`aws_the_runner`" in found
    assert role in found
    assert getattr(workflow.tasks["A"].call.arguments["aws_conn_id"], "value", "") == "aws_the_runner"
    _, rows = lifted({"A": {**run, "Credentials": {"RoleArn.$": "$.role"}}})
    assert any("only known when the machine runs" in row for row in open_rows(rows))


@pytest.mark.parametrize(
    ("client", "action", "given"),
    [
        (
            "ecs",
            "RunTask",
            {
                "Cluster": "c",
                "Tags": [{"Key": "k", "Value": "V"}],
                "Overrides": {
                    "ContainerOverrides": [{"Name": "n", "Environment": [{"Name": "A", "Value": "b"}]}]
                },
            },
        ),
        ("batch", "SubmitJob", {"Parameters": {"Day": "1"}, "ArrayProperties": {"Size": 2}}),
        ("eks", "CreateCluster", {"Tags": {"Team": "t"}, "ResourcesVpcConfig": {"SubnetIds": ["s"]}}),
    ],
)
def test_what_only_the_run_knows_is_spelled_as_what_is_known(
    client: str, action: str, given: dict[str, Any]
) -> None:
    """The keys of maps stay as they are."""
    shape = parameters(client, action)
    inner = shape.in_camel_case()
    assert inner is not None
    assert runtime.in_camel_case(given, inner) == plain(sdk.spell(Known(given), shape, action))


def test_an_object_of_the_run_is_spelled_for_the_client() -> None:
    given = {"TaskDefinition": "t", "Overrides.$": "$.overrides"}
    workflow, rows = lifted({"A": work(Resource=STATES + "ecs:runTask.sync", Parameters=given)})
    assert open_rows(rows) == []
    assert 'in_camel_case(dag_run.conf["overrides"], {"ContainerOverrides": ' in source(workflow.tasks["A"])
    workflow, rows = lifted({"A": work(Resource=STATES + "ecs:runTask", InputPath="$.all")})
    assert open_rows(rows) == []
    assert '**in_camel_case(dag_run.conf["all"], ' in source(workflow.tasks["A"])


@pytest.mark.parametrize(
    ("client", "action"),
    [("emr-containers", "StartJobRun"), ("wafv2", "CreateWebACL"), ("backup", "ListTags")],
)
def test_what_is_within_itself_is_not_spelled(client: str, action: str) -> None:
    shape = parameters(client, action)
    assert shape.is_plain or shape.in_camel_case() is None
