"""``convert --trigger-from-sensor`` and ``--http-start``: machines that events and requests start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from tests.terraform_names import declared, undeclared

from dagmig.cli import main
from jsonata_run import Execution

IMPORTS = """\
from datetime import datetime, timedelta
from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, CronTriggerTimetable
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.amazon.aws.sensors.sqs import SqsSensor
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor

with DAG("etl", {schedule}):
"""
SCHEDULE = 'schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False'
WORK = 'GlueJobOperator(task_id="work", job_name="x")'


def convert(
    tmp_path: Path, body: str, *options: str, schedule: str = SCHEDULE, flag: str = "--trigger-from-sensor"
) -> Result:
    """One DAG whose body these lines are, converted to a bundle."""
    path = tmp_path / "dag.py"
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    path.write_text(IMPORTS.format(schedule=schedule) + lines)
    given = ["convert", str(path), "--to", "asl", "--bundle", str(tmp_path / "bundle"), flag, *options]
    return CliRunner().invoke(main, given, catch_exceptions=False)


def resources(tmp_path: Path, folder: str = "") -> dict[str, Any]:
    template = yaml.safe_load((tmp_path / "bundle" / folder / "template.yaml").read_text())
    found: dict[str, Any] = template["Resources"]
    return found


def states(tmp_path: Path, name: str = "etl", folder: str = "") -> dict[str, Any]:
    text = (tmp_path / "bundle" / folder / "statemachine" / f"{name}.asl.json").read_text()
    found: dict[str, Any] = json.loads(text)["States"]
    return found


def rows(result: Result) -> list[str]:
    return [line for line in result.stderr.splitlines() if "[trigger-from-sensor]" in line]


def of_kind(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in found.values() if one["Type"] == kind]


def allowed(role: dict[str, Any]) -> dict[str, Any]:
    statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    return {action: one["Resource"] for one in statements for action in one["Action"]}


@pytest.mark.parametrize(
    ("arguments", "bucket", "key"),
    [
        ('bucket_key="s3://incoming/orders/day.csv"', "incoming", "orders/day.csv"),
        ('bucket_name="incoming", bucket_key="day.csv"', "incoming", "day.csv"),
        ('bucket_key=["s3://incoming/day.csv"]', "incoming", "day.csv"),
        ('bucket_key="s3://incoming/*.csv", wildcard_match=True', "incoming", {"wildcard": "*.csv"}),
    ],
)
def test_an_object_starts_the_machine(tmp_path: Path, arguments: str, bucket: str, key: Any) -> None:
    result = convert(tmp_path, f'S3KeySensor(task_id="wait", {arguments}) >> {WORK}')
    (rule,) = of_kind(resources(tmp_path), "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [key]}},
    }
    assert states(tmp_path).keys() == {"work"}
    assert of_kind(resources(tmp_path), "AWS::Scheduler::Schedule") == []
    assert any("notifications of the bucket incoming" in row for row in rows(result))


def test_the_rule_may_start_the_machine_and_nothing_else(tmp_path: Path) -> None:
    convert(tmp_path, f'S3KeySensor(task_id="wait", bucket_key="s3://in/a") >> {WORK}')
    found = resources(tmp_path)
    (rule,) = of_kind(found, "AWS::Events::Rule")
    (target,) = rule["Targets"]
    assert target["RoleArn"] == {"Fn::GetAtt": ["EventsRole", "Arn"]}
    assert allowed(found["EventsRole"]) == {"states:StartExecution": [{"Ref": "StateMachine"}]}
    trust = found["EventsRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('bucket_key="s3://in/{{ ds }}.csv"', "not one known text"),
        ('bucket_key=["s3://in/a", "s3://in/b"]', "not one known text"),
        ('bucket_key="s3://in/a.*", use_regex=True', "use_regex"),
        ('bucket_key="s3://in/a", check_fn=bool', "check_fn"),
        ('bucket_key="s3://in/a[0-9]", wildcard_match=True', "not matched"),
        ('bucket_key="s3://in/a*"', "takes the"),
    ],
)
def test_a_key_that_no_pattern_says_goes_on_being_asked_for(
    tmp_path: Path, arguments: str, reason: str
) -> None:
    result = convert(tmp_path, f'S3KeySensor(task_id="wait", {arguments}) >> {WORK}')
    assert "decision" in rows(result)[0]
    assert reason in rows(result)[0]
    assert of_kind(resources(tmp_path), "AWS::Events::Rule") == []
    assert len(of_kind(resources(tmp_path), "AWS::Scheduler::Schedule")) == 1
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("queue", "arn"),
    [
        (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
            "arn:${AWS::Partition}:sqs:eu-west-1:123456789012:orders",
        ),
        ("orders", "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders"),
    ],
)
def test_messages_come_by_a_pipe(tmp_path: Path, queue: str, arn: str) -> None:
    convert(tmp_path, f'SqsSensor(task_id="wait", sqs_queue="{queue}", max_messages=3) >> {WORK}')
    found = resources(tmp_path)
    (pipe,) = of_kind(found, "AWS::Pipes::Pipe")
    assert pipe["Source"] == {"Fn::Sub": arn}
    assert pipe["SourceParameters"] == {"SqsQueueParameters": {"BatchSize": 3}}
    assert pipe["TargetParameters"]["StepFunctionStateMachineParameters"] == {
        "InvocationType": "FIRE_AND_FORGET"
    }
    assert allowed(found["PipeRole"])["sqs:ReceiveMessage"] == [{"Fn::Sub": arn}]
    assert "EventsRole" not in found


def test_what_a_task_reads_of_a_message_comes_with_the_event(tmp_path: Path) -> None:
    read = "{{ ti.xcom_pull(task_ids='wait', key='messages')[0]['Body'] }}"
    body = f'SqsSensor(task_id="wait", sqs_queue="q") >> GlueJobOperator(task_id="work", job_name="{read}")'
    result = convert(tmp_path, body)
    name = states(tmp_path)["work"]["Arguments"]["JobName"]
    message = {"conf": {"body": "orders"}}
    for given in ([message], [message, {"conf": {"body": "others"}}]):
        assert Execution(lambda *_: {}, given).value(name, {}) == "orders"
    (pipe,) = of_kind(resources(tmp_path), "AWS::Pipes::Pipe")
    assert '"body": <$.body>' in pipe["TargetParameters"]["InputTemplate"]
    assert any("decision" in row and "JSON" in row for row in rows(result))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('SqsSensor(task_id="w", sqs_queue="q", message_filtering="literal") >> ' + WORK, "chooses"),
        ('SqsSensor(task_id="w", sqs_queue="q", delete_message_on_reception=False) >> ' + WORK, "leaves"),
        ('SqsSensor(task_id="w", sqs_queue="q", max_messages=100) >> ' + WORK, "number of messages"),
        ('SqsSensor(task_id="w", sqs_queue="q")', "only task"),
        (
            'SqsSensor(task_id="w", sqs_queue="q") >> GlueJobOperator(task_id="work", '
            "job_name=\"{{ ti.xcom_pull(task_ids='w', key='messages') }}\")",
            "does not have",
        ),
        (
            'S3KeySensor(task_id="w", bucket_key="s3://in/a") >> '
            'GlueJobOperator(task_id="work", job_name="x", trigger_rule="one_failed")',
            "one_failed",
        ),
        (
            '[S3KeySensor(task_id="a", bucket_key="s3://in/a"), '
            f'S3KeySensor(task_id="b", bucket_key="s3://in/b")] >> {WORK}',
            "several",
        ),
        (
            'S3KeySensor(task_id="a", bucket_key="s3://in/a") >> '
            f'{WORK}\nGlueJobOperator(task_id="beside", job_name="y")',
            "beside",
        ),
    ],
)
def test_what_no_event_stands_for_is_open(tmp_path: Path, body: str, reason: str) -> None:
    result = convert(tmp_path, body)
    assert "decision" in rows(result)[0]
    assert reason in rows(result)[0]
    assert of_kind(resources(tmp_path), "AWS::Pipes::Pipe") == []
    assert of_kind(resources(tmp_path), "AWS::Events::Rule") == []


def test_a_sensor_in_the_middle_is_not_spoken_of(tmp_path: Path) -> None:
    result = convert(tmp_path, f'{WORK} >> S3KeySensor(task_id="wait", bucket_key="s3://in/a")')
    assert rows(result) == []
    assert len(of_kind(resources(tmp_path), "AWS::Scheduler::Schedule")) == 1


def test_another_machines_success_starts_the_machine(tmp_path: Path) -> None:
    result = convert(tmp_path, f'ExternalTaskSensor(task_id="wait", external_dag_id="load") >> {WORK}')
    (rule,) = of_kind(resources(tmp_path), "AWS::Events::Rule")
    assert rule["EventPattern"]["detail"]["status"] == ["SUCCEEDED"]
    (arn,) = rule["EventPattern"]["detail"]["stateMachineArn"]
    assert arn["Fn::Sub"].endswith(":stateMachine:load")
    assert result.exit_code == 0


@pytest.mark.parametrize("argument", ['external_task_id="last"', "execution_delta=timedelta(hours=1)"])
def test_less_than_a_run_of_the_same_date_is_open(tmp_path: Path, argument: str) -> None:
    body = f'ExternalTaskSensor(task_id="wait", external_dag_id="load", {argument}) >> {WORK}'
    result = convert(tmp_path, body)
    assert len(of_kind(resources(tmp_path), "AWS::Events::Rule")) == 1
    assert result.exit_code == 1


def test_a_failed_run_is_no_event(tmp_path: Path) -> None:
    body = f'ExternalTaskSensor(task_id="w", external_dag_id="l", allowed_states=["failed"]) >> {WORK}'
    assert "other states" in rows(convert(tmp_path, body))[0]


@pytest.mark.parametrize(
    ("schedule", "key"),
    [
        ('[Asset("s3://lake/orders.csv")]', "orders.csv"),
        ('Asset("s3://lake/orders/")', {"prefix": "orders/"}),
        ('[Asset(name="orders", uri="s3://lake/orders/day.csv")]', "orders/day.csv"),
    ],
)
def test_an_asset_in_s3_starts_the_machine(tmp_path: Path, schedule: str, key: Any) -> None:
    convert(tmp_path, WORK, schedule=f"schedule={schedule}")
    (rule,) = of_kind(resources(tmp_path), "AWS::Events::Rule")
    assert rule["EventPattern"]["detail"] == {"bucket": {"name": ["lake"]}, "object": {"key": [key]}}


def test_any_of_several_assets_has_a_rule_each(tmp_path: Path) -> None:
    convert(tmp_path, WORK, schedule='schedule=(Asset("s3://lake/a") | Asset("s3://lake/b"))')
    assert len(of_kind(resources(tmp_path), "AWS::Events::Rule")) == 2


@pytest.mark.parametrize(
    "schedule",
    [
        '[Asset("s3://lake/a"), Asset("s3://lake/b")]',
        '(Asset("s3://a/b") & Asset("s3://c/d"))',
        '((Asset("s3://a/b") & Asset("s3://c/d")) | Asset("s3://e/f"))',
    ],
)
def test_all_of_several_assets_is_open(tmp_path: Path, schedule: str) -> None:
    result = convert(tmp_path, WORK, schedule=f"schedule={schedule}")
    assert "several assets have to be there" in rows(result)[0]
    assert of_kind(resources(tmp_path), "AWS::Events::Rule") == []
    assert result.exit_code == 1


def test_assets_or_a_clock_are_left_as_they_are(tmp_path: Path) -> None:
    clock = 'AssetOrTimeSchedule(timetable=CronTriggerTimetable("@daily"), assets=[Asset("s3://lake/a")])'
    result = convert(tmp_path, WORK, schedule=f"schedule={clock}")
    assert of_kind(resources(tmp_path), "AWS::Events::Rule") == []
    assert result.exit_code == 1


def test_an_asset_that_nobody_makes_is_open(tmp_path: Path) -> None:
    result = convert(tmp_path, WORK, schedule='schedule=[Asset("orders")]')
    assert "nobody knows here" in rows(result)[0]
    assert result.exit_code == 1


PRODUCER = """\
made = GlueJobOperator(task_id="make", job_name="x", outlets=[Asset("s3://lake/orders")])
{after}
with DAG("report", schedule=[Asset("s3://lake/orders")]):
    GlueJobOperator(task_id="report", job_name="y")
