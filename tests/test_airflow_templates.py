"""``dagmig convert TEMPLATE --to airflow``: machines with what a template says around them."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from dagmig.airflow.read import read
from dagmig.cli import main
from dagmig.deploy.airflow.requirements import unknown
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow

TEMPLATES = Path(__file__).with_name("airflow_templates")
READS = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
READS_INPUT = {**READS, "Parameters": {"FunctionName": "f", "Payload": {"day.$": "$.day"}}}
DAG = """\
from datetime import datetime
from airflow.sdk import DAG
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

with DAG("etl", schedule="15 3 * * 1-5", start_date=datetime(2024, 1, 1), catchup=False):
    a = GlueJobOperator(task_id="a", job_name="x")
    a >> GlueJobOperator(task_id="b", job_name="{{ ds }}")
"""
MACHINE = {"StartAt": "A", "States": {"A": READS_INPUT}}


def convert(file: Path, *arguments: object) -> Result:
    given = ["convert", file, "--to", "airflow", *arguments]
    return CliRunner().invoke(main, [str(one) for one in given], catch_exceptions=False)


def sam(tmp_path: Path, events: dict[str, Any], machine: dict[str, Any] = MACHINE, **more: Any) -> Result:
    """A template with one SAM machine, converted."""
    properties = {"Definition": machine, "Events": events, **more.pop("properties", {})}
    resource = {"Type": "AWS::Serverless::StateMachine", "Properties": properties}
    resources = {"Orders": resource, **more.pop("resources", {})}
    path = tmp_path / "template.yaml"
    path.write_text(yaml.safe_dump({"Resources": resources, **more}))
    return convert(path)


def clock(expression: str, **more: Any) -> dict[str, Any]:
    return {"Clock": {"Type": "ScheduleV2", "Properties": {"ScheduleExpression": expression, **more}}}


def arguments(result: Result) -> dict[str, str]:
    """The DAG's arguments as they are written."""
    found = next(node for node in ast.walk(ast.parse(result.stdout)) if isinstance(node, ast.With))
    call = found.items[0].context_expr
    assert isinstance(call, ast.Call)
    return {str(one.arg): ast.unparse(one.value) for one in call.keywords}


def rows(result: Result, construct: str) -> list[str]:
    """Rows about a construct, as they are said."""
    return [line for line in result.stderr.splitlines() if f"[{construct}]" in line]


def dag(result: Result) -> Workflow:
    report = Report()
    (found,) = read(result.stdout, "dag.py", report)
    return found


@pytest.mark.parametrize(
    ("expression", "more", "schedule"),
    [
        ("cron(0 9 ? * MON-FRI *)", {}, "'0 9 * * 1-5'"),
        ("cron(0 9 * * ? *)", {"ScheduleExpressionTimezone": "Asia/Tokyo"},
         "CronTriggerTimetable('0 9 * * *', timezone='Asia/Tokyo')"),
        ("rate(2 hours)", {}, "timedelta(hours=2)"),
        ("rate(1 day)", {}, "timedelta(days=1)"),
        ("at(2030-01-02T03:04:05)", {}, "'@once'"),
    ],
)  # fmt: skip
def test_schedules(tmp_path: Path, expression: str, more: dict[str, Any], schedule: str) -> None:
    result = sam(tmp_path, clock(expression, Input='{"day": "x"}', **more))
    assert arguments(result)["schedule"] == schedule
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "expression",
    ["cron(0 9 15W * ? *)", "cron(0 9 * * ? 2030)", "rate(0 days)", "at(soon)", "sometimes", "cron(x"],
)
def test_a_schedule_that_airflow_lacks_is_open(tmp_path: Path, expression: str) -> None:
    result = sam(tmp_path, clock(expression))
    assert arguments(result)["schedule"] == "None"
    assert "decision" in rows(result, "schedule")[0]
    assert expression in rows(result, "schedule")[0]
    assert result.exit_code == 1


