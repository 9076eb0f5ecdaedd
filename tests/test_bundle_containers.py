"""Functions in containers: the machine runs, each container's entry point answers as Lambda would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from tests.terraform_names import declared, undeclared

from dagmig.cli import main
from jsonata_run import Execution, Failed

HEAD = """\
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task
"""
BOTO3 = """
import json, os

class Client:
    def __getattr__(self, name):
        def call(**given):
            if "Body" in given:
                given["Body"] = given["Body"].decode()
            with open(os.environ["CALLS"], "a") as file:
                file.write(json.dumps([name, given]) + "\\n")
        return call

def client(name):
    return Client()
"""
ECS, BATCH = "arn:aws:states:::ecs:runTask.waitForTaskToken", "arn:aws:states:::batch:submitJob.sync"
READ = "arn:aws:states:::aws-sdk:s3:getObject"
FILLED = {"container_subnets": "subnet-1,subnet-2", "container_security_groups": "sg-1"}


def bundled(dag: str, folder: Path, *options: str) -> Path:
    (folder / "dag.py").write_text(HEAD + dag)
    out = folder / "out"
    arguments = ["convert", str(folder / "dag.py"), "--to", "asl", "--bundle", str(out), *options]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code in (0, 1), result.output
    return out


class Account:
    """Runs what a machine asks for: containers of a bundle, and the bucket of their answers."""

    def __init__(self, out: Path, folder: Path) -> None:
        self.out, self.folder = out, folder
        self.objects: dict[str, str] = {}
        self.calls: list[tuple[str, Any]] = []
        (folder / "boto3.py").write_text(BOTO3)

    def call(self, resource: str, arguments: Any) -> Any:
        self.calls.append((resource, arguments))
        if resource == READ:
            return {"Body": self.objects[arguments["Key"]]}
        if resource == ECS:
            environment = arguments["Overrides"]["ContainerOverrides"][0]["Environment"]
            ((name, given),) = self.run(arguments["TaskDefinition"], environment)
            if name == "send_task_failure":
                raise Failed(given["error"], given["cause"])
            assert (name, given["taskToken"]) == ("send_task_success", "token")
            return json.loads(given["output"])
        assert resource == BATCH
        environment = arguments["ContainerOverrides"]["Environment"]
        ((name, given),) = self.run(arguments["JobDefinition"], environment)
        assert (name, given["Bucket"]) == ("put_object", "answers")
        self.objects[given["Key"]] = given["Body"]
        return {"JobId": "job"}

    def run(self, definition: str, environment: list[dict[str, str]]) -> list[Any]:
        task = definition.removeprefix("${task_").removesuffix("_definition_arn}")
        log = self.folder / "calls.jsonl"
        log.write_text("")
        given = {one["Name"]: one["Value"] for one in environment}
        given = {**given, "CALLS": str(log), "PYTHONPATH": str(self.folder), "PATH": os.environ["PATH"]}
        folder = self.out / f"functions/etl-{task}"
        subprocess.run(
            [sys.executable, "container.py"], cwd=folder, env=given, capture_output=True, check=True
        )
        return [json.loads(line) for line in log.read_text().splitlines()]


def answered(dag: str, kind: str, folder: Path) -> Any:
    """What the machine's last state gave."""
    out = bundled(dag, folder, "--python-target", kind, "--target-airflow", "3")
    text = (out / "statemachine/etl.asl.json").read_text()
    for name, value in {**FILLED, "answers_bucket": "answers"}.items():
        text = text.replace(f"${{{name}}}", value)
    execution = Execution(Account(out, folder).call)
    machine = json.loads(text)
    return execution.run(machine)


WITH = 'with DAG("etl", schedule=None):\n'
LISTS = """
    @task
    def first():
        return [1, [2, [3]], {"a": []}, None, "é'\\""]
    @task
    def last(x, y):
        assert x == [1, [2, [3]], {"a": []}, None, "é'\\""], x
        assert y == [[1, [2, [3]], {"a": []}, None, "é'\\""], 5], y
        print("printed")
        return {"fine": x}
    a = first()
    last(a, [a, 5])
"""


@pytest.mark.parametrize("kind", ["ecs", "batch"])
def test_what_is_returned_goes_on_to_the_next(kind: str, tmp_path: Path) -> None:
    found = answered(WITH + LISTS, kind, tmp_path)
    if kind == "ecs":
        assert found == {"fine": [1, [2, [3]], {"a": []}, None, "é'\""]}


@pytest.mark.parametrize("kind", ["ecs", "batch"])
def test_an_exception_has_its_name_in_the_machine(kind: str, tmp_path: Path) -> None:
    dag = WITH + "    @task\n    def last():\n        raise KeyError('x')\n    last()\n"
    with pytest.raises(Failed) as failed:
        answered(dag, kind, tmp_path)
    assert failed.value.args[0] == "KeyError"


@pytest.mark.parametrize("kind", ["ecs", "batch"])
def test_who_exits_has_failed(kind: str, tmp_path: Path) -> None:
    dag = WITH + "    @task\n    def last():\n        raise SystemExit(3)\n    last()\n"
    with pytest.raises(Failed) as failed:
        answered(dag, kind, tmp_path)
    assert failed.value.args[0] == "SystemExit"


@pytest.mark.parametrize("kind", ["ecs", "batch"])
def test_a_skip_skips_what_follows(kind: str, tmp_path: Path) -> None:
    dag = WITH + (
        "    @task\n    def first():\n        raise AirflowSkipException('x')\n"
        "    @task\n    def last():\n        raise KeyError('ran')\n    first() >> last()\n"
    )
    answered(dag, kind, tmp_path)


