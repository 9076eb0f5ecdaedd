"""``dagmig convert`` as scripts call it: where the product goes, the ledger's shape, the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main

DAG = """\
from airflow.sdk import DAG
from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator

with DAG("{id}", schedule=None):
    first = LambdaInvokeFunctionOperator(task_id="first", function_name="clean")
    first >> LambdaInvokeFunctionOperator(task_id="second", function_name="load")
"""
UNKNOWN_OPERATOR = """\
from airflow.sdk import DAG
from acme.operators import TeleportOperator

with DAG("strange", schedule=None):
    TeleportOperator(task_id="beam", to="Mars")
"""
PYTHON = """\
from airflow.sdk import DAG, task

with DAG("hello", schedule=None):

    @task
    def greet():
        print("hello")

    greet()
"""
ROW_KEYS = {"construct", "source", "target", "disposition", "difference", "task", "workflow"}
MACHINE = {
    "StartAt": "Start",
    "States": {"Start": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "End": True}},
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def dag(tmp_path: Path) -> Path:
    path = tmp_path / "dag.py"
    path.write_text(DAG.format(id="etl"))
    return path


def names(machine: dict) -> set[str]:
    return set(machine["States"])


def test_the_machine_goes_to_stdout(dag: Path) -> None:
    result = run("convert", dag, "--to", "asl")
    assert result.exit_code == 0
    assert names(json.loads(result.stdout)) == {"first", "second"}


def test_the_machine_goes_to_a_file_or_a_folder(dag: Path, tmp_path: Path) -> None:
    printed = run("convert", dag, "--to", "asl").stdout
    assert run("convert", dag, "--to", "asl", "-o", tmp_path / "out" / "m.asl.json").stdout == ""
    assert (tmp_path / "out" / "m.asl.json").read_text() == printed
    run("convert", dag, "--to", "asl", "-o", tmp_path / "out")
    assert (tmp_path / "out" / "etl.asl.json").read_text() == printed


def test_the_ledger_names_the_state_of_every_task(dag: Path, tmp_path: Path) -> None:
    run("convert", dag, "--to", "asl", "-o", tmp_path / "m.asl.json", "--ledger", tmp_path / "ledger.json")
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    assert set(ledger) == {"version", "source", "target", "rows"}
    assert (ledger["version"], ledger["source"], ledger["target"]) == (
        1,
        str(dag),
        str(tmp_path / "m.asl.json"),
    )
    assert all(set(row) == ROW_KEYS for row in ledger["rows"])
    targets = {row["task"]: row["target"] for row in ledger["rows"] if row["target"].startswith("/States/")}
    assert targets == {"first": "/States/first", "second": "/States/second"}
    (first,) = (row for row in ledger["rows"] if row["target"] == "/States/first")
    assert first["source"] == {"file": str(dag), "line": 5, "column": 13}


def test_an_unknown_operator_fails_when_run_and_is_an_open_row(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(UNKNOWN_OPERATOR)
    result = run("convert", tmp_path / "dag.py", "--to", "asl", "--ledger", tmp_path / "ledger.json")
    assert result.exit_code == 1
    assert "TeleportOperator" in result.stderr
    rows = json.loads((tmp_path / "ledger.json").read_text())["rows"]
    assert {row["disposition"] for row in rows if row["task"] == "beam"} & {
        "decision",
        "redesign",
        "impossible",
    }


def test_lambda_sources_are_written_beside_the_machine(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(PYTHON)
    result = run("convert", tmp_path / "dag.py", "--to", "asl", "-o", tmp_path / "m.asl.json")
    assert result.exit_code == 0
    (source,) = (tmp_path / "m.functions").iterdir()
    compile(source.read_text(), str(source), "exec")
    assert "-o PATH writes them" in run("convert", tmp_path / "dag.py", "--to", "asl").stderr


def test_several_dags_need_a_folder_or_a_choice(tmp_path: Path) -> None:
    (tmp_path / "dags.py").write_text(DAG.format(id="one") + DAG.format(id="two"))
    result = run("convert", tmp_path / "dags.py", "--to", "asl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "one, two" in result.stderr
    assert run("convert", tmp_path / "dags.py", "--to", "asl", "-o", tmp_path / "out").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one.asl.json", "two.asl.json"]
    assert run("convert", tmp_path / "dags.py", "--to", "asl", "--dag-id", "two").exit_code == 0
    assert run("convert", tmp_path / "dags.py", "--to", "asl", "--dag-id", "three").exit_code == 3


@pytest.mark.parametrize("hostile", ["../../outside", "..", "/etc/x", "a/b"])
def test_an_id_cannot_leave_the_folder(tmp_path: Path, hostile: str) -> None:
    (tmp_path / "dags.py").write_text(DAG.format(id=hostile) + DAG.format(id="two"))
    run("convert", tmp_path / "dags.py", "--to", "asl", "-o", tmp_path / "deep" / "out")
    written = list(tmp_path.rglob("*.asl.json"))
    assert len(written) == 2
    assert {path.parent for path in written} == {tmp_path / "deep" / "out"}


def test_a_machine_becomes_a_dag_named_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "nightly load.asl.json").write_text(json.dumps(MACHINE))
    result = run("convert", tmp_path / "nightly load.asl.json", "--to", "airflow")
    assert result.exit_code == 0
    assert '"nightly_load"' in result.stdout
    compile(result.stdout, "dag.py", "exec")
    assert (
        '"other"'
        in run("convert", tmp_path / "nightly load.asl.json", "--to", "airflow", "--dag-id", "other").stdout
    )


def test_the_ledger_of_a_dag_points_at_lines(tmp_path: Path) -> None:
    (tmp_path / "m.asl.json").write_text(json.dumps(MACHINE))
    run(
        "convert",
        tmp_path / "m.asl.json",
        "--to",
        "airflow",
        "-o",
        tmp_path / "m.py",
        "--ledger",
        tmp_path / "l.json",
    )
    (row,) = (row for row in json.loads((tmp_path / "l.json").read_text())["rows"] if row["task"] == "Start")
    lines = (tmp_path / "m.py").read_text().splitlines()
    assert "LambdaInvokeFunctionOperator(" in lines[int(row["target"]) - 1]


@pytest.mark.parametrize(("name", "to"), [("dag.py", "airflow"), ("m.asl.json", "asl")])
def test_the_wrong_direction_is_wrong_usage(tmp_path: Path, name: str, to: str) -> None:
    (tmp_path / name).write_text("{}")
    assert run("convert", tmp_path / name, "--to", to).exit_code == 2


def test_a_file_without_a_dag_cannot_be_converted(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("x = 1\n")
    result = run("convert", tmp_path / "plain.py", "--to", "asl")
    assert result.exit_code == 3
    assert "defines no DAG" in result.stderr


def test_a_failed_write_is_an_error_without_traceback(dag: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("convert", dag, "--to", "asl", "-o", tmp_path / "file" / "m.asl.json")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


@pytest.mark.parametrize("text", ["{}", '{"StartAt": "A"}', '{"StartAt": "A", "States": []}', '{"a": "x"}'])
def test_json_that_is_no_machine_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    result = run("convert", path, "--to", "airflow")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith(f"{path}:1:1: error[not-a-machine]")


def test_dags_of_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    path = tmp_path / "twice.py"
    path.write_text(DAG.format(id="etl") + DAG.format(id="ETL").partition("\n")[2])
    result = run("convert", path, "--to", "asl", "-o", f"{tmp_path / 'out'}/")
    assert result.exit_code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["ETL-2.asl.json", "etl.asl.json"]


def test_output_that_nobody_reads_is_no_usage_error(dag: Path) -> None:
    command = [sys.executable, "-m", "dagmig", "convert", str(dag), "--to", "asl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Usage" not in said
    assert "Traceback" not in said
