"""Templates of bundles: cfn-lint finds no error, and moto deploys them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from tests.oracles import corpus

from dagmig.deploy.bundle import write_bundle
from dagmig.deploy.files import files
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl

SCRIPT = Path(__file__).with_name("deploy_worker.py")
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
KINDS = ("sam", "cloudformation")
ALARMS = ["ExecutionThrottled", "ExecutionsFailed", "ExecutionsTimedOut"]


def bundles(dags: Iterable[Path], folder: Path, kind: str) -> dict[str, Path]:
    """A bundle for each DAG of the files that converts, by its file and id."""
    found: dict[str, Path] = {}
    for dag in dags:
        for one in airflow_to_asl(dag.read_text("utf-8"), str(dag), Report()):
            place = folder / kind / str(len(found))
            write_bundle(place, files([one], dag, kind, NOW, None))
            found[f"{dag.name}:{one.id}"] = place
    return found


@pytest.fixture(scope="module")
def goldens(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return corpus.fixture_dags(tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module")
def published(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return bundles(corpus.example_dags(airflow_python), tmp_path_factory.mktemp("published"), "sam")


def test_cfn_lint_finds_no_error(
    goldens: list[Path],
    published: dict[str, Path],
    validators_bin: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = [place for kind in KINDS for place in bundles(goldens, tmp_path, kind).values()]
    templates = [place / "template.yaml" for place in own]
    templates += [place / "template.yaml" for place in published.values()]
    with capsys.disabled():
        print(f"\n{len(templates)} templates, {len(published)} of published DAGs")
    command = [validators_bin / "cfn-lint", "--ignore-checks", "W", "--format", "parseable", "--", *templates]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.returncode) == ("", 0), answer.stdout[:4000] + answer.stderr[:1000]
    assert len(published) > 50


def test_a_parser_of_terraform_reads_every_file(
    goldens: list[Path], deploy_python: Path, tmp_path: Path
) -> None:
    places = bundles(goldens, tmp_path, "terraform")
    files = [place / "main.tf" for place in places.values()]
    command = [deploy_python, SCRIPT.with_name("hcl_worker.py"), *files]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-3000:]
    for name, found in zip(places, json.loads(answer.stdout).values(), strict=True):
        kinds = {kind.strip('"') for resource in found["resource"] for kind in resource}
        assert kinds >= {"aws_sfn_state_machine", "aws_iam_role", "aws_cloudwatch_metric_alarm"}, name


@pytest.mark.parametrize("kind", KINDS)
def test_bundles_deploy(goldens: list[Path], deploy_python: Path, tmp_path: Path, kind: str) -> None:
    places = {str(place): name for name, place in bundles(goldens, tmp_path, kind).items()}
    command = [deploy_python, SCRIPT, *places]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-3000:]
    found = json.loads(answer.stdout)
    assert set(found) == set(places)
    for place, name in places.items():
        _is_whole(Path(place), found[place], name)


def _is_whole(place: Path, there: dict[str, Any], name: str) -> None:
    (file,) = (place / "statemachine").glob("*.asl.json")
    machine, machine_name = there["machine"], file.name.removesuffix(".asl.json")
    assert (there["status"], there["missing"]) == ("CREATE_COMPLETE", []), name
    assert machine.rpartition(":")[2] == machine_name, name
    assert there["definition"]["States"].keys() == json.loads(file.read_text())["States"].keys(), name
    assert there["trusted"] == ["states.amazonaws.com"], name
    assert there["alarms"] == ALARMS, name
    assert there["watched"] == [machine], name
    assert there["topics"] == 1, name
    template = (place / "template.yaml").read_text()
    assert len(there["schedules"]) == template.count("Type: AWS::Scheduler::Schedule"), name
    assert all(target == machine for _, target in there["schedules"]), name
    functions = place / "functions"
    made = [one for one in functions.iterdir() if one.is_dir()] if functions.is_dir() else []
    assert len(there["functions"]) == len(made), name
    if made:
        assert "lambda:InvokeFunction" in there["actions"], name
