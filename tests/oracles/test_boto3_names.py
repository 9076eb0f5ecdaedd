"""The clients that are called without an operator, beside botocore's own models."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dagmig.asl.lift.sdk import PASCAL_CASE, method

SCRIPT = """
import json, sys
import botocore.session
from botocore import xform_name

loader = botocore.session.get_session().get_component("data_loader")

def names(model, shape, seen):
    if shape in seen:
        return
    seen.add(shape)
    found = model["shapes"][shape]
    for name, member in found.get("members", {}).items():
        yield name
        yield from names(model, member["shape"], seen)
    for part in ("member", "value"):
        if part in found:
            yield from names(model, found[part]["shape"], seen)

out = {}
for client in json.loads(sys.argv[1]):
    model = loader.load_service_model(client, "service-2")
    seen, small = set(), set()
    for operation in model["operations"].values():
        for side in ("input", "output"):
            if side in operation:
                small |= {n for n in names(model, operation[side]["shape"], seen) if n[0].islower()}
    methods = {name: xform_name(name) for name in model["operations"]}
    out[client] = {"small": sorted(small), "methods": methods}
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def models(airflow_python: Path) -> dict[str, Any]:
    asked = json.dumps(sorted(PASCAL_CASE))
    run = subprocess.run([airflow_python, "-c", SCRIPT, asked], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_their_names_are_in_pascal_case(models: dict[str, Any]) -> None:
    assert {client: found["small"] for client, found in models.items() if found["small"]} == {}


def test_methods_are_named_as_botocore_does(models: dict[str, Any]) -> None:
    methods = {name: made for found in models.values() for name, made in found["methods"].items()}
    assert len(methods) > 2000
    assert {name: method(name) for name in methods} == methods
