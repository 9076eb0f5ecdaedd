"""The services and operators that the dictionary is promised for, name by name: which states a task of each
becomes, whether it waits or not, deferred or not.

``named_operators.txt`` has a call a line, after the resources of the states that it becomes: `loop` is one of
Wait and Choice around the last of them, `open` the constructs of rows that a person has to decide.
``DAGMIG_UPDATE_GOLDENS=1`` writes it anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.integrations import registry
from dagmig.pipeline import airflow_to_asl

FILE = Path(__file__).with_name("named_operators.txt")
LINES = FILE.read_text(encoding="utf-8").splitlines()
CALLS = [line.partition(" => ")[0] for line in LINES if line and not line.startswith("#")]
MODULES = {
    one.operator.rpartition(".")[2]: one.operator.rpartition(".")[0] for one in registry().integrations
}
MODULES |= {
    name.rpartition(".")[2]: name.rpartition(".")[0]
    for one in registry().integrations
    for name in one.aliases
    if name.rpartition(".")[2] not in MODULES
}
OTHERS = {
    "FileSensor": "airflow.providers.standard.sensors.filesystem",
    "SFTPOperator": "airflow.providers.sftp.operators.sftp",
    "SFTPSensor": "airflow.providers.sftp.sensors.sftp",
}
DAG = """\
from datetime import time, timedelta
from {module} import {name}
from airflow.sdk import DAG, task

with DAG("named", schedule=None):
    {call}
"""
DECORATED = """\
from airflow.sdk import DAG, task

with DAG("named", schedule=None):
    @{call}
    def work():
        return "true"
    work()
"""


def becomes(call: str) -> str:
    name, _, arguments = call.partition("(")
    if name.startswith("task"):
        dag = DECORATED.format(call=call)
    else:
        module = MODULES.get(name) or OTHERS[name]
        given = f"{name}(task_id='t', {arguments}"
        dag = DAG.format(module=module, name=name, call=given)
    report = Report()
    (one,) = airflow_to_asl(dag, "dag.py", report)
    found = ", ".join(_states(one.machine["States"]))
    is_loop = any(name.endswith(" wait") for name in one.machine["States"])
    rows = sorted({row.construct for row in one.report.rows if row.disposition.is_open})
    return found + (" in a loop" if is_loop else "") + (f" | open: {', '.join(rows)}" if rows else "")


def _states(states: dict[str, Any]) -> Iterator[str]:
    """The resources, and the kinds of what else does a task's work."""
    named = {name: state for name, state in states.items() if name == "t" or "Resource" in state}
    for state in named.values() or states.values():
        if "Resource" not in state:
            yield "Fail" if state.get("Error") == "NotTranslated" else state["Type"]
            continue
        resource = state["Resource"].removeprefix("arn:aws:states:::")
        method = f" {state['Arguments']['Method']}" if resource == "http:invoke" else ""
        yield resource + method


@pytest.mark.parametrize("call", CALLS)
def test_what_it_becomes(call: str) -> None:
    expected = next(line.partition(" => ")[2] for line in LINES if line.partition(" => ")[0] == call)
    assert becomes(call) == expected


def test_no_line_stands_twice() -> None:
    assert len(CALLS) == len(set(CALLS))


if os.environ.get("DAGMIG_UPDATE_GOLDENS"):
    FILE.write_text(
        "".join(
            f"{line}\n" if not line or line.startswith("#") else f"{call} => {becomes(call)}\n"
            for line in LINES
            for call in [line.partition(" => ")[0]]
        ),
        encoding="utf-8",
    )