def test_an_unknown_time_zone_is_open(tmp_path: Path) -> None:
    result = sam(tmp_path, clock("cron(0 9 * * ? *)", ScheduleExpressionTimezone="../etc/passwd"))
    assert "decision" in rows(result, "schedule")[0]


def test_dates_and_state(tmp_path: Path) -> None:
    dates = {"StartDate": "2024-01-01T00:00:00Z", "EndDate": "2030-01-01T00:00:00Z", "State": "DISABLED"}
    found = arguments(sam(tmp_path, clock("rate(1 hour)", **dates)))
    assert found["start_date"] == "datetime(2024, 1, 1, tzinfo=timezone.utc)"
    assert found["end_date"] == "datetime(2030, 1, 1, tzinfo=timezone.utc)"
    assert found["is_paused_upon_creation"] == "True"


def test_once_is_at_its_date_in_its_zone(tmp_path: Path) -> None:
    more = {"ScheduleExpressionTimezone": "Asia/Tokyo", "Input": '{"day": "x"}'}
    result = sam(tmp_path, clock("at(2030-01-02T03:04:05)", **more))
    assert "from pendulum import datetime" in result.stdout
    assert arguments(result)["start_date"] == "datetime(2030, 1, 2, 3, 4, 5, tz='Asia/Tokyo')"
    assert unknown([result.stdout]) == ()


def test_a_schedule_that_is_on_is_not_paused(tmp_path: Path) -> None:
    assert "is_paused_upon_creation" not in arguments(sam(tmp_path, clock("rate(1 hour)", State="ENABLED")))


def test_several_crons_are_one_timetable(tmp_path: Path) -> None:
    events = {
        name: {"Type": "Schedule", "Properties": {"Schedule": text, "Input": '{"day": "x"}'}}
        for name, text in (("A", "cron(0 1 * * ? *)"), ("B", "cron(0 2 ? * MON *)"))
    }
    result = sam(tmp_path, events)
    expected = "MultipleCronTriggerTimetable('0 1 * * *', '0 2 * * 1', timezone='UTC')"
    assert arguments(result)["schedule"] == expected
    assert result.exit_code == 0


def beside(tmp_path: Path, rate: str, **more: str) -> Result:
    """What becomes of a machine that a cron expression and a rate start."""
    given = {"Schedule": "cron(0 1 * * ? *)", "Input": '{"day": "x"}'}
    return sam(
        tmp_path,
        {
            "A": {
                "Type": "ScheduleV2",
                "Properties": {"ScheduleExpression": given["Schedule"], **given, **more},
            },
            "B": {"Type": "Schedule", "Properties": {**given, "Schedule": rate}},
        },
    )


@pytest.mark.parametrize(
    ("rate", "cron"),
    [
        ("rate(1 minute)", "* * * * *"),
        ("rate(5 minutes)", "*/5 * * * *"),
        ("rate(1 hour)", "0 * * * *"),
        ("rate(6 hours)", "0 */6 * * *"),
        ("rate(1 day)", "0 0 * * *"),
    ],
)
def test_a_rate_beside_a_cron_is_one_as_well(tmp_path: Path, rate: str, cron: str) -> None:
    result = beside(tmp_path, rate)
    expected = f"MultipleCronTriggerTimetable('0 1 * * *', '{cron}', timezone='UTC')"
    assert arguments(result)["schedule"] == expected
    assert any(f"`{rate}`, is `{cron}`" in row for row in rows(result, "schedule"))
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("rate", "zone"),
    [("rate(7 minutes)", "UTC"), ("rate(3 days)", "UTC"), ("rate(6 hours)", "Asia/Kathmandu")],
)
def test_a_rate_that_is_no_cron_beside_one_is_open(tmp_path: Path, rate: str, zone: str) -> None:
    result = beside(tmp_path, rate, ScheduleExpressionTimezone=zone)
    assert "B" not in arguments(result)["schedule"]
    assert any("decision" in row and "B" in row for row in rows(result, "schedule"))