@pytest.mark.parametrize("kind", ["ecs", "batch"])
def test_bash_runs_in_a_container(kind: str, tmp_path: Path) -> None:
    dag = (
        WITH + "    BashOperator(task_id='last', bash_command='echo \"a {{ ds }}\" | grep -c a; echo done')\n"
    )
    found = answered(dag, kind, tmp_path)
    if kind == "ecs":
        assert found == "done"
    image = (tmp_path / "out/functions/etl-last/Dockerfile").read_text()
    assert "apt-get install" in image


@pytest.mark.parametrize("kind", ["ecs", "batch"])
def test_the_template_has_all_that_the_machine_names(kind: str, tmp_path: Path) -> None:
    out = bundled(WITH + LISTS, tmp_path, "--python-target", kind, "--template", "cloudformation")
    template = yaml.safe_load((out / "template.yaml").read_text())
    properties = template["Resources"]["StateMachine"]["Properties"]
    machine = (out / properties["DefinitionS3Location"]).read_text()
    known = template["Parameters"].keys() | template["Resources"].keys()
    filled = properties["DefinitionSubstitutions"]
    assert {name for name in filled if f"${{{name}}}" not in machine} == set()
    assert {reference["Ref"] for reference in filled.values()} <= known
    for name in filled:
        machine = machine.replace(f"${{{name}}}", "x")
    assert "${" not in machine
    kinds = sorted(one["Type"] for one in template["Resources"].values())
    wanted = "AWS::ECS::TaskDefinition" if kind == "ecs" else "AWS::Batch::JobDefinition"
    assert kinds.count(wanted) == 2
    assert "AWS::Lambda::Function" not in kinds


@pytest.mark.parametrize(
    ("kind", "definition"), [("ecs", "ecs_task_definition"), ("batch", "batch_job_definition")]
)
def test_terraform_has_all_that_the_machine_names(kind: str, definition: str, tmp_path: Path) -> None:
    out = bundled(WITH + LISTS, tmp_path, "--python-target", kind, "--template", "terraform")
    text = (out / "main.tf").read_text()
    assert undeclared(text) == set()
    found = declared(text)
    assert len(found) == len(set(found))
    assert sum(one.startswith(f"aws_{definition}.") for one in found) == 2
    assert ("aws_s3_bucket.answers" in found) == (kind == "batch")
    assert "lambda" not in text
    (place,) = (out / "statemachine").iterdir()
    machine = place.read_text()
    for name in re.findall(r'"\$\$\{(\w+)\}"', text):
        assert f"${{{name}}}" in machine
        machine = machine.replace(f"${{{name}}}", "x")
    assert "${" not in machine


def test_the_heartbeat_is_shorter_than_the_timeout(tmp_path: Path) -> None:
    dag = (
        "from datetime import timedelta\n" + WITH + "    @task(execution_timeout=timedelta(minutes=5))\n"
        "    def first():\n        return 1\n    first()\n"
        "    @task(execution_timeout=timedelta(hours=5))\n    def last():\n        return 1\n    last()\n"
    )
    out = bundled(dag, tmp_path, "--python-target", "ecs")
    text = (out / "statemachine/etl.asl.json").read_text()
    branches = json.loads(text)["States"]["Parallel"]["Branches"]
    first, last = (branch["States"][branch["StartAt"]] for branch in branches)
    assert ("HeartbeatSeconds" in first, first["TimeoutSeconds"]) == (False, 300)
    assert last["HeartbeatSeconds"] < last["TimeoutSeconds"] == 18000
    rows = json.loads((out / "ledger.json").read_text())["rows"]
    assert not any("Lambda" in row["difference"] for row in rows)


def test_a_container_installs_boto3_which_lambda_has(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("boto3==1.40.1\n")
    dag = WITH + "    @task\n    def last():\n        return 1\n    last()\n"
    assert (
        bundled(dag, tmp_path, "--python-target", "ecs") / "functions/etl-last/requirements.txt"
    ).read_text() == ("boto3==1.40.1\n")


def test_a_secret_is_in_the_definitions_environment(tmp_path: Path) -> None:
    dag = (
        WITH
        + "    @task\n    def last():\n        password = 'tr0ub4dor-3xK9'; return password\n    last()\n"
    )
    out = bundled(dag, tmp_path, "--python-target", "ecs")
    template = yaml.safe_load((out / "template.yaml").read_text())
    (container,) = template["Resources"]["TaskLastDefinitionArn"]["Properties"]["ContainerDefinitions"]
    assert container["Environment"] == [{"Name": "SECRET_PASSWORD", "Value": {"Ref": "SecretPassword"}}]


def test_a_heartbeat_is_sent_while_the_task_works(tmp_path: Path) -> None:
    dag = WITH + "    @task\n    def last():\n        import time; time.sleep(0.5); return 1\n    last()\n"
    out = bundled(dag, tmp_path, "--python-target", "ecs")
    path = out / "functions/etl-last/container.py"
    path.write_text(path.read_text().replace("HEARTBEAT = 60", "HEARTBEAT = 0.1"))
    calls = Account(out, tmp_path).run(
        "${task_last_definition_arn}", [{"Name": "DAGMIG_TOKEN", "Value": "token"}]
    )
    assert [name for name, _ in calls][:2] == ["send_task_heartbeat"] * 2
    assert calls[-1] == ["send_task_success", {"taskToken": "token", "output": "1"}]
