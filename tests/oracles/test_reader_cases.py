"""The cases of the reader's own tests, put to real Airflow: their expectations are its answers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from airflow_read.graphs import HEAD
from airflow_read.test_authoring import AUTHORING, DAGS, REFUSED
from airflow_read.test_graphs import DEPENDENCIES, FILES, GROUPS, PYTHON, SETUPS, TASKFLOW

SCRIPT = Path(__file__).with_name("dagbag_graphs.py")


def test_airflow_builds_the_graphs_the_tests_expect(airflow_python: Path, tmp_path: Path) -> None:
    expected = _written(tmp_path / "dags")
    loaded = _loaded(airflow_python, expected, tmp_path)
    built = {
        file: {dag: shown(facts["tasks"]) for dag, facts in loaded[str(file)]["dags"].items()}
        for file in expected
    }
    assert {
        file.read_text(): loaded[str(file)]["errors"] for file in expected if loaded[str(file)]["errors"]
    } == {}
    assert {f.read_text(): built[f] for f in expected if built[f] != expected[f]} == {}


def test_airflow_refuses_what_the_reader_says_it_does(airflow_python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    files = {folder / f"refused_{number}.py": body for number, body in enumerate(REFUSED)}
    for file, body in files.items():
        file.write_text(f'{HEAD}with DAG("d"):\n' + "".join(f"    {line}\n" for line in body.splitlines()))
    loaded = _loaded(airflow_python, files, tmp_path)
    assert [body for file, body in files.items() if not loaded[str(file)]["errors"]] == []


def _loaded(airflow_python: Path, files: Iterable[Path], folder: Path) -> dict[str, Any]:
    """What Airflow makes of each file of ``folder / "dags"``."""
    lines = "".join(f"{folder / 'dags'}\t{file}\n" for file in files)
    command = [str(part) for part in (airflow_python, SCRIPT, folder / "graphs.json")]
    run = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, Any] = json.loads((folder / "graphs.json").read_text())["files"]
    return found


def _written(folder: Path) -> dict[Path, dict[str, str]]:
    """The cases as files, and the graphs they expect by DAG id."""
    folder.mkdir()
    found: dict[Path, dict[str, str]] = {}
    for number, (body, expected) in enumerate(
        [*DEPENDENCIES, *PYTHON, *GROUPS, *TASKFLOW, *SETUPS, *AUTHORING]
    ):
        lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
        file = folder / f"body_{number}.py"
        file.write_text(f'{HEAD}with DAG("d"):\n{lines}')
        found[file] = {"d": expected}
    for number, (text, graphs) in enumerate([*FILES, *DAGS]):
        file = folder / str(number) / "dags" / "orders.py"
        file.parent.mkdir(parents=True)
        file.write_text(HEAD + text)
        found[file] = graphs
    return found


def shown(tasks: dict[str, Any]) -> str:
    """Airflow's graph as the reader's tests write it."""
    edges = sorted(f"{up}>{name}" for name, task in tasks.items() for up in task["upstream"])
    joined = {name for edge in edges for name in edge.split(">")}
    return " ".join([*edges, *sorted(tasks.keys() - joined)])
