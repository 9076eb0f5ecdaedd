"""Three validators of state machines that nobody here wrote: npm's asl-validator, cfn-lint and statelint.

A validator's known false alarm is listed in ``FALSE_ALARMS`` with its reason.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

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


def by_asl_validator(
    machines: Mapping[str, Machine], node_modules: Path, folder: Path
) -> dict[str, list[str]]:
    """What asl-validator finds wrong with machines, by their names; files are written to ``folder``."""
    files = {
        str(written(folder / f"{number}.line.json", one_line(machine))): name
        for number, (name, machine) in enumerate(machines.items())
    }
    found = {files[path]: errors for path, errors in asl_validator(node_modules, files).items()}
    assert found.keys() == machines.keys()
    return unexplained("asl-validator", found)


def by_cfn_lint(machines: Mapping[str, Machine], validators_bin: Path, folder: Path) -> dict[str, list[str]]:
    """What cfn-lint finds wrong with machines, by their names."""
    names = list(machines)
    found: dict[str, list[str]] = {}
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        template = written(folder / f"{start}.stack.json", stack([machines[name] for name in batch]))
        for number, message in cfn_lint(validators_bin, template):
            found.setdefault(batch[number], []).append(message)
    return unexplained("cfn-lint", found)


def by_statelint(machines: Mapping[str, Machine], validators_bin: Path, folder: Path) -> dict[str, list[str]]:
    """What statelint finds wrong with machines, by their names."""
    files = {
        str(written(folder / f"{number}.json", machine)): name
        for number, (name, machine) in enumerate(machines.items())
    }
    found = {files[path]: errors for path, errors in statelint(validators_bin, files).items()}
    return unexplained("statelint", found)


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
    """The same machine, texts on one line and none empty: asl-validator wrongly rejects either in a JSONata
    state, whose pattern for texts is ``.+``.
    """
    match value:
        case dict():
            return {key: one_line(item) for key, item in value.items()}
        case list():
            return [one_line(item) for item in value]
        case str():
            return value.replace("\n", " ") or " "
    return value


def unexplained(validator: str, found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What a validator said, less its known false alarms."""
    known = [text for who, text in FALSE_ALARMS if who == validator]
    left = {}
    for name, errors in found.items():
        if new := [error for error in errors if not any(text in error for text in known)]:
            left[name] = new
    return left
