"""The templates of machines that events and requests start, for cfn-lint and a parser of Terraform."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.terraform_names import undeclared

from dagmig.cli import main

DAGS = Path(__file__).parents[1] / "event_dags" / "started_by_events.py"
PACKAGED = "W3002"  # paths in the template, which `aws cloudformation package` uploads
KINDS = {"objects": "AWS::Events::Rule", "messages": "AWS::Pipes::Pipe", "after": "AWS::Events::Rule"}


@pytest.mark.parametrize("kind", ["sam", "cloudformation"])
def test_cfn_lint_finds_no_fault(validators_bin: Path, tmp_path: Path, kind: str) -> None:
    given = ["convert", str(DAGS), "--to", "asl", "--bundle", str(tmp_path / "b"), "--template", kind]
    result = CliRunner().invoke(main, [*given, "--trigger-from-sensor", "--http-start"])
    assert result.exit_code == 1  # a bucket has to be told to tell
    templates = sorted((tmp_path / "b").glob("*/template.yaml"))
    assert len(templates) == 5
    for name, resource in KINDS.items():
        assert resource in (tmp_path / "b" / name / "template.yaml").read_text()
    command = [str(validators_bin / "cfn-lint"), "-i", PACKAGED, "--", *map(str, templates)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_cfn_lint_finds_a_fault(validators_bin: Path, tmp_path: Path) -> None:
    given = ["convert", str(DAGS), "--to", "asl", "--bundle", str(tmp_path / "b"), "--http-start"]
    CliRunner().invoke(main, given)
    template = tmp_path / "b" / "objects" / "template.yaml"
    template.write_text(template.read_text().replace("ProtocolType", "Protocol"))
    command = [str(validators_bin / "cfn-lint"), str(template)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


TERRAFORM = {
    "objects": "aws_cloudwatch_event_rule",
    "messages": "aws_pipes_pipe",
    "after": "aws_cloudwatch_event_rule",
}


def test_terraform_is_read(deploy_python: Path, tmp_path: Path) -> None:
    given = ["convert", str(DAGS), "--to", "asl", "--bundle", str(tmp_path / "b"), "--template", "terraform"]
    result = CliRunner().invoke(main, [*given, "--trigger-from-sensor", "--http-start"])
    assert result.exit_code == 1
    files = sorted((tmp_path / "b").glob("*/main.tf"))
    assert len(files) == 5
    command = [deploy_python, Path(__file__).with_name("hcl_worker.py"), *files]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    for file in files:
        kinds = {kind.strip('"') for one in found[str(file)]["resource"] for kind in one}
        assert "aws_apigatewayv2_route" in kinds
        assert TERRAFORM.get(file.parent.name, "aws_apigatewayv2_route") in kinds
        assert undeclared(file.read_text()) == set()
