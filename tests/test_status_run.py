"""Operators that wait by asking, and sensors, run against services in memory: endings, limits, outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution, Failed

AWS = "airflow.providers.amazon.aws."
HEAD = f"""\
from datetime import timedelta
from {AWS}operators.appflow import AppflowRunOperator
from {AWS}operators.ec2 import EC2CreateInstanceOperator, EC2StopInstanceOperator
from {AWS}operators.emr import EmrAddStepsOperator, EmrServerlessCreateApplicationOperator
from {AWS}operators.glue_crawler import GlueCrawlerOperator, GlueCrawlerRunOperator
from {AWS}operators.rds import RdsDeleteDbSnapshotOperator, RdsStartDbOperator, RdsStartExportTaskOperator
from {AWS}operators.redshift_cluster import RedshiftDeleteClusterOperator, RedshiftResumeClusterOperator
from {AWS}operators.redshift_data import RedshiftDataOperator
from {AWS}operators.s3 import S3CreateBucketOperator, S3DeleteBucketOperator
from {AWS}operators.sagemaker import SageMakerEndpointOperator
from {AWS}operators.sqs import SqsPublishOperator
from {AWS}sensors.batch import BatchSensor
from {AWS}sensors.cloud_formation import CloudFormationDeleteStackSensor
from {AWS}sensors.dynamodb import DynamoDBValueSensor
from {AWS}sensors.eks import EksClusterStateSensor
from {AWS}sensors.glue_catalog_partition import GlueCatalogPartitionSensor
from {AWS}sensors.redshift_cluster import RedshiftClusterSensor
from {AWS}sensors.sqs import SqsSensor
from {AWS}sensors.step_function import StepFunctionExecutionSensor
from airflow.sdk import DAG

