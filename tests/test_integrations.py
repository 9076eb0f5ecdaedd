"""Every integration by its fixtures: forward, back, and forward again; see ``literate``."""

from __future__ import annotations

import pytest
from tests.round_trips import differences

from dagmig.airflow.read import read
from dagmig.diagnostics import Disposition, Report, Severity, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration, registry
from dagmig.integrations.old_names import PRESENT
from dagmig.lint.check import check
from dagmig.lint.source import Source
from dagmig.pipeline import Converted, airflow_to_asl
from literate import FOLDER, Case, cases, generated, lifted

CASES = [pytest.param(case, id=case.id) for path in sorted(FOLDER.glob("*.md")) for case in cases(path)]
S3 = "airflow.providers.amazon.aws.operators.s3."
DMS = "airflow.providers.amazon.aws.operators.dms."
EC2 = "airflow.providers.amazon.aws.operators.ec2."
EMR = "airflow.providers.amazon.aws.operators.emr."
BACK = {
    S3 + "S3ListOperator": (
        ("aws-sdk:s3:listObjectsV2", {"Bucket": "b", "Prefix": "p", "MaxKeys": 5}),
        {"bucket": "b", "prefix": "p"},
        ["`MaxKeys` is not an argument of the operator"],
    ),
    S3 + "S3DeleteObjectsOperator": (
        ("aws-sdk:s3:deleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}}),
        {"bucket": "b", "keys": ["x", "y"]},
        [],
    ),
    S3 + "S3CopyObjectOperator": (
        ("aws-sdk:s3:copyObject", {"Bucket": "b", "Key": "k", "CopySource": "/a/x%2By", "Metadata": {}}),
        {"dest_bucket_name": "b", "dest_bucket_key": "k", "source_bucket_name": "a",
         "source_bucket_key": "x+y"},
        ["`Metadata` is not an argument of the operator"],
    ),
    S3 + "S3CreateObjectOperator": (
        ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k"}),
        {"s3_bucket": "b", "s3_key": "k", "data": "", "replace": True},
        [],
    ),
    "airflow.providers.amazon.aws.operators.ecs.EcsRunTaskOperator": (
        ("ecs:runTask", {"Cluster": "c", "TaskDefinition": "d", "Count": 2}),
        {"cluster": "c", "task_definition": "d", "launch_type": None, "overrides": {},
         "wait_for_completion": False},
        ["`Count` is not an argument of EcsRunTaskOperator"],
    ),
    "airflow.providers.amazon.aws.operators.sqs.SqsPublishOperator": (
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m"}),
        {"sqs_queue": "q", "message_content": "m"},
        ["the operator sends a delay of 0 seconds, which overrides the queue's own delay"],
    ),
    "airflow.providers.amazon.aws.operators.glue.GlueJobOperator": (
        ("glue:startJobRun.sync", {"JobName": "j", "Timeout": 5}),
        {"job_name": "j", "run_job_kwargs": {"Timeout": 5}},
        [],
    ),
    "airflow.providers.amazon.aws.operators.batch.BatchOperator": (
        ("batch:submitJob", {"JobName": "j", "JobDefinition": "d", "Timeout": {"Other": 1}}),
        {"job_name": "j", "job_definition": "d", "job_queue": None, "wait_for_completion": False},
        ["`Timeout` cannot be an argument of BatchOperator: more than AttemptDurationSeconds",
         "`job_queue` is not given, and BatchOperator needs it"],
    ),
    "airflow.providers.amazon.aws.operators.sns.SnsPublishOperator": (
        ("sns:publish", {"TopicArn": "t", "Message": "m", "MessageAttributes": {"a": {"DataType": "X"}}}),
        {"target_arn": "t", "message": "m"},
        ["`MessageAttributes` cannot be an argument of SnsPublishOperator: an attribute is neither text, "
         "a number nor a list"],
    ),
    "airflow.providers.amazon.aws.operators.step_function.StepFunctionStartExecutionOperator": (
        ("states:startExecution.sync", {"StateMachineArn": "m", "Input": {"a": 1}}),
        {"state_machine_arn": "m", "state_machine_input": {"a": 1}, "deferrable": True,
         "waiter_max_attempts": 525600},
        [],
    ),
    "airflow.providers.amazon.aws.operators.glue_databrew.GlueDataBrewStartJobOperator": (
        ("databrew:startJobRun.sync", {"Name": "n"}),
        {"job_name": "n", "waiter_max_attempts": 1051200},
        ["where the work fails, GlueDataBrewStartJobOperator goes on; the state does not"],
    ),
    EMR + "EmrServerlessCreateApplicationOperator": (
        ("emr-serverless:createApplication.sync", {"ReleaseLabel": "r", "Type": "SPARK", "Name": "n"}),
        {"release_label": "r", "job_type": "SPARK", "config": {"name": "n"}, "waiter_max_attempts": 525600},
        ["the operator also starts the application"],
    ),
    EMR + "EmrServerlessDeleteApplicationOperator": (
        ("emr-serverless:deleteApplication", {"ApplicationId": "a"}),
        {"application_id": "a", "wait_for_completion": False},
        ["the operator also stops the application"],
    ),
    EMR + "EmrCreateJobFlowOperator": (
        ("elasticmapreduce:createCluster.sync", {"Name": "n"}),
        {"job_flow_overrides": {"Name": "n"}, "wait_for_completion": True, "waiter_max_attempts": 525600},
        ["where the work fails, EmrCreateJobFlowOperator terminates the cluster; the state does not"],
    ),
    EC2 + "EC2StartInstanceOperator": (
        ("aws-sdk:ec2:startInstances", {"InstanceIds": ["i-1"]}),
        {"instance_id": "i-1"},
        ["EC2StartInstanceOperator waits until the work has ended; the state does not"],
    ),
    EC2 + "EC2StopInstanceOperator": (
        ("aws-sdk:ec2:stopInstances", {"InstanceIds": ["i-1", "i-2"]}),
        {"instance_id": None},
        [
            "`InstanceIds` cannot be an argument of EC2StopInstanceOperator: more than one instance",
            "`instance_id` is not given, and EC2StopInstanceOperator needs it",
            "EC2StopInstanceOperator waits until the work has ended; the state does not",
        ],
    ),
    DMS + "DmsCreateTaskOperator": (
        ("aws-sdk:databasemigration:createReplicationTask",
         {"ReplicationTaskIdentifier": "t", "SourceEndpointArn": "s", "TargetEndpointArn": "g",
          "ReplicationInstanceArn": "i", "MigrationType": "cdc", "TableMappings": '{"rules": []}'}),
        {"replication_task_id": "t", "source_endpoint_arn": "s", "target_endpoint_arn": "g",
         "replication_instance_arn": "i", "migration_type": "cdc", "table_mappings": {"rules": []}},
        ["DmsCreateTaskOperator waits until the work has ended; the state does not"],
    ),
    DMS + "DmsDeleteTaskOperator": (
        ("aws-sdk:databasemigration:deleteReplicationTask", {"ReplicationTaskArn": "t"}),
        {"replication_task_arn": "t"},
        ["DmsDeleteTaskOperator waits until the work has ended; the state does not"],
    ),
    EMR + "EmrAddStepsOperator": (
        ("elasticmapreduce:addStep", {"ClusterId": "c", "Step": {"Name": "s"}}),
        {"job_flow_id": "c", "steps": [{"Name": "s"}]},
        [],
    ),
}  # fmt: skip
BOTH_WAYS = [param for param in CASES if not param.values[0].is_one_way]


def forward(dag: str) -> Converted:
    (converted,) = airflow_to_asl(dag, "dag.py", Report())
    return converted


def shown(*, is_back: bool) -> set[str]:
    """The operators that the fixtures show, those that come back only."""
    found: set[str] = set()
    for case in (param.values[0] for param in CASES):
        text = case.blocks.get("py back", "") if is_back else case.dag
        for workflow in read(text, "dag.py", Report()):
            calls = [registry().for_operator(task.call.operator) for task in workflow.tasks.values()]
            found |= {integration.operator for integration in calls if integration is not None}
    return found


def named(integration: Integration) -> str:
    return integration.operator.rpartition(".")[2]


@pytest.mark.parametrize("case", CASES)
def test_fixture_is_what_dagmig_makes(case: Case) -> None:
    """``python -m tests.literate`` prints what differs."""
    assert case.blocks == generated(case)


@pytest.mark.parametrize("case", CASES)
def test_machine_passes_our_own_linter(case: Case) -> None:
    found = check(Source(case.blocks["json"], "machine.asl.json", "machine")).found
    assert [str(d) for d in found if d.severity is Severity.ERROR] == []


@pytest.mark.parametrize("case", BOTH_WAYS)
def test_there_and_back_and_there_again_is_the_same_machine(case: Case) -> None:
    first = forward(case.dag)
    again = forward(lifted(first).text)
    if case.way == "settles":
        assert again.machine != first.machine, "it comes back fully"
        first, again = again, forward(lifted(again).text)
    assert again.machine == first.machine
    assert again.functions == first.functions


@pytest.mark.parametrize("case", BOTH_WAYS)
def test_what_is_exact_comes_back_as_it_was(case: Case) -> None:
    """Where no row of either ledger says otherwise, the tasks are those of the DAG."""
    there = forward(case.dag)
    back = lifted(there)
    differing = {row.task for row in [*there.report.rows, *back.report.rows] if row.difference}
    (before,) = read(case.dag, "dag.py", Report())
    (after,) = read(back.text, "dag.py", Report())
    names = before.tasks.keys() - differing
    assert [str(one) for one in differences(before, after) if one.task in names] == []


@pytest.mark.parametrize("integration", registry().integrations, ids=named)
def test_every_integration_has_a_fixture(integration: Integration) -> None:
    assert integration.operator in shown(is_back=False)
    shown_back = shown(is_back=True) | BACK.keys()
    assert integration.to_airflow is None or integration.operator in shown_back


@pytest.mark.parametrize("integration", registry().integrations, ids=named)
def test_no_argument_disappears(integration: Integration) -> None:
    """An argument nobody knows is an open row, whatever the operator."""
    report = Report()
    integration.to_asl(Task("t", Call(integration.operator, {"surprise": Literal(1)})), report)
    rows = [row for row in report.rows if "`surprise`" in row.difference]
    assert [row.disposition for row in rows] == [Disposition.DECISION]


@pytest.mark.parametrize(("operator", "case"), BACK.items(), ids=[name.rpartition(".")[2] for name in BACK])
def test_a_state_that_no_dag_of_ours_has(operator: str, case: tuple) -> None:
    (action, parameters), arguments, differences = case
    resource = f"arn:aws:states:::{action}"
    integration = registry().for_resource(resource)
    assert integration is not None
    assert integration.to_airflow is not None
    report = Report()
    values = {name: Literal(value) for name, value in parameters.items()}
    call = integration.to_airflow(resource, values, Span("machine.asl.json"), report)
    assert call.operator == operator
    assert {name: value.value for name, value in call.arguments.items()} == arguments
    assert [row.difference for row in report.rows] == differences


def test_a_resource_belongs_to_one_operator() -> None:
    found = [resource for integration in registry().integrations for resource in integration.resources]
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "${AWS::Partition}"])
def test_a_resource_is_found_in_whatever_partition(partition: str) -> None:
    found = registry().for_resource(f"arn:{partition}:states:::glue:startJobRun.sync")
    assert found is not None
    assert found.operator.endswith("GlueJobOperator")


