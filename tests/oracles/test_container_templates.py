"""Templates with tasks in containers, as cfn-lint and a parser of Terraform see them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.terraform_names import undeclared

from dagmig.cli import main

DAG = """\
from acme import TeleportOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task

with DAG("etl", schedule="@daily"):
    @task(retries=2)
    def load(password="tr0ub4dor-3xK9"):
        return [1]
    TeleportOperator(task_id="beam", to=load()) >> BashOperator(task_id="say", bash_command="echo {{ ds }}")
"""


def convert(folder: Path, kind: str, template: str) -> None:
    (folder / "dag.py").write_text(DAG)
    arguments = ["convert", str(folder / "dag.py"), "--to", "asl", "--bundle", str(folder / "out")]
    options = ["--template", template, "--python-target", kind, "--fallback", "container"]
    assert CliRunner().invoke(main, [*arguments, *options], catch_exceptions=False).exit_code == 1


@pytest.mark.parametrize("kind", ["lambda", "ecs", "batch"])
def test_terraform_with_containers_is_read(kind: str, tmp_path: Path, deploy_python: Path) -> None:
    convert(tmp_path, kind, "terraform")
    place = tmp_path / "out/main.tf"
    command = [deploy_python, Path(__file__).with_name("hcl_worker.py"), place]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    resources = [of for one in json.loads(done.stdout)[str(place)]["resource"] for of in one]
    kinds = [one.strip('"') for one in resources]
    jobs = {"lambda": 0, "ecs": 0, "batch": 2}[kind]
    assert kinds.count("aws_batch_job_definition") == jobs
    assert kinds.count("aws_ecs_task_definition") == {"lambda": 1, "ecs": 3, "batch": 1}[kind]
    assert kinds.count("aws_lambda_function") == (2 if kind == "lambda" else 0)
    assert undeclared(place.read_text()) == set()


@pytest.mark.parametrize("kind", ["lambda", "ecs", "batch"])
@pytest.mark.parametrize("template", ["sam", "cloudformation"])
def test_a_template_with_containers_is_valid(
    kind: str, template: str, tmp_path: Path, validators_bin: Path
) -> None:
    convert(tmp_path, kind, template)
    # W3002: paths, which `aws cloudformation package` replaces
    command = [validators_bin / "cfn-lint", tmp_path / "out/template.yaml", "--ignore-checks", "W3002"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
