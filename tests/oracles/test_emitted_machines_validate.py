"""Every machine dagmig emits is accepted by three validators nobody here wrote.

The machines: every fixture and every one of Airflow's example DAGs, converted. A validator's known false
alarm is listed in ``FALSE_ALARMS`` with its reason; nothing else may be reported.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.oracles import corpus

import dagmig
from dagmig.diagnostics import Report
from dagmig.pipeline import Lowering, airflow_to_asl

LATCHED = Lowering(latches=True)
BATCH = 200  # machines a template; CloudFormation takes 500 resources
Machine = dict[str, Any]

FALSE_ALARMS: Mapping[tuple[str, str], str] = {
    ("asl-validator", "/Arguments/Payload/args/0/0 is invalid. must be object"): (
        "its schema has no list within a list; a payload may be any JSON: "
        "https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html"
    ),
    ("statelint", '.Seconds is "{% '): (
        "in a JSONata state Seconds may be an expression that gives an integer: "
        "https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html"
    ),
    ("statelint", '.Timestamp is "{% '): (
        "in a JSONata state Timestamp may be an expression that gives one: "
        "https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html"
    ),
    ("statelint", '.Timestamp is "T06:00:00Z"'): (
        "with --eval-jsonata the day before it is a made-up variable's, which is empty"
    ),
    ("statelint", ".Condition is true but should be a String"): (
        "with --eval-jsonata it puts a value for made-up variables in the expression's place, then misses it"
    ),
}


@pytest.fixture(scope="module")
def emitted(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Machine]:
    """Machines by ``file:dag_id``."""
    files = corpus.fixture_dags(tmp_path_factory.mktemp("cases")) + corpus.example_dags(airflow_python)
    converted = [(file.name, one) for file in files for one in dagmig.to_asl(file, Report())]
    latched = [
        (f"{file.name} with latches", one)
        for file in files
        for one in airflow_to_asl(file.read_text("utf-8"), str(file), Report(), lowering=LATCHED)
        if "waitForTaskToken" in one.text
    ]
    assert latched
    return {f"{name}:{one.id}": json.loads(one.text) for name, one in (*converted, *latched)}


def test_there_are_machines_to_validate(
    emitted: dict[str, Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{len(emitted)} machines emitted, {sum(map(states, emitted.values()))} states")
    assert len(emitted) > 50


def test_asl_validator_accepts_every_machine(
    emitted: dict[str, Machine], node_modules: Path, tmp_path: Path
) -> None:
    files = {
        str(written(tmp_path / f"{number}.json", one_line(machine))): name
        for number, (name, machine) in enumerate(emitted.items())
    }
    found = {files[path]: errors for path, errors in asl_validator(node_modules, files).items()}
    assert found.keys() == emitted.keys()
    assert unexplained("asl-validator", found) == {}


def test_cfn_lint_accepts_every_machine(
    emitted: dict[str, Machine], validators_bin: Path, tmp_path: Path
) -> None:
    names = list(emitted)
    found: dict[str, list[str]] = {}
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        template = written(tmp_path / f"{start}.json", stack([emitted[name] for name in batch]))
        for number, message in cfn_lint(validators_bin, template):
            found.setdefault(batch[number], []).append(message)
    assert unexplained("cfn-lint", found) == {}


def test_statelint_accepts_every_machine(
    emitted: dict[str, Machine], validators_bin: Path, tmp_path: Path
) -> None:
    files = {
        str(written(tmp_path / f"{number}.json", machine)): name
        for number, (name, machine) in enumerate(emitted.items())
    }
    found = {files[path]: errors for path, errors in statelint(validators_bin, files).items()}
    assert unexplained("statelint", found) == {}


def test_the_validators_find_faults(node_modules: Path, validators_bin: Path, tmp_path: Path) -> None:
    """The tests above could not fail if the validators were called wrongly."""
    broken = {"StartAt": "A", "States": {"A": {"Type": "Task", "Next": "Nowhere"}}}
    file = str(written(tmp_path / "broken.json", broken))
    assert asl_validator(node_modules, [file])[file]
    assert statelint(validators_bin, [file, file])[file]
    sound = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    template = written(tmp_path / "stack.json", stack([sound, broken]))
    assert {number for number, _ in cfn_lint(validators_bin, template)} == {1}


def written(file: Path, document: Any) -> Path:
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def stack(machines: list[Machine]) -> dict[str, Any]:
    """A CloudFormation template with a resource ``Machine<n>`` for the nth machine."""
    role = "arn:aws:iam::123456789012:role/states"
    resources = {
        f"Machine{number}": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"RoleArn": role, "Definition": machine},
        }
        for number, machine in enumerate(machines)
    }
    return {"Resources": resources}


def asl_validator(node_modules: Path, files: Collection[str]) -> dict[str, list[str]]:
    """npm asl-validator's errors by file; one process for all."""
    run = subprocess.run(
        ["node", Path(__file__).with_name("asl_validator.cjs"), *files],
        env={**os.environ, "NODE_PATH": str(node_modules)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[str]] = json.loads(run.stdout)
    return found


def cfn_lint(validators_bin: Path, template: Path) -> list[tuple[int, str]]:
    """What cfn-lint finds wrong (E3601) with a template's machines: the machine's number and the message."""
    command = [validators_bin / "cfn-lint", "--format", "json", "--", template]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [finding for finding in json.loads(run.stdout) if finding["Rule"]["Id"] == "E3601"]
    return [(_number(finding), f"{_pointer(finding)}: {finding['Message']}") for finding in found]


def statelint(validators_bin: Path, files: Collection[str]) -> dict[str, list[str]]:
    """statelint's errors by file, for the files that have any; JSONata is parsed, not evaluated."""
    command = [validators_bin / "statelint", "--ignore=FLOAT,URI", "--eval-jsonata", *files]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1) and not run.stderr, run.stderr
    found: dict[str, list[str]] = {}
    for line in run.stdout.splitlines():
        if line in files:
            errors = found.setdefault(line, [])
        elif line.startswith(" "):
            errors.append(line.strip())
    return found


def _number(finding: dict[str, Any]) -> int:
    return int(finding["Location"]["Path"][1].removeprefix("Machine"))


def _pointer(finding: dict[str, Any]) -> str:
    return "".join(f"/{part}" for part in finding["Location"]["Path"][4:])


def one_line(value: Any) -> Any:
    """The same machine, texts on one line: asl-validator wrongly rejects line breaks in a JSONata state."""
    match value:
        case dict():
            return {key: one_line(item) for key, item in value.items()}
        case list():
            return [one_line(item) for item in value]
        case str():
            return value.replace("\n", " ")
    return value


def states(machine: Any) -> int:
    """The number of states of a machine, those inside Parallel and Map included."""
    match machine:
        case {"StartAt": str(), "States": dict() as own}:
            return len(own) + sum(map(states, own.values()))
        case dict():
            return sum(map(states, machine.values()))
        case list():
            return sum(map(states, machine))
    return 0


def unexplained(validator: str, found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What a validator said, less its known false alarms."""
    known = [text for who, text in FALSE_ALARMS if who == validator]
    left = {}
    for name, errors in found.items():
        if new := [error for error in errors if not any(text in error for text in known)]:
            left[name] = new
    return left