def test_a_window_is_a_row(tmp_path: Path) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    target = {"Arn": {"Ref": "Orders"}, "Input": '{"day": "x"}'}
    given = {"ScheduleExpression": "rate(3 hours)", "FlexibleTimeWindow": window, "Target": target}
    resource = {"Type": "AWS::Scheduler::Schedule", "Properties": given}
    result = sam(tmp_path, {}, resources={"Rule": resource})
    assert any("at some time in 15 minutes" in row for row in rows(result, "schedule"))
    off = {**given, "FlexibleTimeWindow": {"Mode": "OFF"}}
    result = sam(tmp_path, {}, resources={"Rule": {**resource, "Properties": off}})
    assert not any("minutes, Airflow" in row for row in rows(result, "schedule"))


@pytest.mark.parametrize("kind", ["AWS::Scheduler::Schedule", "AWS::Events::Rule"])
@pytest.mark.parametrize("arn", [{"Ref": "Orders"}, {"Fn::GetAtt": ["Orders", "Arn"]}, "Orders.Arn"])
def test_resources_that_start_the_machine(tmp_path: Path, kind: str, arn: Any) -> None:
    target = {"Arn": arn, "Input": '{"day": "x"}'}
    where = {"Target": target} if kind == "AWS::Scheduler::Schedule" else {"Targets": [target]}
    rule = {"Type": kind, "Properties": {"ScheduleExpression": "rate(3 hours)", **where}}
    result = sam(tmp_path, {}, resources={"Rule": rule})
    assert arguments(result)["schedule"] == "timedelta(hours=3)"
    assert arguments(result)["params"] == "{'day': 'x'}"


def test_a_rule_of_another_target_starts_nothing(tmp_path: Path) -> None:
    properties = {"ScheduleExpression": "rate(3 hours)", "Targets": [{"Arn": {"Ref": "Queue"}}]}
    result = sam(tmp_path, {}, resources={"Rule": {"Type": "AWS::Events::Rule", "Properties": properties}})
    assert arguments(result)["schedule"] == "None"
    assert rows(result, "schedule") == []


def test_a_parameter_is_looked_up(tmp_path: Path) -> None:
    parameters = {"Rate": {"Type": "String", "Default": "rate(5 minutes)"}}
    for named in ({"Ref": "Rate"}, "Rate"):
        result = sam(tmp_path, clock(named), Parameters=parameters)
        assert arguments(result)["schedule"] == "timedelta(minutes=5)"


def test_the_input_of_a_schedule_is_params(tmp_path: Path) -> None:
    result = sam(tmp_path, clock("rate(1 day)", Input='{"day": "2024-01-01", "other": [1, null]}'))
    assert arguments(result)["params"] == "{'day': '2024-01-01', 'other': [1, None]}"
    assert "{{ params['day'] | tojson }}" in result.stdout
    assert "dag_run.conf" not in result.stdout


