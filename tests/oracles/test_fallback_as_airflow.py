"""Operators in containers give what they give in Airflow: the machine's events, the bundle's runner."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dagmig.cli import main
from dagmig.integrations import Registry
from jsonata_run import Execution

HERE = Path(__file__).parent
DAG = HERE / "fallback_dag.py"
RUN = """
import json, sys
import runner
answers = []
for event in json.load(open(sys.argv[1])):
    try:
        answers.append(runner.run(event, None))
    except Exception as error:
        answers.append({"error": type(error).__name__})
json.dump(answers, open(sys.argv[2], "w"))
"""
FEWEST = 10  # operators that have to be compared


def environment(home: Path) -> dict[str, str]:
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW_VAR_ORACLE_WORD": "a variable",
        "AIRFLOW_CONN_ORACLE_HTTP": '{"conn_type": "http", "host": "h.example", "login": "me", "port": 81}',
        "AIRFLOW_CONN_ORACLE_SQLITE": json.dumps({"conn_type": "sqlite", "host": str(home / "made.db")}),
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def ran(command: list[object], folder: Path, env: Mapping[str, str]) -> None:
    parts = [str(part) for part in command]
    done = subprocess.run(parts, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def airflow(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow makes of the DAG: by task and instance its state and its XComs."""
    folder = tmp_path_factory.mktemp("airflow")
    ran(
        [airflow_python, HERE / "fallback_worker.py", folder / "a.json"], folder, environment(folder / "home")
    )
    found = json.loads((folder / "a.json").read_text())
    made: dict[str, Any] = {f"{task}[{index}]": (state, {}) for task, index, state in found["states"]}
    for task, index, key, value in found["xcoms"]:
        made[f"{task}[{index}]"][1][key] = value
    return made


@pytest.fixture(scope="module")
def runner(
    airflow: dict[str, Any], airflow_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the runner of a bundle makes of the events that the machine sends."""
    folder = tmp_path_factory.mktemp("runner")
    out = folder / "out"
    arguments = ["convert", str(DAG), "--to", "asl", "--bundle", str(out), "--fallback", "container"]
    with pytest.MonkeyPatch.context() as patch:  # whatever dagmig knows of the operators by now
        patch.setattr(Registry, "for_operator", lambda registry, name: None)
        assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 1
    events: dict[str, Any] = {}

    def call(_: str, given: Any) -> Any:
        variables = {
            one["Name"]: one["Value"] for one in given["Overrides"]["ContainerOverrides"][0]["Environment"]
        }
        event = json.loads(variables["DAGMIG_EVENT"])
        index = sum(name.startswith(f"{event['task_id']}[") for name in events) if "mapped" in event else -1
        events[f"{event['task_id']}[{index}]"] = event
        return {"return_value": None, **airflow[f"{event['task_id']}[{index}]"][1]}

    given = {"logical_date": "2024-05-06T07:08:09+00:00", "conf": {"word": "said"}}
    Execution(call, given).run(json.loads((out / "statemachine/oracle.asl.json").read_text()))
    (folder / "events.json").write_text(json.dumps(list(events.values())))
    env = {**environment(folder / "home"), "DAGMIG_DAG_FILE": str(DAG)}
    command = [airflow_python, "-c", RUN, folder / "events.json", folder / "answers.json"]
    ran(command, out / "container", env)
    return dict(zip(events, json.loads((folder / "answers.json").read_text()), strict=True))


def test_each_task_ends_as_in_airflow(airflow: dict[str, Any], runner: dict[str, Any]) -> None:
    assert runner.keys() == airflow.keys()
    assert len({name.partition("[")[0] for name in runner}) >= FEWEST
    ended = {
        name: {"AirflowSkipException": "skipped"}.get(answer["error"], "failed")
        if "error" in answer
        else "success"
        for name, answer in runner.items()
    }
    assert ended == {name: state for name, (state, _) in airflow.items()}
    assert {"success", "skipped", "failed"} == set(ended.values())


def test_each_task_gives_what_it_gives_in_airflow(airflow: dict[str, Any], runner: dict[str, Any]) -> None:
    given = {
        name: {key: value for key, value in answer.items() if value is not None}
        for name, answer in runner.items()
        if "error" not in answer
    }
    assert given == {name: xcoms for name, (state, xcoms) in airflow.items() if state == "success"}
