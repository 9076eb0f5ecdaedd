"""Who hears of what goes wrong: mails, callbacks and deadlines, with and without a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from dagmig.cli import main
from dagmig.diagnostics import Report, Row
from dagmig.pipeline import airflow_to_asl

DAG = """\
from datetime import timedelta
from airflow.sdk import DAG, DeadlineAlert, DeadlineReference
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

def tell(context):
    print("failed")

with DAG("etl", schedule=None, {dag}):
    GlueJobOperator(task_id="work", job_name="x", {task})
"""


def rows(task: str, dag: str = "") -> dict[str, Row]:
    (found,) = airflow_to_asl(DAG.format(dag=dag, task=task), "dag.py", Report())
    return {row.construct: row for row in found.report.rows}


def bundle(tmp_path: Path, task: str, dag: str = "") -> tuple[dict[str, Any], list[str]]:
    """The template, and the rows that are said."""
    path = tmp_path / "dag.py"
    path.write_text(DAG.format(dag=dag, task=task))
    given = ["convert", str(path), "--to", "asl", "--bundle", str(tmp_path / "bundle")]
    result = CliRunner().invoke(main, given, catch_exceptions=False)
    template: dict[str, Any] = yaml.safe_load((tmp_path / "bundle" / "template.yaml").read_text())
    return template, result.stderr.splitlines()


def of(lines: list[str], construct: str) -> list[str]:
    return [line for line in lines if f"[{construct}]" in line]


@pytest.mark.parametrize(
    ("task", "construct"),
    [
        ('email="a@example.org"', "email"),
        ('email="a@example.org", email_on_failure=True, email_on_retry=False', "email_on_failure"),
        ('email="a@example.org", email_on_failure=False, email_on_retry=True, retries=1', "email_on_retry"),
        ('email="a@example.org", email_on_failure=False, retries=1', "email"),
    ],
)
def test_mails_that_are_sent_are_open(task: str, construct: str) -> None:
    assert str(rows(task)[construct].disposition) == "decision"


@pytest.mark.parametrize(
    "task",
    [
        'email="a@example.org", email_on_failure=False, email_on_retry=False',
        'email="a@example.org", email_on_failure=False',
        'email="", email_on_failure=True',
        "email_on_failure=True, email_on_retry=True",
        "email=None",
    ],
)
def test_mails_that_are_not_sent_are_not_open(task: str) -> None:
    found = rows(task)
    assert all(str(row.disposition) != "decision" for name, row in found.items() if name.startswith("email"))


def test_a_mail_comes_by_the_topic(tmp_path: Path) -> None:
    template, said = bundle(tmp_path, "retries=0", 'default_args={"email": ["a@example.org"]}')
    assert template["Parameters"]["AlarmEmail"]["Default"] == "a@example.org"
    rule = template["Resources"]["TellFailures"]["Properties"]
    assert rule["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert rule["Targets"] == [{"Id": "topic", "Arn": {"Ref": "AlarmTopic"}}]
    (row,) = of(said, "email")
    assert "noted" in row
    assert "AlarmTopic" in row


def test_mails_of_retries_are_open(tmp_path: Path) -> None:
    _, said = bundle(tmp_path, 'email="a@example.org", retries=2')
    (row,) = of(said, "email")
    assert "decision" in row
    assert "tried again" in row


@pytest.mark.parametrize("given", ['"a@example.org; b@example.org"', '["a@example.org", "b@example.org"]'])
def test_all_addresses_are_subscribed(tmp_path: Path, given: str) -> None:
    template, said = bundle(tmp_path, f"email={given}")
    resources, parameters = template["Resources"], template["Parameters"]
    subscribed = {
        parameters[one["Properties"]["Endpoint"]["Ref"]]["Default"]: template["Conditions"][one["Condition"]]
        for one in resources.values()
        if one["Type"] == "AWS::SNS::Subscription"
    }
    assert subscribed == {
        "a@example.org": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]},
        "b@example.org": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail2"}, ""]}]},
    }
    (row,) = of(said, "email")
    assert "noted" in row


def test_all_addresses_are_subscribed_in_terraform(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    path.write_text(DAG.format(dag="", task='email=["a@example.org", "${b}@example.org"]'))
    given = ["convert", str(path), "--to", "asl", "--bundle", str(tmp_path / "b"), "--template", "terraform"]
    CliRunner().invoke(main, given, catch_exceptions=False)
    text = (tmp_path / "b" / "main.tf").read_text()
    assert '"a@example.org",\n    "$${b}@example.org",' in text
    assert "for_each = toset(var.alarm_emails)" in text


def test_an_unknown_address_is_open(tmp_path: Path) -> None:
    template, said = bundle(tmp_path, "email=__import__('os').environ['TO']")
    assert template["Parameters"]["AlarmEmail"]["Default"] == ""
    assert "decision" in of(said, "email")[0]
    assert "AlarmEmail" in of(said, "email")[0]


@pytest.mark.parametrize(
    ("task", "dag"), [("on_failure_callback=tell", ""), ("retries=0", "on_failure_callback=tell")]
)
def test_a_callback_becomes_a_rule_that_somebody_has_to_hear(tmp_path: Path, task: str, dag: str) -> None:
    template, said = bundle(tmp_path, task, dag)
    assert "TellFailures" in template["Resources"]
    (row,) = of(said, "on_failure_callback")
    assert "decision" in row
    assert "subscribe" in row


@pytest.mark.parametrize(
    "task",
    ["retries=0", "on_failure_callback=None", 'email="a@example.org", email_on_failure=False',
     "email_on_failure=True", "on_success_callback=tell"],
)  # fmt: skip
def test_nobody_is_told_whom_nobody_told(tmp_path: Path, task: str) -> None:
    template, _ = bundle(tmp_path, task)
    assert "TellFailures" not in template["Resources"]
    assert template["Parameters"]["AlarmEmail"]["Default"] == ""


@pytest.mark.parametrize(
    ("task", "dag", "seconds"),
    [
        ("sla=timedelta(hours=2)", "", 7200),
        ("retries=0", 'default_args={"sla": timedelta(minutes=5)}', 300),
        (
            "retries=0",
            "deadline=DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, "
            "interval=timedelta(hours=1), callback=tell)",
            3600,
        ),
    ],
)
def test_what_is_late_is_an_alarm(tmp_path: Path, task: str, dag: str, seconds: int) -> None:
    template, said = bundle(tmp_path, task, dag)
    alarm = template["Resources"]["ExecutionsLate"]["Properties"]
    assert alarm["MetricName"] == "ExecutionTime"
    assert alarm["Threshold"] == seconds * 1000
    (row,) = [*of(said, "sla"), *of(said, "deadline")]
    assert "decision" in row
    assert "ExecutionsLate" in row


def test_without_a_limit_there_is_no_alarm_of_it(tmp_path: Path) -> None:
    fixed = "deadline=DeadlineAlert(reference=DeadlineReference.FIXED_DATETIME(x), interval=timedelta(1))"
    for dag in ("", fixed.replace("(x)", "(None)")):
        template, _ = bundle(tmp_path, "retries=0", dag)
        assert "ExecutionsLate" not in template["Resources"]