def test_the_input_in_a_function_is_params(tmp_path: Path) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.day", "StringEquals": "x", "Next": "B"}],
        "Default": "A",
    }
    states = {"If": choice, "A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}
    machine = {"StartAt": "If", "States": states}
    result = sam(tmp_path, clock("rate(1 day)", Input='{"day": "x"}'), machine)
    assert "dag_run" not in result.stdout
    assert "(params=None)" in result.stdout
    compile(result.stdout, "dag.py", "exec")


def test_input_that_a_run_lacks_is_open(tmp_path: Path) -> None:
    for given in ({}, {"Input": '{"day": "<aws.scheduler.scheduled-time>"}'}, {"Input": '"x"'}):
        result = sam(tmp_path, clock("rate(1 day)", **given))
        assert "decision" in rows(result, "input")[0]
        assert "params" not in arguments(result)


def test_input_that_nobody_reads_is_not_spoken_of(tmp_path: Path) -> None:
    machine = {"StartAt": "A", "States": {"A": {**READS, "Parameters": {"FunctionName": "f", "Payload": {}}}}}
    result = sam(tmp_path, clock("rate(1 day)"), machine)
    assert rows(result, "input") == []
    assert result.exit_code == 0


def test_substitutions_are_variables(tmp_path: Path) -> None:
    result = convert(TEMPLATES / "sam.yaml", "--bundle", tmp_path / "bundle")
    text = (tmp_path / "bundle" / "dags" / "load-orders.py").read_text()
    assert 'function_name="{{ var.value.LoadArn }}"' in text
    assert "x-{{ var.value.Stage }}-y" in text
    assert '== Variable.get("Stage")' in text
    assert "${HOME}" in text  # nothing is filled in there
    variables = json.loads((tmp_path / "bundle" / "variables.json").read_text())
    assert variables["Stage"] == "test"
    assert variables["LoadArn"] == "to be filled in: LoadFunction.Arn"
    assert result.exit_code == 1


def test_no_secret_is_copied(tmp_path: Path) -> None:
    convert(TEMPLATES / "sam.yaml", "--bundle", tmp_path / "bundle")
    written = "".join(path.read_text() for path in (tmp_path / "bundle").rglob("*") if path.is_file())
    assert "pa55-of-nobody" not in written
    token = "ghp_" + "a1B2" * 9
    given = {"DefinitionSubstitutions": {"Key": token}}
    machine = {"StartAt": "A", "States": {"A": {**READS, "Parameters": {"FunctionName": "${Key}"}}}}
    result = sam(tmp_path, {}, machine, properties=given)
    assert token not in result.output
    assert any("decision" in row and "secret" in row for row in rows(result, "substitution"))


def test_a_value_that_airflow_does_not_render_is_open(tmp_path: Path) -> None:
    machine = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": "${Pause}", "End": True}}}
    result = sam(tmp_path, {}, machine, properties={"DefinitionSubstitutions": {"Pause": 5}})
    assert result.exit_code == 1


def test_a_function_of_the_template_is_called(tmp_path: Path) -> None:
    result = convert(TEMPLATES / "sam.yaml", "--bundle", tmp_path / "bundle")
    text = (tmp_path / "bundle" / "dags" / "Other.py").read_text()
    assert "LambdaInvokeFunctionOperator" in text
    assert 'function_name="{{ var.value.LoadFunction_Arn }}"' in text
    assert "Hidden" in result.stderr
    assert "- [ ] the definition of `Hidden` cannot be read" in (tmp_path / "bundle/MIGRATION.md").read_text()


def test_objects_of_s3_are_an_asset(tmp_path: Path) -> None:
    result = convert(TEMPLATES / "sam.yaml", "--bundle", tmp_path / "bundle")
    text = (tmp_path / "bundle" / "dags" / "Other.py").read_text()
    assert 'schedule=[Asset("s3://incoming/orders/")]' in text
    assert "decision" in rows(result, "trigger")[0]
    assert any("decision" in row and "the event" in row for row in rows(result, "input"))


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.ec2"]},
        {"source": ["aws.s3"], "detail-type": ["Object Created"]},
        {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["a", "b"]}}},
        {"source": ["aws.s3"], "detail-type": ["Object Deleted"], "detail": {"bucket": {"name": ["a"]}}},
        "not json",
    ],
)
def test_other_events_are_open(tmp_path: Path, pattern: Any) -> None:
    result = sam(tmp_path, {"On": {"Type": "EventBridgeRule", "Properties": {"Pattern": pattern}}})
    assert arguments(result)["schedule"] == "None"
    assert "decision" in rows(result, "trigger")[0]


def test_a_route_is_open(tmp_path: Path) -> None:
    result = sam(tmp_path, {"Api": {"Type": "Api", "Properties": {"Path": "/go", "Method": "post"}}})
    assert "POST /go" in rows(result, "trigger")[0]


def test_terraform() -> None:
    result = convert(TEMPLATES / "orders.tf")
    assert dag(result).id == "orders"
    assert arguments(result)["schedule"] == "CronTriggerTimetable('0 12 l * *', timezone='Asia/Tokyo')"
    assert "is_paused_upon_creation" not in arguments(result)
    assert arguments(result)["params"] == "{'day': 'x'}"
    assert "{{ var.value.aws_lambda_function_load_arn }}" in result.stdout
    (left,) = [row for row in rows(result, "schedule") if "aws_cloudwatch_event_rule/nightly" in row]
    assert "is switched off in the template, and left out" in left


