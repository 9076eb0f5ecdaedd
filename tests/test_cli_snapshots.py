"""What the commands print, whole: a change shows in the difference (``pytest --snapshot-update``)."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from syrupy.assertion import SnapshotAssertion

from dagmig.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[1]
DAG = "fixtures/dags/orders/dag.py"
OLD = "fixtures/dags/databricks_job_trigger/dag.py"
MACHINE = "fixtures/machines/nightly_orders/machine.asl.json"
CALLS = [
    ["--help"],
    *([name, "--help"] for name in sorted(COMMANDS)),
    ["explain", "schedule-interval"],
    ["explain", "branch-join-trigger-rule"],
    ["explain", "aws-keys-in-code"],
    ["lint", "--no-cache", OLD, MACHINE],
    ["lint", "--no-cache", "--format", "json", OLD],
    ["lint", "--no-cache", "--format", "github", OLD, MACHINE],
    ["lint", "--no-cache", DAG],
    ["graph", DAG],
    ["graph", "--format", "mermaid", DAG],
    ["graph", "--format", "dot", DAG],
    ["convert", OLD, "--to", "airflow"],
    ["convert", MACHINE, "--to", "airflow"],
    ["lint", "missing.py"],
    ["explain", "no-such-rule"],
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_output(call: list[str], snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(main, call, catch_exceptions=False, prog_name="dagmig")
    assert f"exit {result.exit_code}\n{result.stdout}--- stderr\n{result.stderr}" == snapshot
