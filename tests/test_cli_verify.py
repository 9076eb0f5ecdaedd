"""``dagmig verify`` as scripts call it: what it says, and the exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main
from literate import SHAPES

ORDERS = SHAPES.parent / "dags" / "orders" / "dag.py"
EDITED = SHAPES.parent / "verify" / "orders_edited.asl.json"
TWO = "from airflow.sdk import DAG\nfor name in 'ab':\n    with DAG(name):\n        pass\n"
SENSOR = """\
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG

with DAG("waits", schedule=None):
    S3KeySensor(task_id="wait", bucket_key="s3://lake/a", timeout=60)
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)], catch_exceptions=False)


def test_the_same() -> None:
    result = run(ORDERS)
    assert (result.exit_code, result.stdout) == (0, "orders: SUCCESS-PATH: the same in all 81 ways to go\n")


def test_a_sample_names_its_seed() -> None:
    result = run(ORDERS, "--runs", 20, "--seed", 7, "--on-failure", "drain")
    assert (result.exit_code, result.stdout) == (
        0,
        "orders: STRICT: the same in 20 of 81 ways to go (seed 7)\n",
    )


def test_an_edited_machine() -> None:
    result = run(ORDERS, "--against", EDITED)
    assert result.exit_code == 1
    assert "so       the run is failed in Airflow, the execution ends as success" in result.stdout


def test_json() -> None:
    (found,) = json.loads(run(ORDERS, "--against", EDITED, "--format", "json").stdout)["dags"]
    assert (found["id"], found["verdict"], found["guarantee"]) == ("orders", "different", "SUCCESS-PATH")
    assert found["difference"]["where"] == "tell fails"
    assert found["difference"]["machine"]["state"] == "success"


def test_work_of_several_states(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(SENSOR, encoding="utf-8")
    result = run(tmp_path / "dag.py")
    assert result.exit_code == 0
    assert "the work of wait is not one call, and stands as one here" in result.stdout
    (tmp_path / "m.json").write_text(
        '{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}', encoding="utf-8"
    )
    result = run(tmp_path / "dag.py", "--against", tmp_path / "m.json")
    assert result.exit_code == 1
    assert "waits: not verified: the work of wait is not one call" in result.stdout


BROKEN = [
    (["--against", "nowhere.json"], "", 3, "cannot be read"),
    (["--against", "list.json"], '{"States": []}', 3, "not a state machine"),
    (["--against", "list.json"], "{", 3, "list.json:1:2"),
    (
        ["--against", "list.json"],
        '{"StartAt": "b", "States": {"a": {"Type": "Succeed"}}}',
        1,
        "not verified: the machine is not valid",
    ),
    (["--dag-id", "other"], "", 3, "defines no DAG `other`"),
    (["--runs", "0"], "", 2, "Invalid value for '--runs'"),
]


@pytest.mark.parametrize(("options", "text", "code", "said"), BROKEN)
def test_what_is_wrong(options: list[str], text: str, code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(text, encoding="utf-8")
    given = [str(tmp_path / one) if one.endswith(".json") else one for one in options]
    result = run(ORDERS, *given)
    assert result.exit_code == code
    assert said in result.output


def test_one_machine_for_one_dag(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(TWO, encoding="utf-8")
    result = run(tmp_path / "dag.py", "--against", EDITED)
    assert result.exit_code == 2
    assert "choose one with --dag-id" in result.output


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonata", None)
    result = run(ORDERS)
    assert result.exit_code == 2
    assert "pip install 'dagmig[verify]'" in result.output
