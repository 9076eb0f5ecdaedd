"""Templates with tasks in containers pass cfn-lint, and their machines a validator that nobody here wrote."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

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


@pytest.mark.parametrize("kind", ["lambda", "ecs", "batch"])
@pytest.mark.parametrize("template", ["sam", "cloudformation"])
def test_a_template_with_containers_is_valid(
    kind: str, template: str, tmp_path: Path, validators_bin: Path
) -> None:
    (tmp_path / "dag.py").write_text(DAG)
    arguments = ["convert", str(tmp_path / "dag.py"), "--to", "asl", "--bundle", str(tmp_path / "out")]
    options = ["--template", template, "--python-target", kind, "--fallback", "container"]
    assert CliRunner().invoke(main, [*arguments, *options], catch_exceptions=False).exit_code == 1
    # W3002: paths, which `aws cloudformation package` replaces
    command = [validators_bin / "cfn-lint", tmp_path / "out/template.yaml", "--ignore-checks", "W3002"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