with DAG("d", schedule=None):
    t = """
RESUME = 'RedshiftResumeClusterOperator(task_id="t", cluster_identifier="c", wait_for_completion=True, {})'
CRAWL = 'GlueCrawlerRunOperator(task_id="t", crawler_name="c", {})'
DELETE = 'RedshiftDeleteClusterOperator(task_id="t", cluster_identifier="c")'
SENSE = 'EksClusterStateSensor(task_id="t", cluster_name="c", timeout=600, {})'
STEPS = '[{"Name": "a"}, {"Name": "b"}]'
ADD = f'EmrAddStepsOperator(task_id="t", job_flow_id="j", steps={STEPS}, wait_for_completion=True)'
INSTANCE = 'EC2CreateInstanceOperator(task_id="t", image_id="a", wait_for_completion=True)'
SCRIPT = dict[str, list[Any]]


def tell(content: str = "t.output") -> str:
    """A task after it that sends on what it returned."""
    return f'\n    SqsPublishOperator(task_id="tell", sqs_queue="q", message_content={content}) << t\n'


def cluster(word: str) -> dict[str, Any]:
    return {"Clusters": [{"ClusterStatus": word}]}


def crawler(state: str, last: str = "") -> dict[str, Any]:
    return {"Crawler": {"State": state, **({"LastCrawl": {"Status": last}} if last else {})}}


def instances(*words: str) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [{"State": {"Name": word}} for word in words]}]}


@dataclass
class Service:
    """Answers each action by its script, the last one again and again; an error is raised by its name."""

    script: SCRIPT
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, resource: str, arguments: Any) -> Any:
        action = resource.rpartition(":")[2]
        self.calls.append((action, arguments))
        answers = self.script.get(action, [{}])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, str):
            raise Failed(answer, "because")
        return answer

    def of(self, action: str) -> list[Any]:
        return [arguments for name, arguments in self.calls if name == action]


def run(task: str, script: SCRIPT) -> tuple[Service, Execution]:
    """Convert and run a task. Raises ``Failed``."""
    (one,) = airflow_to_asl(HEAD + task + "\n", "dag.py", Report())
    service = Service(script)
    execution = Execution(service)
    execution.run(one.machine)
    return service, execution


@pytest.mark.parametrize(
    ("task", "script", "asked", "seconds"),
    [
        (RESUME.format(""), {"describeClusters": [cluster("resuming"), cluster("available")]}, 2, 60),
        (RESUME.format("poll_interval=7"), {"describeClusters": [cluster("available")]}, 1, 7),
        (
            RESUME.format("deferrable=True"),
            {
                "describeClusters": [
                    "Redshift.ClusterNotFoundException",
                    {"Clusters": []},
                    cluster("available"),
                ]
            },
            3,
            90,
        ),
        (DELETE, {"describeClusters": [cluster("deleting"), "Redshift.ClusterNotFoundException"]}, 2, 60),
        (
            'RdsDeleteDbSnapshotOperator(task_id="t", db_type="cluster", db_snapshot_identifier="s")',
            {"describeDBClusterSnapshots": ["Rds.DbClusterSnapshotNotFoundException"]},
            1,
            30,
        ),
        (
            'RdsStartExportTaskOperator(task_id="t", export_task_identifier="e", source_arn="s", '
            's3_bucket_name="b", iam_role_arn="r", kms_key_id="k")',
            {
                "describeExportTasks": [
                    {"ExportTasks": [{"Status": "STARTING"}]},
                    {"ExportTasks": [{"Status": "COMPLETE"}]},
                ]
            },
            2,
            60,
        ),
        (
            CRAWL.format(""),
            {"getCrawler": [crawler("RUNNING", "FAILED"), crawler("READY", "SUCCEEDED")]},
            2,
            10,
        ),
        (CRAWL.format(""), {"getCrawler": [crawler("READY")]}, 1, 5),
        (
            CRAWL.format("fail_on_already_running=False"),
            {"startCrawler": ["Glue.CrawlerRunningException"], "getCrawler": [crawler("READY")]},
            1,
            5,
        ),
        (
            ADD,
            {
                "addJobFlowSteps": [{"StepIds": ["1", "2"]}],
                "listSteps": [
                    {"Steps": [{"Status": {"State": "COMPLETED"}}, {"Status": {"State": "RUNNING"}}]},
                    {"Steps": [{"Status": {"State": "COMPLETED"}}, {"Status": {"State": "COMPLETED"}}]},
                ],
            },
            2,
            60,
        ),
        (
            INSTANCE,
            {
                "runInstances": [{"Instances": [{"InstanceId": "i"}]}],
                "describeInstances": [{"Reservations": []}, instances("pending"), instances("running")],
            },
            3,
            60,
        ),
        (
            'EC2StopInstanceOperator(task_id="t", instance_id="i")',
            {"describeInstances": [instances("pending"), instances("stopped")]},
            2,
            30,
        ),
        (SENSE.format(""), {"describeCluster": [{"Cluster": {"Status": "ACTIVE"}}]}, 1, 0),
        (
            SENSE.format('target_state="NONEXISTENT"'),
            {"describeCluster": [{"Cluster": {"Status": "DELETING"}}, "Eks.ResourceNotFoundException"]},
            2,
            60,
        ),
        (
            SENSE.format("silent_fail=True"),
            {"describeCluster": [{"Cluster": {"Status": "FAILED"}}, {"Cluster": {"Status": "ACTIVE"}}]},
            2,
            60,
        ),
        (
            'CloudFormationDeleteStackSensor(task_id="t", stack_name="s")',
            {
                "describeStacks": [
                    {"Stacks": [{"StackStatus": "DELETE_IN_PROGRESS"}]},
                    "CloudFormation.CloudFormationException",
                ]
            },
            2,
            60,
        ),
        (
            'GlueCatalogPartitionSensor(task_id="t", table_name="o")',
            {"getPartitions": [{"Partitions": []}, {"Partitions": [{"Values": ["1"]}]}]},
            2,
            180,
        ),
        (
            'BatchSensor(task_id="t", job_id="j")',
            {"describeJobs": [{"Jobs": [{"Status": "RUNNING"}]}, {"Jobs": [{"Status": "SUCCEEDED"}]}]},
            2,
            30,
        ),
        (
            'DynamoDBValueSensor(task_id="t", table_name="l", partition_key_name="d", '
            'partition_key_value="1", '
            'attribute_name="s", attribute_value=["done", "empty"])',
            {
                "getItem": [
                    "DynamoDB.ResourceNotFoundException",
                    {},
                    {"Item": {"s": {"S": "new"}}},
                    {"Item": {"s": {"S": "empty"}}},
                ]
            },
            4,
            180,
        ),
    ],
)
def test_ends_well(task: str, script: SCRIPT, asked: int, seconds: int) -> None:
    ask = list(script)[-1]
    service, execution = run(task, script)
    assert (len(service.of(ask)), execution.seconds) == (asked, seconds)


@pytest.mark.parametrize(
    ("task", "script", "error", "cause"),
    [
        (RESUME.format(""), {"describeClusters": [cluster("deleting")]}, "AirflowException", "deleting"),
        (
            RESUME.format("max_attempts=3"),
            {"describeClusters": [cluster("x")]},
            "AirflowException",
            "90 seconds",
        ),
        (
            RESUME.format("execution_timeout=timedelta(seconds=45)"),
            {"describeClusters": [cluster("x")]},
            "AirflowTaskTimeout",
            "45 seconds",
        ),
        (DELETE, {"describeClusters": [cluster("modifying")]}, "AirflowException", "modifying"),
        (
            DELETE,
            {"describeClusters": ["Redshift.RedshiftException"]},
            "Redshift.RedshiftException",
            "because",
        ),
        (CRAWL.format(""), {"getCrawler": [crawler("READY", "CANCELLED")]}, "AirflowException", "CANCELLED"),
        (
            CRAWL.format(""),
            {"startCrawler": ["Glue.CrawlerRunningException"]},
            "Glue.CrawlerRunningException",
            "",
        ),
        (
            ADD,
            {
                "addJobFlowSteps": [{"StepIds": ["1", "2"]}],
                "listSteps": [
                    {"Steps": [{"Status": {"State": "RUNNING"}}, {"Status": {"State": "INTERRUPTED"}}]}
                ],
            },
            "AirflowException",
            "INTERRUPTED",
        ),
        (
            INSTANCE,
            {
                "runInstances": [{"Instances": [{"InstanceId": "i"}, {"InstanceId": "k"}]}],
                "describeInstances": [instances("running", "terminated")],
            },
            "AirflowException",
            "terminated",
        ),
        (
            SENSE.format(""),
            {"describeCluster": [{"Cluster": {"Status": "FAILED"}}]},
            "AirflowException",
            "FAILED",
        ),
        (
            SENSE.format(""),
            {"describeCluster": [{"Cluster": {"Status": "CREATING"}}]},
            "AirflowSensorTimeout",
            "600",
        ),
        (
            SENSE.format("silent_fail=True"),
            {"describeCluster": ["Eks.ServerException"]},
            "AirflowSensorTimeout",
            "",
        ),
        (
            'BatchSensor(task_id="t", job_id="j", deferrable=True, max_retries=2)',
            {"describeJobs": [{"Jobs": [{"Status": "RUNNING"}]}]},
            "AirflowException",
            "60 seconds",
        ),
        (
            'BatchSensor(task_id="t", job_id="j")',
            {"describeJobs": [{"Jobs": [{"Status": "FAILED", "StatusReason": "host"}]}]},
            "AirflowException",
            "host",
        ),
    ],
)
def test_ends_badly(task: str, script: SCRIPT, error: str, cause: str) -> None:
    with pytest.raises(Failed) as raised:
        run(task, script)
    assert raised.value.args[0] == error
    assert cause in raised.value.args[1]


@pytest.mark.parametrize(
    ("task", "script", "said"),
    [
        (
            'RedshiftDataOperator(task_id="t", sql=["a", "b"], database="d", workgroup_name="w")' + tell(),
            {
                "batchExecuteStatement": [{"Id": "1"}],
                "describeStatement": [
                    {"Id": "1", "Status": "FINISHED", "SubStatements": [{"Id": "1:1"}, {"Id": "1:2"}]}
                ],
            },
            ["1:1", "1:2"],
        ),
        (
            'RedshiftDataOperator(task_id="t", sql="a", database="d", workgroup_name="w")'
            + tell("\"{{ ti.xcom_pull('t')[0] }}\""),
            {"executeStatement": [{"Id": "1"}], "describeStatement": [{"Id": "1", "Status": "FINISHED"}]},
            "1",
        ),
        (
            INSTANCE + tell(),
            {
                "runInstances": [{"Instances": [{"InstanceId": "i"}]}],
                "describeInstances": [instances("running")],
            },
            ["i"],
        ),
        (CRAWL.format("") + tell(), {"getCrawler": [crawler("READY")]}, "c"),
        (
            'SqsSensor(task_id="t", sqs_queue="in")'
            + tell("\"{{ ti.xcom_pull('t', key='messages')[0]['Body'] }}\""),
            {"receiveMessage": [{}, {"Messages": [{"MessageId": "m", "ReceiptHandle": "h", "Body": "go"}]}]},
            "go",
        ),
        (
            'StepFunctionExecutionSensor(task_id="t", execution_arn="e")'
            + tell("\"{{ ti.xcom_pull('t', key='output')['n'] }}\""),
            {"describeExecution": [{"Status": "RUNNING"}, {"Status": "SUCCEEDED", "Output": '{"n": "3"}'}]},
            "3",
        ),
        (
            'RdsStartDbOperator(task_id="t", db_identifier="d", wait_for_completion=False)' + tell(),
            {"startDBInstance": [{"DbInstance": {"DbInstanceIdentifier": "d"}}]},
            '{"DbInstance":{"DbInstanceIdentifier":"d"}}',
        ),
    ],
)
def test_others_read_what_it_returns(task: str, script: SCRIPT, said: Any) -> None:
    service, _ = run(task, script)
    (sent,) = service.of("sendMessage")
    assert sent["MessageBody"] == said


def test_messages_are_deleted() -> None:
    message = {"MessageId": "m", "ReceiptHandle": "h", "Body": "go"}
    service, _ = run('SqsSensor(task_id="t", sqs_queue="in")', {"receiveMessage": [{"Messages": [message]}]})
    entries = [{"Id": "m", "ReceiptHandle": "h"}]
    assert service.of("deleteMessageBatch") == [{"QueueUrl": "in", "Entries": entries}]


def test_the_work_that_was_started_is_asked_for() -> None:
    executions = [{"ExecutionId": "old", "ExecutionStatus": "Error"}]
    ours = {"ExecutionId": "e", "ExecutionStatus": "Successful"}
    script: SCRIPT = {
        "startFlow": [{"ExecutionId": "e"}],
        "describeFlowExecutionRecords": [
            {"FlowExecutions": executions},
            {"FlowExecutions": [*executions, ours]},
        ],
    }
    service, _ = run('AppflowRunOperator(task_id="t", flow_name="f")', script)
    assert len(service.of("describeFlowExecutionRecords")) == 2


def test_an_endpoint_is_asked_for_by_its_name() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/orders"
    script: SCRIPT = {
        "createEndpoint": [{"EndpointArn": arn}],
        "describeEndpoint": [{"EndpointStatus": "InService"}],
    }
    config = '{"EndpointName": "orders", "EndpointConfigName": "c"}'
    service, _ = run(f'SageMakerEndpointOperator(task_id="t", config={config})', script)
    assert service.of("describeEndpoint") == [{"EndpointName": "orders"}]


def test_a_config_may_be_another_task_s() -> None:
    task = """SqsPublishOperator(task_id="t", sqs_queue="q", message_content="m")
    from airflow.providers.amazon.aws.operators.sagemaker import SageMakerTrainingOperator
    SageMakerTrainingOperator(task_id="train", config=t.output)"""
    config = {"TrainingJobName": "train", "RoleArn": "r"}
    service, _ = run(task, {"sendMessage": [config]})
    (sent,) = service.of("createTrainingJob.sync")
    assert sent == {**config, "TrainingJobName": "train-1714979289"}


@pytest.mark.parametrize("word", ["it's", 'a"b', "back\\\\slash", "a, b"])
def test_whatever_word_is_waited_for(word: str) -> None:
    script: SCRIPT = {"describeClusters": [cluster("other"), cluster(word)]}
    given = repr(word)
    _, execution = run(
        f'RedshiftClusterSensor(task_id="t", cluster_identifier="c", target_status={given})', script
    )
    assert execution.seconds == 60


def test_an_instance_that_is_alone_is_a_list() -> None:
    script: SCRIPT = {
        "runInstances": [{"Instances": [{"InstanceId": "i"}]}],
        "describeInstances": [instances("running")],
    }
    service, _ = run(INSTANCE, script)
    assert service.of("describeInstances") == [{"InstanceIds": ["i"]}]


def test_a_crawler_is_made_where_there_is_none() -> None:
    task = 'GlueCrawlerOperator(task_id="t", config={"Name": "c", "Role": "r"})'
    script: SCRIPT = {"getCrawler": ["Glue.EntityNotFoundException", crawler("READY")]}
    service, _ = run(task, script)
    assert [name for name, _ in service.calls] == [
        "getCrawler",
        "createCrawler",
        "startCrawler",
        "getCrawler",
    ]
    service, _ = run(task, {"getCrawler": [crawler("READY")]})
    assert [name for name, _ in service.calls] == [
        "getCrawler",
        "updateCrawler",
        "startCrawler",
        "getCrawler",
    ]


def test_an_application_is_started() -> None:
    task = 'EmrServerlessCreateApplicationOperator(task_id="t", release_label="r", job_type="SPARK")'
    service, _ = run(task, {"createApplication.sync": [{"ApplicationId": "a"}]})
    assert service.of("startApplication.sync") == [{"ApplicationId": "a"}]


@pytest.mark.parametrize(
    ("place", "known"),
    [
        ("", {"LocationConstraint": "eu-west-1"}),
        (', region_name="us-west-2"', {"LocationConstraint": "us-west-2"}),
        (', region_name="us-east-1"', None),
    ],
)
def test_a_bucket_is_made_where_the_machine_is(
    place: str, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Execution, "_context", _context)
    service, _ = run(f'S3CreateBucketOperator(task_id="t", bucket_name="b"{place})', {"createBucket": [{}]})
    configuration = {} if known is None else {"CreateBucketConfiguration": known}
    assert service.of("createBucket") == [{"Bucket": "b", **configuration}]


def _context(self: Execution, name: str, state: Any) -> dict[str, Any]:
    arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:m"
    return {"StateMachine": {"Id": arn}, "Execution": {"Input": self.input}, "State": {"Name": name}}


def test_a_bucket_that_is_there_is_as_wanted() -> None:
    task = 'S3CreateBucketOperator(task_id="t", bucket_name="b", region_name="eu-west-1")'
    run(task, {"createBucket": ["S3.BucketAlreadyOwnedByYouException"]})
    with pytest.raises(Failed, match="BucketAlreadyExists"):
        run(task, {"createBucket": ["S3.BucketAlreadyExistsException"]})


def test_a_bucket_is_emptied_first() -> None:
    pages = [
        {"Contents": [{"Key": "a"}, {"Key": "b"}], "IsTruncated": True, "NextContinuationToken": "n"},
        {"Contents": [{"Key": "c"}], "IsTruncated": False},
    ]
    task = 'S3DeleteBucketOperator(task_id="t", bucket_name="b", force_delete=True)'
    service, _ = run(task, {"listObjectsV2": pages})
    deleted = [one["Delete"]["Objects"] for one in service.of("deleteObjects")]
    assert deleted == [[{"Key": "a"}, {"Key": "b"}], [{"Key": "c"}]]
    assert service.calls[-1] == ("deleteBucket", {"Bucket": "b"})
    service, _ = run(task, {"listObjectsV2": ["S3.NoSuchBucketException"]})
    assert [name for name, _ in service.calls] == ["listObjectsV2"]