@pytest.mark.parametrize("partition", ["aws-cn", "<PARTITION>"])
@pytest.mark.parametrize(
    "action", ["elasticmapreduce:createCluster.sync", "aws-sdk:rds:startDBCluster", "aws-sdk:emr:runJobFlow"]
)
def test_the_way_back_of_one_of_several_calls_in_whatever_partition(partition: str, action: str) -> None:
    resource = f"arn:{partition}:states:::{action}"
    found = registry().for_resource(resource)
    assert found is not None
    assert found.to_airflow is not None
    report, usual = Report(), f"arn:aws:states:::{action}"
    call, expected = (found.to_airflow(one, {}, Span("a"), report) for one in (resource, usual))
    assert call == expected


@pytest.mark.parametrize(
    "resource", ["", "glue:startJobRun", "arn:aws:states:::", "arn:aws:states:::glue:startJobRun.x"]
)
def test_another_resource_is_not_found(resource: str) -> None:
    assert registry().for_resource(resource) is None


def test_instances_of_the_connection_are_an_open_row() -> None:
    """``runJobFlow`` needs ``Instances``, which the extra of an EMR connection may hold."""
    operator = "from airflow.providers.amazon.aws.operators.emr import EmrCreateJobFlowOperator as Create\n"
    dag = "with DAG('d', schedule=None):\n    Create(task_id='a', job_flow_overrides={})\n"
    for given, expected in (("{}", 1), ("{'Instances': {'Ec2SubnetId': 's'}}", 0), ("'{{ x }}'", 0)):
        text = f"{operator}from airflow.sdk import DAG\n{dag}".replace("{}", given)
        (made,) = airflow_to_asl(text, "dag.py", Report())
        rows = [one for one in made.report.rows if one.construct == "emr_conn_id" and one.disposition.is_open]
        assert len(rows) == expected, given


@pytest.mark.parametrize("old", PRESENT)
def test_an_operator_is_known_by_its_old_name(old: str) -> None:
    assert registry().for_operator(old) is registry().for_operator(PRESENT[old]) is not None