"""


def write_both(tmp_path: Path, after: str) -> Result:
    body = PRODUCER.format(after=after)
    inside, _, rest = body.partition("with DAG")
    path = tmp_path / "dag.py"
    lines = "".join(f"    {line}\n" for line in inside.splitlines())
    path.write_text(IMPORTS.format(schedule=SCHEDULE) + lines + f"with DAG{rest}")
    given = ["convert", str(path), "--to", "asl", "--bundle", str(tmp_path / "bundle")]
    return CliRunner().invoke(main, [*given, "--trigger-from-sensor"], catch_exceptions=False)


def test_what_another_dag_makes_comes_with_its_success(tmp_path: Path) -> None:
    result = write_both(tmp_path, "")
    (rule,) = of_kind(resources(tmp_path, "report"), "AWS::Events::Rule")
    (arn,) = rule["EventPattern"]["detail"]["stateMachineArn"]
    assert arn["Fn::Sub"].endswith(":stateMachine:etl")
    assert all("decision" not in row for row in rows(result))
    assert "[outlets]" in result.stderr
    assert "no asset event is emitted" not in result.stderr
    assert result.exit_code == 0


def test_an_asset_that_is_made_before_the_end_is_open(tmp_path: Path) -> None:
    result = write_both(tmp_path, 'made >> GlueJobOperator(task_id="after", job_name="z")')
    assert any("decision" in row and "Airflow starts it after make" in row for row in rows(result))


def test_a_request_starts_the_machine(tmp_path: Path) -> None:
    convert(tmp_path, WORK, flag="--http-start")
    found = resources(tmp_path)
    (route,) = of_kind(found, "AWS::ApiGatewayV2::Route")
    assert route["AuthorizationType"] == "AWS_IAM"
    (integration,) = of_kind(found, "AWS::ApiGatewayV2::Integration")
    assert integration["IntegrationSubtype"] == "StepFunctions-StartExecution"
    assert integration["RequestParameters"] == {
        "StateMachineArn": {"Ref": "StateMachine"},
        "Input": "$request.body",
    }
    assert allowed(found["StartApiRole"]) == {"states:StartExecution": [{"Ref": "StateMachine"}]}
    template = yaml.safe_load((tmp_path / "bundle" / "template.yaml").read_text())
    assert "StartUrl" in template["Outputs"]


TERRAFORM = ("--trigger-from-sensor", "--template=terraform")


@pytest.mark.parametrize(
    ("first", "kind", "said"),
    [
        (
            'S3KeySensor(task_id="w", bucket_key="s3://in/a*", wildcard_match=True)',
            "event_rule",
            '"wildcard" = "a*"',
        ),
        ('SqsSensor(task_id="w", sqs_queue="jobs")', "pipe", "batch_size = 5"),
        ('ExternalTaskSensor(task_id="w", external_dag_id="load")', "event_rule", "stateMachine:load"),
    ],
)
def test_an_event_starts_the_machine_in_terraform(first: str, kind: str, said: str, tmp_path: Path) -> None:
    convert(tmp_path, f"{first} >> {WORK}", *TERRAFORM, flag="--http-start")
    text = (tmp_path / "bundle" / "main.tf").read_text()
    assert undeclared(text) == set()
    found = declared(text)
    assert len(found) == len(set(found))
    assert {"event_rule": "aws_cloudwatch_event_rule.start", "pipe": "aws_pipes_pipe.start"}[kind] in found
    assert "aws_apigatewayv2_route.start" in found
    assert said in text


def test_without_the_options_nothing_of_them_is_there(tmp_path: Path) -> None:
    body = f'S3KeySensor(task_id="wait", bucket_key="s3://in/a") >> {WORK}'
    result = convert(tmp_path, body, flag="--template=sam")
    assert rows(result) == []
    kinds = {one["Type"] for one in resources(tmp_path).values()}
    assert not kinds & {"AWS::Events::Rule", "AWS::Pipes::Pipe", "AWS::ApiGatewayV2::Api"}


@pytest.mark.parametrize("option", ["--trigger-from-sensor", "--http-start"])
def test_the_options_need_a_bundle(tmp_path: Path, option: str) -> None:
    path = tmp_path / "dag.py"
    path.write_text(IMPORTS.format(schedule=SCHEDULE) + f"    {WORK}\n")
    result = CliRunner().invoke(main, ["convert", str(path), "--to", "asl", option])
    assert result.exit_code == 2
    assert option in result.stderr
