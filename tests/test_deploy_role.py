"""The role of a machine: what its calls need, no more, and as narrow as IAM and the machine allow."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dagmig.asl.load import load_machine
from dagmig.asl.services.authorization import privilege
from dagmig.asl.services.optimized import OPTIMIZED
from dagmig.deploy.role import LOGS, TRACES, Statement, of_machine
from dagmig.diagnostics import Report
from dagmig.lint.machine.iam.jobs import JOBS, RULES, TO_HEAR
from dagmig.lint.machine.iam.need import AT_RUN_TIME, TAKES_NONE
from dagmig.lint.machine.iam.needs import OTHERWISE_NAMED, needs
from dagmig.lint.machine.iam.special import SPECIAL
from dagmig.lint.source import Subject
from dagmig.pipeline import airflow_to_asl

FIXTURES = Path(__file__).parents[1] / "fixtures"
BLOCK = re.compile(r"^```py[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def role(*states: dict[str, Any]) -> dict[str, Statement]:
    """The statement of each action, without those for logs and traces."""
    names = [f"s{number}" for number in range(len(states))]
    made = {
        name: {"Type": "Task", **state, **({"Next": after} if after else {"End": True})}
        for name, after, state in zip(names, [*names[1:], None], states, strict=True)
    }
    text = json.dumps({"QueryLanguage": "JSONata", "StartAt": "s0", "States": made})
    return by_action(text)


def by_action(text: str) -> dict[str, Statement]:
    machine = load_machine(text, "m.asl.json", Report())
    assert machine is not None
    found = [one for one in of_machine(machine, "m") if one not in (LOGS, TRACES)]
    return {action: one for one in found for action in one.actions}


def call(resource: str, **arguments: Any) -> dict[str, Any]:
    return {"Resource": f"arn:aws:states:::{resource}", "Arguments": arguments}


HERE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"

S3 = "arn:${AWS::Partition}:s3:::%s"
FUNCTION = HERE % "lambda" + "function:%s"
DELETED = ("s3:DeleteObject", S3 % "b/k")
SECRET = HERE % "secretsmanager" + "secret:db-??????"
DOCUMENT = "arn:${AWS::Partition}:ssm:${AWS::Region}::document/AWS-RunShellScript"
NODES = ("eks:DescribeNodegroup", HERE % "eks" + "nodegroup/c/n/*")
CLUSTER = HERE % "elasticmapreduce" + "cluster/j-1"
REDSHIFT = HERE % "redshift" + "cluster:c"
TABLE = ("s3tables:DeleteTable", HERE % "s3tables" + "bucket/b/table/*")
TABLES = ("dynamodb:Query", "arn:aws:dynamodb:r:1:table/t")
TASKS = ("ecs:DescribeTasks", HERE % "ecs" + "task/c/1")
EXECUTIONS = ("states:StopExecution", HERE % "states" + "execution:*")
BUS = HERE % "events" + "event-bus/%s"
MODEL = "arn:${AWS::Partition}:bedrock:%s::foundation-model/%s"
API = {"ApiEndpoint": "a1.execute-api.r.amazonaws.com", "Stage": "prod", "Method": "GET", "Path": "/runs"}


@pytest.mark.parametrize(
    ("state", "action", "resource"),
    [
        (call("lambda:invoke", FunctionName="f"), "lambda:InvokeFunction", HERE % "lambda" + "function:f"),
        (call("lambda:invoke", FunctionName="${f_arn}"), "lambda:InvokeFunction", "${f_arn}"),
        (
            call("lambda:invoke", FunctionName="{% $f %}"),
            "lambda:InvokeFunction",
            HERE % "lambda" + "function:*",
        ),
        (call("glue:startJobRun.sync", JobName="j"), "glue:BatchStopJobRun", HERE % "glue" + "job/j"),
        (call("ecs:runTask", TaskDefinition="t"), "ecs:RunTask", HERE % "ecs" + "task-definition/t:*"),
        (call("ecs:runTask", TaskDefinition="t:3"), "ecs:RunTask", HERE % "ecs" + "task-definition/t:3"),
        (call("ecs:runTask.sync", TaskDefinition="t"), "ecs:StopTask", HERE % "ecs" + "task/*/*"),
        (call("batch:submitJob.sync", JobQueue="q"), "batch:TerminateJob", HERE % "batch" + "job/*"),
        (call("batch:submitJob.sync", JobQueue="q"), "batch:DescribeJobs", "*"),
        (
            call("sqs:sendMessage", QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/q"),
            "sqs:SendMessage",
            HERE % "sqs" + "q",
        ),
        (
            call("aws-sdk:s3:copyObject", Bucket="to", Key="k", CopySource="from/a/k"),
            "s3:GetObject",
            "arn:${AWS::Partition}:s3:::from/a/k",
        ),
        (
            call("aws-sdk:s3:copyObject", Bucket="to", Key="k", CopySource="from/a/k"),
            "s3:PutObject",
            "arn:${AWS::Partition}:s3:::to/k",
        ),
        (call("aws-sdk:s3:listObjectsV2", Bucket="b"), "s3:ListBucket", "arn:${AWS::Partition}:s3:::b"),
        (
            call("states:startExecution.sync:2", StateMachineArn=HERE % "states" + "stateMachine:x"),
            "states:StopExecution",
            HERE % "states" + "execution:x:*",
        ),
        (call("lambda:invoke", FunctionName="{% 'f-' & $x %}"), "lambda:InvokeFunction", FUNCTION % "f-*"),
        (
            call("lambda:invoke", FunctionName="f", Qualifier="live"),
            "lambda:InvokeFunction",
            FUNCTION % "f:live",
        ),
        (call("aws-sdk:s3:copyObject", CopySource="from/a%20b?versionId=1"), "s3:GetObject", S3 % "from/a b"),
        (call("aws-sdk:s3:deleteObjects", Bucket="b", Delete={"Objects": [{"Key": "k"}]}), *DELETED),
        (call("aws-sdk:s3:headObject", Bucket="b", Key="k"), "s3:ListBucket", S3 % "b"),
        (
            call("aws-sdk:secretsmanager:getSecretValue", SecretId="db"),
            "secretsmanager:GetSecretValue",
            SECRET,
        ),
        (call("aws-sdk:ssm:sendCommand", DocumentName="AWS-RunShellScript"), "ssm:SendCommand", DOCUMENT),
        (call("aws-sdk:eks:describeNodegroup", ClusterName="c", NodegroupName="n"), *NODES),
        (call("aws-sdk:emr:addJobFlowSteps", JobFlowId="j-1"), "elasticmapreduce:AddJobFlowSteps", CLUSTER),
        (call("aws-sdk:redshift:pauseCluster", ClusterIdentifier="c"), "redshift:PauseCluster", REDSHIFT),
        (call("aws-sdk:glue:startCrawler", Name="c"), "glue:StartCrawler", HERE % "glue" + "crawler/c"),
        (
            call("aws-sdk:s3tables:deleteTable", Name="t", TableBucketArn="arn:aws:s3tables:r:1:bucket/b"),
            *TABLE,
        ),
        (call("sns:publish", TopicArn="arn:aws:sns:r:1:t"), "sns:Publish", "arn:aws:sns:r:1:t"),
        (call("sns:publish", TopicArn="${topic_arn}"), "sns:Publish", "${topic_arn}"),
        (call("aws-sdk:dynamodb:query", TableName="arn:aws:dynamodb:r:1:table/t"), *TABLES),
        (call("aws-sdk:ecs:describeTasks", Cluster="arn:aws:ecs:r:1:cluster/c", Tasks=["1"]), *TASKS),
        (call("states:startExecution.sync:2", StateMachineArn="${x_arn}"), *EXECUTIONS),
        (call("sns:publish", PhoneNumber="+1"), "sns:Publish", "*"),
        (call("events:putEvents", Entries=[{"EventBusName": "b"}]), "events:PutEvents", BUS % "b"),
        (call("events:putEvents", Entries=[{"Detail": {}}]), "events:PutEvents", BUS % "default"),
        (
            call("bedrock:invokeModel", ModelId="us.anthropic.x"),
            "bedrock:InvokeModel",
            MODEL % ("*", "anthropic.x"),
        ),
        (call("apigateway:invoke", **API), "execute-api:Invoke", HERE % "execute-api" + "a1/prod/GET/runs"),
        (
            call("emr-serverless:startJobRun.sync", ApplicationId="a"),
            "events:PutRule",
            HERE % "events" + "rule/StepFunctionsGetEventsForEMRServerlessJobRule",
        ),
    ],
)
def test_resources(state: dict[str, Any], action: str, resource: str) -> None:
    assert resource in role(state)[action].resources


def test_a_role_is_passed_to_its_service_only() -> None:
    given = call("emr-serverless:startJobRun", ApplicationId="a", ExecutionRoleArn="arn:aws:iam::1:role/r")
    found = role(given)["iam:PassRole"]
    assert found.resources == ("arn:aws:iam::1:role/r",)
    assert found.conditions == (("StringEquals", "iam:PassedToService", ("emr-serverless.amazonaws.com",)),)


@pytest.mark.parametrize(
    ("endpoint", "query", "expected"),
    [
        ("https://${host}/api", None, "https://${host}/api"),
        ("https://${host}/api", {"q": 1}, "https://${host}/api*"),
        ("{% 'https://example.com/runs/' & $run %}", None, "https://example.com/runs/*"),
        ("{% $url %}", None, None),
    ],
)
def test_an_http_task_may_call_its_endpoint_only(endpoint: str, query: Any, expected: str | None) -> None:
    more = {"QueryParameters": query} if query else {}
    connection = {"ConnectionArn": "${connection_arn}"}
    found = role(
        call("http:invoke", ApiEndpoint=endpoint, Method="POST", InvocationConfig=connection, **more)
    )
    conditions = {key: values for _, key, values in found["states:InvokeHTTPEndpoint"].conditions}
    assert conditions["states:HTTPMethod"] == ("POST",)
    assert conditions.get("states:HTTPEndpoint") == (None if expected is None else (expected,))
    assert found["events:RetrieveConnectionCredentials"].resources == ("${connection_arn}",)


def test_calls_in_another_role_need_that_role_only() -> None:
    other = "arn:aws:iam::222222222222:role/r"
    state = {**call("sns:publish", TopicArn="arn:aws:sns:us-east-1:1:t"), "Credentials": {"RoleArn": other}}
    found = role(state)
    assert found.keys() == {"sts:AssumeRole"}
    assert found["sts:AssumeRole"].resources == (other,)


def test_statements_with_the_same_resources_are_one() -> None:
    found = role(*(call("glue:startJobRun.sync", JobName=name) for name in ("a", "b")))
    assert len({id(one) for one in found.values()}) == 1


NEWER = {  # than the reference
    *("emr-serverless:GetSession", "emr-serverless:StartSession", "emr-serverless:TerminateSession"),
    *("emr-serverless:GetSessionEndpoint", "datazone:StartNotebookRun", "datazone:GetNotebookRun"),
}


def test_all_that_integrations_emit_is_allowed_and_named() -> None:
    seen: set[str] = set()
    for page in sorted(FIXTURES.glob("integrations/*.md")):
        for block in BLOCK.findall(page.read_text("utf-8")):
            for one in airflow_to_asl(block, "dag.py", Report()):
                machine = load_machine(one.text, "m.asl.json", Report())
                assert machine is not None
                found = by_action(one.text)
                assert {need.action for need in needs(Subject(machine))} <= set(found)
                wide = {action for action, made in found.items() if any("*" in arn for arn in made.resources)}
                assert all(found[action].why for action in wide), page
                assert {action for action in found if privilege(action) is None} <= NEWER, page
                seen |= set(found)
    assert len(seen) > 15


def test_a_star_says_why() -> None:
    found = role(call("aws-sdk:batch:describeJobs", Jobs=["1"]), call("glue:startJobRun", JobName="{% $j %}"))
    assert found["batch:DescribeJobs"].why == TAKES_NONE
    assert found["glue:StartJobRun"].why == AT_RUN_TIME
    assert role(call("glue:startJobRun", JobName="j"))["glue:StartJobRun"].why == ""


def test_paths_are_not_names() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "End": True}
    text = json.dumps({"StartAt": "a", "States": {"a": {**state, "Parameters": {"JobName.$": "$.job"}}}})
    assert by_action(text)["glue:StartJobRun"].resources == (HERE % "glue" + "job/*",)


@pytest.mark.parametrize(
    ("given", "resource", "service"),
    [
        (call("eks:createCluster", Name="c", RoleArn="r"), "r", "eks"),
        (call("aws-sdk:comprehend:createDocumentClassifier", DataAccessRoleArn="r"), "r", "comprehend"),
        (call("ecs:runTask", TaskDefinition="t", LaunchType="FARGATE"), "*", "ecs-tasks"),
        (call("ecs:runTask", TaskDefinition="t", Overrides={"TaskRoleArn": "r"}), "r", "ecs-tasks"),
        (call("ecs:runTask", TaskDefinition="t"), None, ""),
        (call("emr-containers:startJobRun", VirtualClusterId="v", ExecutionRoleArn="r"), None, ""),
        (call("aws-sdk:sts:assumeRole", RoleArn="r"), None, ""),
        (call("sagemaker:createTransformJob", ModelName="m"), None, ""),
    ],
)
def test_roles_that_are_passed(given: dict[str, Any], resource: str | None, service: str) -> None:
    found = role(given).get("iam:PassRole")
    if resource is None:
        assert found is None
        return
    assert found is not None
    assert found.resources == (f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{resource}",)
    assert found.conditions[0][2] == (f"{service}.amazonaws.com",)


def a_map(**more: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "a"}
    inner = {**processor, "States": {"a": {"Type": "Succeed"}}}
    return {"Type": "Map", "Resource": None, "ItemProcessor": inner, **more}


def s3(action: str, **arguments: Any) -> dict[str, Any]:
    return {"Resource": f"arn:aws:states:::s3:{action}", "Arguments": arguments}


def test_a_distributed_map_reads_and_writes() -> None:
    reader = {**s3("listObjectsV2", Bucket="in", Prefix="day/"), "ReaderConfig": {}}
    found = role(a_map(ItemReader=reader, ResultWriter=s3("putObject", Bucket="out", Prefix="runs")))
    assert found["states:StartExecution"].resources == (HERE % "states" + "stateMachine:m",)
    assert HERE % "states" + "execution:m/*" in found["states:StopExecution"].resources
    assert found["s3:ListBucket"].resources == (S3 % "in",)
    assert found["s3:ListBucket"].conditions == (("StringLike", "s3:prefix", ("day/*",)),)
    assert found["s3:PutObject"].resources == (S3 % "out/runs/*",)
    one = role(a_map(ItemReader=s3("getObject", Bucket="in", Key="items.json")))
    assert one["s3:GetObject"].resources == (S3 % "in/items.json",)
    assert "s3:PutObject" not in one


def query(text: str) -> dict[str, Statement]:
    place = {"OutputLocation": "s3://results/athena/"}
    context = {"Database": "lake"}
    arguments = {"QueryString": text, "ResultConfiguration": place, "QueryExecutionContext": context}
    return role(call("athena:startQueryExecution.sync", **arguments))


def test_a_query_reads_its_tables_and_writes_its_result() -> None:
    glue = HERE % "glue"
    found = query("SELECT * FROM orders")
    assert found["athena:StopQueryExecution"].resources == (HERE % "athena" + "workgroup/primary",)
    assert found["s3:PutObject"].resources == (S3 % "results/athena/*",)
    assert found["glue:GetTable"].resources == (
        f"{glue}catalog",
        f"{glue}database/lake",
        f"{glue}table/lake/*",
    )
    assert "glue:CreateTable" not in found
    assert query("select * from sea.orders")["glue:GetTable"].resources[1] == f"{glue}database/*"
    assert "glue:CreateTable" in query("create table x as select 1")
    assert S3 % "*/*" in query("insert into x select 1")["s3:PutObject"].resources


@pytest.mark.parametrize(
    ("key", "resource", "condition"),
    [
        ("arn:aws:kms:r:1:key/k", "arn:aws:kms:r:1:key/k", None),
        ("k", HERE % "kms" + "key/k", None),
        ("alias/a", HERE % "kms" + "key/*", ("alias/a",)),
    ],
)
def test_a_key_that_is_named_may_be_used(key: str, resource: str, condition: tuple[str, ...] | None) -> None:
    found = role(call("aws-sdk:s3:putObject", Bucket="b", Key="k", SSEKMSKeyId=key))["kms:GenerateDataKey"]
    assert found.resources == (resource,)
    assert [values for _, _, values in found.conditions] == ([] if condition is None else [condition])
    assert "kms:CreateGrant" in role(call("aws-sdk:rds:startExportTask", KmsKeyId=key))


def test_every_sync_is_known() -> None:
    waited = {
        f"{name}:{action}" for name, of in OPTIMIZED.items() for action, one in of.items() if ".sync" in one
    }
    assert waited - JOBS.keys() == {"eks:runJob"}
    assert RULES.keys() <= JOBS.keys()


def test_every_action_is_in_the_reference() -> None:
    named = {one for actions in (*JOBS.values(), *OTHERWISE_NAMED.values(), TO_HEAR) for one in actions}
    named |= {action for one in (LOGS, TRACES) for action in one.actions} | set(SPECIAL)
    assert {one for one in named if privilege(one) is None} == set()


TOPIC = "arn:aws:sns:eu-central-1:123456789012:t"
CONNECTION = "arn:aws:events:eu-central-1:123456789012:connection/c/1"


@pytest.mark.parametrize(
    ("made", "action", "resource"),
    [
        (call("sns:publish", TargetArn=TOPIC, Message="m"), "sns:Publish", TOPIC),
        (
            call("http:invoke", ApiEndpoint="https://x/y", Authentication={"ConnectionArn": CONNECTION}),
            "events:RetrieveConnectionCredentials",
            CONNECTION,
        ),
        (
            call("sagemaker:createTrainingJob", TrainingJobName="t"),
            "sagemaker:ListTags",
            HERE % "sagemaker" + "training-job/t",
        ),
    ],
)
def test_what_the_pages_of_the_integrations_allow(made: dict[str, Any], action: str, resource: str) -> None:
    assert role(made)[action].resources == (resource,)


def test_a_job_on_eks_has_its_role_as_a_condition() -> None:
    arn = "arn:aws:iam::123456789012:role/r"
    made = call("emr-containers:startJobRun.sync", VirtualClusterId="v", ExecutionRoleArn=arn)
    found = role(made)["emr-containers:StartJobRun"]
    assert found.conditions == (("StringEquals", "emr-containers:ExecutionRoleArn", (arn,)),)