def test_serverless() -> None:
    result = convert(TEMPLATES / "serverless.yml")
    assert dag(result).id == "hello"
    assert arguments(result)["schedule"] == "'0 8 * * 1#1'"
    assert "{{ var.value.self_custom_topic }}" in result.stdout
    assert ["POST start" in row or "aws.ec2" in row for row in rows(result, "trigger")] == [True, True]


@pytest.mark.parametrize("kind", ["sam", "cloudformation"])
def test_the_bundle_of_a_dag_comes_back_with_its_schedule(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "etl.py"
    source.write_text(DAG)
    given = ["convert", str(source), "--to", "asl", "--bundle", str(tmp_path / "b"), "--template", kind]
    assert CliRunner().invoke(main, given, catch_exceptions=False).exit_code == 0
    result = convert(tmp_path / "b" / "template.yaml")
    assert result.exit_code == 0
    assert arguments(result)["schedule"] == "'15 3 * * 1-5'"
    assert dag(result).tasks.keys() == {"a", "b"}


def test_one_of_several_machines_is_chosen() -> None:
    result = convert(TEMPLATES / "sam.yaml", "--dag-id", "Other")
    assert dag(result).id == "Other"
    other = convert(TEMPLATES / "sam.yaml", "--dag-id", "none")
    assert other.exit_code == 2
    assert "Other, load-orders" in other.stderr


def test_one_name_for_two_values_is_two_variables(tmp_path: Path) -> None:
    definition = {"StartAt": "A", "States": {"A": {**READS, "Parameters": {"FunctionName": "${Fn}"}}}}
    resources = {
        name: {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {"Definition": definition, "DefinitionSubstitutions": {"Fn": value}},
        }
        for name, value in (("One", "first"), ("Two", "second"), ("Three", "first"))
    }
    path = tmp_path / "template.yaml"
    path.write_text(yaml.safe_dump({"Resources": resources}))
    assert convert(path, "--bundle", tmp_path / "bundle").exit_code == 0
    variables = json.loads((tmp_path / "bundle" / "variables.json").read_text())
    assert variables == {"Fn": "first", "Two_Fn": "second"}
    texts = {name: (tmp_path / "bundle" / "dags" / f"{name}.py").read_text() for name in resources}
    assert [f"var.value.{name} " in texts[dag] for dag, name in (("One", "Fn"), ("Two", "Two_Fn"))] == [
        True,
        True,
    ]
    assert "var.value.Fn " in texts["Three"]


def test_a_secret_in_the_input_is_not_copied(tmp_path: Path) -> None:
    given = json.dumps({"day": "x", "login": {"password": "c0rrect-h0rse!"}})
    result = sam(tmp_path, clock("rate(1 day)", Input=given))
    assert arguments(result)["params"] == "{'day': 'x'}"
    assert "c0rrect-h0rse!" not in result.output
    assert any("decision" in row and "login" in row for row in rows(result, "input"))


def test_several_machines_go_to_a_folder(tmp_path: Path) -> None:
    assert convert(TEMPLATES / "sam.yaml").exit_code == 2
    convert(TEMPLATES / "sam.yaml", "-o", tmp_path / "dags")
    assert {path.name for path in (tmp_path / "dags").iterdir()} == {"load-orders.py", "Other.py"}


def test_a_template_without_a_machine_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("Resources: {Q: {Type: AWS::SQS::Queue}}\n")
    assert convert(path).exit_code == 3


@pytest.mark.parametrize(
    "events",
    [
        [],
        {"A": None},
        {"A": {"Type": [], "Properties": {}}},
        {"A": {"Type": "Schedule", "Properties": {"Schedule": []}}},
        {"A": {"Type": "Schedule", "Properties": {"Schedule": {"Fn::Sub": "${x}"}, "Input": {"Ref": "X"}}}},
        {"A": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": 1, "detail": []}}}},
    ],
)
def test_odd_events_are_no_traceback(tmp_path: Path, events: Any) -> None:
    assert sam(tmp_path, events).exit_code in (0, 1)


def test_what_is_around_a_machine_is_a_row(tmp_path: Path) -> None:
    target = [{"Id": "a", "Arn": "arn:aws:sns:eu-central-1:1:t"}]
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [{"Ref": "Orders"}]}}
    about = [{"Name": "StateMachineArn", "Value": {"Ref": "Orders"}}]
    resources = {
        "Tell": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": target}},
        "Watch": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": about}},
        "Else": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": [{"Value": "x"}]}},
    }
    events = clock("rate(1 day)", RetryPolicy={"MaximumRetryAttempts": 1})
    properties = {"Tags": {"team": "data"}, "Type": "STANDARD", "Logging": {"Level": "ALL"}}
    result = sam(tmp_path, events, resources=resources, properties=properties)
    said = [line.partition(": ")[2] for line in result.stderr.splitlines()]
    found = [line.partition(" is left out")[0] for line in said if " is left out" in line]
    assert found == [
        "noted[Logging] `Logging`",
        "noted[Tags] `Tags`",
        "noted[trigger] `RetryPolicy` of Clock",
    ]
    followers = [line.partition(": ")[0] for line in said if "[follower]" in line]
    assert followers == [
        "decision[follower] `Tell` hears of the machine's executions",
        "noted[follower] `Watch` watches the machine's executions",
    ]


