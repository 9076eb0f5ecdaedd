"""The clients that are called without an operator, beside botocore's models: every action of each."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.service_catalogue import models

from dagmig.asl.lift.document import Known, plain
from dagmig.asl.lift.runtime import in_pascal_case, in_sdk_case
from dagmig.asl.lift.sdk import method, spell
from dagmig.asl.services.spelling import PASCAL, SDK, answer, of_sdk, parameters, pascal

DEPTH = 6
METHODS = """
import json, sys
from botocore import xform_name

print(json.dumps({name: xform_name(name) for name in json.loads(sys.argv[1])}))
"""


Spelling = Callable[[str], str]
SPELLERS = {PASCAL: in_pascal_case, SDK: in_sdk_case}


def _sample(shapes: dict[str, Any], name: str, spelled: Spelling, depth: int = 0) -> Any:
    """A value of a shape with all members; keys of maps begin with a small letter and with a big one."""
    shape = shapes[name]
    if depth > DEPTH:
        return None
    match shape["type"]:
        case "structure" if shape.get("document"):
            return {"free": 1}
        case "structure":
            return {
                spelled(member): _sample(shapes, held["shape"], spelled, depth + 1)
                for member, held in shape["members"].items()
            }
        case "list":
            return [_sample(shapes, shape["member"]["shape"], spelled, depth + 1)]
        case "map":
            inner = _sample(shapes, shape["value"]["shape"], spelled, depth + 1)
            return {"own key": inner, "Other": inner}
    return "text"


def _sides(side: str, is_sdk: bool) -> Iterator[tuple[str, str, Any, Any]]:
    """Client, action, the sample as Step Functions spells it and as boto3 does."""
    for client, model in models():

        def ours(name: str, client: str = client) -> str:
            return of_sdk(name, client) if is_sdk else pascal(name)

        for action, operation in model["operations"].items():
            if side in operation:
                shape = operation[side]["shape"]
                samples = (_sample(model["shapes"], shape, spelled) for spelled in (ours, str))
                yield (client, action, *samples)


@pytest.mark.parametrize("is_sdk", [False, True])
def test_parameters_are_spelled_as_botocore_does(is_sdk: bool) -> None:
    wrong, count = [], 0
    for client, action, ours, botos in _sides("input", is_sdk):
        count += 1
        spelled = plain(spell(Known(ours), parameters(client, action), action, is_sdk=is_sdk))
        if spelled != botos:
            wrong.append(f"{client}:{action}")
    assert count > 10_000
    assert wrong == []


@pytest.mark.parametrize("is_sdk", [False, True])
def test_answers_are_spelled_as_step_functions_does(is_sdk: bool) -> None:
    wrong, unknown, count = [], 0, 0
    for client, action, ours, botos in _sides("output", is_sdk):
        count += 1
        found = answer(client, action, is_sdk=is_sdk)
        unknown += found.maps is None
        if found.maps is None:
            continue
        made = SPELLERS[found.way](botos, found.maps) if found.way else botos
        if made != ours:
            wrong.append(f"{client}:{action}")
    print(f"{count} answers, {unknown} are not spelled")
    assert wrong == []
    assert unknown < count / 20


@pytest.fixture(scope="module")
def methods(airflow_python: Path) -> dict[str, str]:
    """botocore's names of all methods."""
    found: dict[str, str] = {}
    for _, model in models():
        asked = json.dumps(sorted(model["operations"]))
        if model["operations"]:
            found |= dict.fromkeys(json.loads(asked), "")
    names = sorted(found)
    for start in range(0, len(names), 2000):
        asked = json.dumps(names[start : start + 2000])
        command = [str(airflow_python), "-c", METHODS, asked]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        found |= json.loads(run.stdout)
    return found


def test_methods_are_named_as_botocore_does(methods: dict[str, str]) -> None:
    assert len(methods) > 8000
    assert {name: method(name) for name in methods} == methods
