"""Operators of the user's own: the file that says what they become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main

ROOT = Path(__file__).parents[1]
OWN = ROOT / "fixtures" / "own"
DAG = """\
from airflow.sdk import DAG
from acme import LoadOperator, OtherOperator

with DAG("load", schedule=None):
    LoadOperator(task_id="load", rows='{"a": 1}', wait=True, pool_name="x", strange=1)
"""
FILE = """\
integrations:
  - operator: acme.LoadOperator
    aliases: [acme.old.LoadOperator]
    action: glue:startJobRun
    sends: {JobName: load}
    fields:
      - {argument: rows, parameter: Arguments, as: json-text}
    waits: {argument: wait, default: false, suffix: .sync}
    result: $states.result.JobRunId
    undecided: {pool_name: make a queue of that name}
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def write(folder: Path, text: str = FILE) -> tuple[str, str]:
    (folder / "dag.py").write_text(DAG)
    (folder / "own.yaml").write_text(text)
    return str(folder / "dag.py"), str(folder / "own.yaml")


def converted(folder: Path, *more: str) -> tuple[dict[str, object], str, int]:
    result = run("convert", str(folder / "dag.py"), "--to", "asl", *more)
    return json.loads(result.stdout), result.stderr, result.exit_code


def test_an_operator_of_ones_own_becomes_what_the_file_says(tmp_path: Path) -> None:
    _, own = write(tmp_path)
    machine, said, code = converted(tmp_path, "--integrations", own)
    state = machine["States"]["load"]  # type: ignore[index]
    assert state["Resource"] == "arn:aws:states:::glue:startJobRun.sync"
    assert state["Arguments"] == {"Arguments": {"a": 1}, "JobName": "load"}
    assert "make a queue of that name" in said and "`strange`" in said and "own.yaml says" in said
    assert code == 1


def test_the_configuration_names_the_file(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "dagmig.toml").write_text('integrations = ["own.yaml"]\n')
    machine, _, _ = converted(tmp_path)
    assert machine["States"]["load"]["Resource"].endswith("glue:startJobRun.sync")  # type: ignore[index]


def test_old_names_are_known(tmp_path: Path) -> None:
    _, own = write(tmp_path)
    (tmp_path / "dag.py").write_text(DAG.replace("from acme import", "from acme.old import"))
    machine, _, _ = converted(tmp_path, "--integrations", own)
    assert machine["States"]["load"]["Resource"].endswith("glue:startJobRun.sync")  # type: ignore[index]


def test_the_file_comes_before_what_dagmig_knows(tmp_path: Path) -> None:
    operator = "airflow.providers.amazon.aws.operators.sns.SnsPublishOperator"
    (tmp_path / "own.yaml").write_text(
        f"integrations: [{{operator: {operator}, action: 'sqs:sendMessage'}}]\n"
    )
    (tmp_path / "dag.py").write_text(
        f"from airflow.sdk import DAG\nfrom {operator.rpartition('.')[0]} import SnsPublishOperator\n"
        "with DAG('d', schedule=None):\n    SnsPublishOperator(task_id='load')\n"
    )
    machine, _, _ = converted(tmp_path, "--integrations", str(tmp_path / "own.yaml"))
    assert machine["States"]["load"]["Resource"] == "arn:aws:states:::sqs:sendMessage"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("integrations: [", "1:16", "not YAML"),
        ("integrations: {}", "1:15", "is not of type 'array'"),
        ("", "1:1", "None is not of type 'object'"),
        ("integrations:\n  - {operator: acme.A}", "2:5", "'action' is a required property"),
        ("integrations:\n  - {operator: A, action: 'a:b'}", "2:16", "does not match"),
        ("integrations:\n  - {operator: acme.A, action: lambda}", "2:32", "does not match"),
        ("integrations:\n  - {operator: acme.A, action: 'a:b', field: 1}", "2:5", "'field' was unexpected"),
        (
            "integrations:\n  - {operator: acme.A, action: 'a:b'}\n  - {operator: acme.A, action: 'a:c'}",
            "3:16",
            "declared twice",
        ),
        (
            "integrations:\n  - operator: acme.A\n    action: a:b\n"
            "    fields: [{argument: x, parameter: X}]\n    dropped: {x: why}",
            "2:5",
            "stands in two places",
        ),
        ("integrations: &a\n  - *a", "1:1", "Circular reference"),
        (
            "integrations:\n  - {operator: a.A, action: 'a:b', sends: {D: 2024-01-01}}",
            "1:1",
            "type date",
        ),
        (
            "integrations:\n  - {operator: a.A, action: 'sqs:sendMesage'}",
            "2:29",
            "`sqs:sendMessage` is meant?",
        ),
        ("integrations:\n  - {operator: a.A, action: 'x:y'}", "2:29", "there is no integration `x:y`"),
        (
            "integrations:\n  - {operator: a.A, action: 'aws-sdk:s3:getObjekt'}",
            "2:29",
            "`s3` has no action `getObjekt`: `getObject` is meant?",
        ),
        (
            "integrations:\n  - {operator: a.A, action: 'aws-sdk:dms:startReplicationTask'}",
            "2:29",
            "there is no service `dms`: `databasemigration",
        ),
        (
            "integrations:\n  - {operator: a.A, action: 'sqs:sendMessage', waits: {argument: w}}",
            "2:55",
            "`sqs:sendMessage` has no `.sync`: it has `.waitForTaskToken`",
        ),
        (
            "integrations:\n  - operator: a.A\n    action: sqs:sendMessage\n"
            "    fields: [{argument: x, parameter: QueueURL}]",
            "4:39",
            "SendMessage has no parameter `QueueURL`: `QueueUrl` is meant?",
        ),
        (
            "integrations:\n  - operator: a.A\n    action: aws-sdk:rds:startDBInstance\n"
            "    sends: {DbInstanceIdentifier: d, DBInstanceIdentifier: d, Other.Inner: 1}",
            "4:76",
            "StartDBInstance has no parameter `Other`",
        ),
    ],
)
def test_faults_have_a_place(text: str, place: str, said: str, tmp_path: Path) -> None:
    dag, own = write(tmp_path, text)
    result = run("convert", dag, "--to", "asl", "--integrations", own)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"own.yaml:{place}: error[bad-integration]" in result.stderr
    assert said in result.stderr


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    dag, _ = write(tmp_path)
    result = run("convert", dag, "--to", "asl", "--integrations", str(tmp_path / "none.yaml"))
    assert (result.exit_code, "no such file" in result.stderr) == (2, True)


def test_the_list_has_them(tmp_path: Path) -> None:
    _, own = write(tmp_path)
    rows = json.loads(run("integrations", "--format", "json", "--integrations", own).stdout)["integrations"]
    assert "acme.LoadOperator" in {row["operator"] for row in rows}


def test_the_readme_shows_the_example() -> None:
    assert f"```yaml\n{(OWN / 'operators.yaml').read_text()}```" in (ROOT / "README.md").read_text()
