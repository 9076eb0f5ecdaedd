"""Every DAG file dagmig writes is loaded by real Airflow, which sees the tasks and edges we meant.

The machines: the fixtures, and the published ones where they are there. Lambda payloads are rendered by
Airflow's own template engine.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.oracles import corpus

from dagmig import pipeline
from dagmig.airflow.write import write
from dagmig.asl.load import load
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow
from dagmig.source import read_text

SCRIPT = Path(__file__).with_name("loaded_dags.py")
RUN = {
    "conf": {
        "day": "2024-01-02",
        "mode": "full",
        "invoice": 7,
        "bucket": 'b"<x>',
        "extra": [None, True, 1.5],
    },
    "results": {
        "Extract": '{"rows": 120}',
        "Load_orders": '{"loaded": [1]}',
        "Read_invoice": '{"amount": 12.5, "state": "open"}',
        "Start": '{"pause": 1}',
    },
}
PAYLOADS = {
    "trigger_job": {"TriggerJob": RUN["conf"]},
    "nightly_orders": {
        "Extract": {"day": "2024-01-02", "limit": 10},
        "Load_orders": {
            **RUN["conf"],
            "prepared": {"day": "2024-01-02", "limit": 10},
            "extracted": {"rows": 120},
        },
        "Refresh": {"day": "2024-01-02", "limit": 10},
        "Report": {"loaded": [1]},
    },
    "approve_invoice": {
        "Read_invoice": {"id": 7, "source": 's3://b"<x>'},
        "Book": {"amount": 12.5},
    },
}
Loaded = dict[str, Any]


@pytest.fixture(scope="module")
def workflows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Workflow]]:
    """The folder of the DAG files, and what each should be, by DAG id."""
    folder = tmp_path_factory.mktemp("dags")
    found: dict[str, Workflow] = {}
    for path in dict.fromkeys([*corpus.machines(), *corpus.fixture_machines()]):
        report = Report()
        text = read_text(path, report)
        machine = None if text is None else load(text, str(path), report)
        if machine is None:
            continue
        name = path.parent.name if path.name == "machine.asl.json" else path.name.partition(".")[0]
        workflow = pipeline.lifted(machine, report, name)
        (folder / f"{workflow.id}.py").write_text(write(workflow, report).text, encoding="utf-8")
        found[workflow.id or ""] = workflow
    return folder, found


@pytest.fixture(scope="module")
def loaded(
    airflow_python: Path,
    workflows: tuple[Path, dict[str, Workflow]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Loaded:
    home = tmp_path_factory.mktemp("airflow")
    (home / "run.json").write_text(json.dumps(RUN))
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [airflow_python, SCRIPT, workflows[0], home / "run.json", home / "loaded.json"]
    run = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    result: Loaded = json.loads((home / "loaded.json").read_text())
    return result


def test_airflow_loads_every_file(
    loaded: Loaded, workflows: tuple[Path, dict[str, Workflow]], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{len(loaded['dags'])} of {len(workflows[1])} DAG files loaded")
    assert loaded["errors"] == {}
    assert loaded["dags"].keys() == workflows[1].keys()


def test_airflow_sees_the_workflow_we_meant(
    loaded: Loaded, workflows: tuple[Path, dict[str, Workflow]]
) -> None:
    different = {
        dag_id: (seen, expected)
        for dag_id, workflow in workflows[1].items()
        if (seen := loaded["dags"][dag_id]["tasks"]) != (expected := _expected(workflow, seen))
    }
    assert different == {}


def _expected(workflow: Workflow, seen: Loaded) -> Loaded:
    """A workflow as the script describes a DAG; ``operator`` of a function is Airflow's own business."""
    after: dict[str, list[str]] = {task: [] for task in workflow.tasks}
    for edge in sorted(workflow.edges):
        after[edge.upstream].append(edge.downstream)
    return {
        task.id: {
            "operator": seen.get(task.id, {}).get("operator")
            if task.call.operator.startswith("@")
            else task.call.operator.rpartition(".")[2],
            "downstream": after[task.id],
            "trigger_rule": str(task.trigger),
            "retries": task.policy.retries,
            "retry_delay": task.policy.retry_delay.total_seconds() if task.policy.retries else 300.0,
            "backoff": task.policy.backoff,
            "timeout": task.policy.timeout and task.policy.timeout.total_seconds(),
        }
        for task in workflow.tasks.values()
    }


@pytest.mark.parametrize("name", PAYLOADS)
def test_payloads_render_to_the_data_the_machine_sends(loaded: Loaded, name: str) -> None:
    payloads = loaded["dags"][name]["payloads"]
    assert {task: json.loads(payload) for task, payload in payloads.items()} == PAYLOADS[name]