STARTING = {
    "a pipe": ("AWS::Pipes::Pipe", {"Source": "arn:aws:sqs:eu-central-1:1:q", "Target": {"Ref": "Orders"}}),
    "an integration of an API": (
        "AWS::ApiGatewayV2::Integration",
        {"RequestParameters": {"StateMachineArn": {"Ref": "Orders"}}},
    ),
    "a method of an API": (
        "AWS::ApiGateway::Method",
        {"Integration": {"RequestTemplates": {"application/json": {"Fn::Sub": '"${Orders}"'}}}},
    ),
}


@pytest.mark.parametrize("what", STARTING)
def test_what_else_starts_a_machine_is_a_row(what: str, tmp_path: Path) -> None:
    kind, properties = STARTING[what]
    result = sam(tmp_path, {}, resources={"Go": {"Type": kind, "Properties": properties}})
    assert f"decision[trigger] `Go`, {what}, starts the machine" in result.stderr
    other = json.loads(json.dumps(properties).replace("Orders", "Others"))
    assert "Go" not in sam(tmp_path, {}, resources={"Go": {"Type": kind, "Properties": other}}).stderr


TERRAFORM = """
resource "aws_sfn_state_machine" "m" {
  name = "orders"
  definition = jsonencode({StartAt = "A", States = {A = {Type = "Succeed"}}})
}
resource "aws_scheduler_schedule" "s" {
  schedule_expression = "rate(2 hours)"
  flexible_time_window { mode = "OFF" }
  target {
    arn = aws_sfn_state_machine.m.arn
    retry_policy { maximum_retry_attempts = 2 }
  }
}
resource "aws_pipes_pipe" "p" {
  target = aws_sfn_state_machine.m.arn
}
resource "aws_cloudwatch_event_rule" "fail" {
  event_pattern = jsonencode({detail = {stateMachineArn = [aws_sfn_state_machine.m.arn]}})
}
resource "aws_cloudwatch_metric_alarm" "a" {
  dimensions = { StateMachineArn = aws_sfn_state_machine.m.arn }
}
"""


def test_what_is_around_a_machine_of_terraform_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    said = convert(tmp_path / "main.tf").stderr
    assert "decision[trigger] `aws_pipes_pipe/p`, a pipe, starts the machine" in said
    assert "`RetryPolicy` of aws_scheduler_schedule/s" in said and "FlexibleTimeWindow" not in said
    assert "decision[follower] `aws_cloudwatch_event_rule/fail` hears" in said
    assert "noted[follower] `aws_cloudwatch_metric_alarm/a` watches" in said
