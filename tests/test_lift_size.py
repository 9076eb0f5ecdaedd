"""Large, deep and invalid machines: time, recursion, and what is said."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dagmig.cli import main
from dagmig.diagnostics import Report
from dagmig.pipeline import asl_to_airflow

SECONDS = 5
TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f"}


def _chain() -> dict[str, Any]:
    states = {f"S{number}": {**TASK, "Next": f"S{number + 1}"} for number in range(999)}
    return {"StartAt": "S0", "States": {**states, "S999": {**TASK, "End": True}}}


def _choices() -> dict[str, Any]:
    states: dict[str, Any] = {"C333": {"Type": "Succeed"}}
    for number in range(333):
        rule = {"Variable": "$.x", "NumericEquals": number, "Next": f"P{number}"}
        states[f"C{number}"] = {"Type": "Choice", "Choices": [rule], "Default": f"Q{number}"}
        made = {"x.$": "States.MathAdd($.x, 1)"}
        states[f"P{number}"] = {"Type": "Pass", "Parameters": made, "Next": f"Q{number}"}
        states[f"Q{number}"] = {**TASK, "ResultPath": "$.r", "Next": f"C{number + 1}"}
    return {"StartAt": "C0", "States": states}


def _kept() -> dict[str, Any]:
    """Each state is given what all before it have answered."""
    states: dict[str, Any] = {
        f"S{number}": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": f"f{number}", "Payload.$": "$"},
            "ResultSelector": {"x.$": "$.Payload.x"},
            "ResultPath": f"$.r{number}",
            "Next": f"S{number + 1}",
        }
        for number in range(999)
    }
    return {"StartAt": "S0", "States": {**states, "S999": {**TASK, "End": True}}}


def test_what_many_states_have_answered_is_put_together_now_and_then() -> None:
    converted = asl_to_airflow(json.dumps(_kept()), "machine.asl.json", Report(), "")
    assert converted is not None
    assert not converted.report.has_open_rows
    assert max(map(len, converted.text.split("\n"))) < 10_000
    assert "'r998'" in converted.text


@pytest.mark.parametrize("make", [_chain, _choices, _kept])
def test_a_thousand_states_take_seconds(make: Any) -> None:
    text = json.dumps(make())
    began = time.process_time()
    converted = asl_to_airflow(text, "machine.asl.json", Report(), "")
    assert converted is not None
    assert time.process_time() - began < SECONDS
    compile(converted.text, "dag.py", "exec")


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_deep_machines_are_followed(kind: str) -> None:
    inner: dict[str, Any] = {"StartAt": "T", "States": {"T": {**TASK, "End": True}}}
    for number in range(20):
        held = {"Branches": [inner]} if kind == "Parallel" else {"ItemProcessor": inner}
        inner = {"StartAt": f"P{number}", "States": {f"P{number}": {"Type": kind, "End": True, **held}}}
    converted = asl_to_airflow(json.dumps(inner), "machine.asl.json", Report(), "")
    assert converted is not None
    assert not converted.report.has_open_rows
    compile(converted.text, "dag.py", "exec")


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_deep_machines_that_are_retried_are_followed(kind: str) -> None:
    """Each level was written twice, so that a level more took twice as long."""
    retry = [{"ErrorEquals": ["States.ALL"]}]
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "T"}
    inner: dict[str, Any] = {"StartAt": "T", "States": {"T": {**TASK, "End": True}}}
    for number in range(20):
        held = {"Branches": [inner]} if kind == "Parallel" else {"ItemProcessor": inner}
        first = {"Type": "Choice", "Choices": [rule], "Default": f"P{number}"}
        outer = {"Type": kind, "End": True, "Retry": retry, **held}
        inner = {
            "StartAt": "C",
            "States": {"C": first, "T": {**TASK, "Next": f"P{number}"}, f"P{number}": outer},
        }
    began = time.process_time()
    converted = asl_to_airflow(json.dumps(inner), "machine.asl.json", Report(), "")
    assert converted is not None
    assert time.process_time() - began < SECONDS
    compile(converted.text, "dag.py", "exec")


@pytest.mark.parametrize(
    ("states", "rule"),
    [
        ({"A": {**TASK, "Next": "B"}}, "next-target-missing"),
        ({"A": {"Type": "Task", "End": True}}, "missing-required-field"),
        ({"A": {"Type": "Dance", "End": True}}, "unknown-state-type"),
        ({"A": {**TASK, "InputPath": "$.a[", "End": True}}, "jsonpath-syntax"),
        ({"A": {**TASK}}, "missing-required-field"),
    ],
)
def test_an_invalid_machine_is_refused_with_the_linters_findings(
    states: dict[str, Any], rule: str, tmp_path: Path
) -> None:
    file = tmp_path / "machine.asl.json"
    file.write_text(json.dumps({"StartAt": "A", "States": states}))
    done = CliRunner().invoke(main, ["convert", str(file), "--to", "airflow"])
    assert done.exit_code == 3
    assert done.stdout == ""
    assert rule in done.stderr
