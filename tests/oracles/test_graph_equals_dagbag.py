"""The graph that is read without running a file is the one that real Airflow builds by running it.

Over every example DAG of the installed packages: task ids, edges, trigger rules, and what else the graph
says of a task. A DAG that differs has a diagnostic that says where the reader stopped knowing.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dagmig.cli import main
from oracles import corpus

SCRIPT = Path(__file__).with_name("dagbag_graphs.py")
GRAPH = ("upstream", "trigger_rule")
REST = ("mapped", "group", "retries", "setup", "teardown")
Graph = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Compared:
    """One DAG as both see it; ``ours`` is None where it was not read at all."""

    file: Path
    dag: str
    theirs: Graph
    ours: Graph | None
    diagnostics: int

    def differences(self, fields: tuple[str, ...]) -> list[str]:
        """What differs, a line each."""
        if self.ours is None:
            return ["not read"]
        found = [f"+{task}" for task in sorted(self.ours.keys() - self.theirs.keys())]
        found += [f"-{task}" for task in sorted(self.theirs.keys() - self.ours.keys())]
        for task in sorted(self.theirs.keys() & self.ours.keys()):
            ours, theirs = self.ours[task], self.theirs[task]
            found += [f"{task}.{f}: {ours[f]} not {theirs[f]}" for f in fields if ours[f] != theirs[f]]
        return found


@pytest.fixture(scope="module")
def compared(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Compared]:
    files = corpus.example_dags(airflow_python)
    home = tmp_path_factory.mktemp("airflow")
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [str(part) for part in (airflow_python, SCRIPT, home / "graphs.json", *files)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    loaded = json.loads((home / "graphs.json").read_text())
    return [one for file in files for one in _compared(file, loaded[str(file)])]


def _compared(file: Path, loaded: dict[str, Any]) -> list[Compared]:
    result = CliRunner().invoke(main, ["graph", "--format", "json", str(file)])
    printed = json.loads(result.stdout)
    ours = {workflow["id"]: {t["id"]: t for t in workflow["tasks"]} for workflow in printed["workflows"]}
    said = len(printed["diagnostics"])
    return [Compared(file, dag, graph, ours.get(dag), said) for dag, graph in loaded["dags"].items()]


def test_graphs_equal_what_airflow_builds(
    compared: list[Compared], capsys: pytest.CaptureFixture[str]
) -> None:
    different = [one for one in compared if one.differences(GRAPH)]
    equal = len(compared) - len(different)
    details = [one for one in compared if one not in different and one.differences(REST)]
    with capsys.disabled():
        print(f"\n{equal} of {len(compared)} graphs equal DagBag's ({equal / len(compared):.0%})")
        for one in (*different, *details):
            found = one.differences((*GRAPH, *REST))
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            what = "different" if one in different else "same graph"
            shown = f"{'; '.join(found[:3])}{more}"
            print(f"  {one.file.name} {one.dag}: {what}, {one.diagnostics} diagnostics: {shown}")
    assert len(compared) > 80
    assert different == []


def test_a_graph_that_differs_has_a_diagnostic(compared: list[Compared]) -> None:
    silent = [one for one in compared if one.differences((*GRAPH, *REST)) and not one.diagnostics]
    assert {f"{one.file.name}: {one.dag}": one.differences((*GRAPH, *REST)) for one in silent} == {}
