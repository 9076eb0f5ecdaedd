"""``dagmig assess`` as scripts call it: the order, what is tied together, what is to decide, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from dagmig.cli import main
from literate import SHAPES

ORDERS = SHAPES.parent / "dags" / "orders"
CUSTOM = """\
from airflow.sdk import DAG
from acme.operators import {name}

with DAG("{dag}", schedule=None):
    {name}(task_id="one") >> {name}(task_id="two")
"""
TRIGGER = """\
from airflow.sdk import DAG, Asset
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

with DAG("first", schedule=None):
    TriggerDagRunOperator(task_id="start", trigger_dag_id="second")
with DAG("second", schedule=None):
    EmptyOperator(task_id="done", outlets=[Asset("s3://lake/done")])
with DAG("third", schedule=[Asset("s3://lake/done")]):
    EmptyOperator(task_id="read")
with DAG("alone", schedule=None):
    EmptyOperator(task_id="nothing")
"""
MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["assess", *map(str, arguments)], catch_exceptions=False)


def found(*arguments: object, code: int = 0) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == code, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_both_directions() -> None:
    told = found(ORDERS)
    assert [(Path(one["file"]).name, one["id"], one["rows"]) for one in told["workflows"]] == [
        ("dag.py", "orders", []),
        ("machine.asl.json", "orders", []),
    ]


def test_one_direction() -> None:
    for to, name in (("asl", "dag.py"), ("airflow", "machine.asl.json")):
        (one,) = found(ORDERS, "--to", to)["workflows"]
        assert Path(one["file"]).name == name


def test_what_is_most_often_to_decide_comes_first(tmp_path: Path) -> None:
    for dag, name in (("a", "Load"), ("b", "Load"), ("c", "Send")):
        (tmp_path / f"{dag}.py").write_text(CUSTOM.format(dag=dag, name=name), encoding="utf-8")
    told = found(tmp_path)
    operators = [one for one in told["reasons"] if one["construct"].startswith("acme.")]
    assert [(one["construct"], one["rows"], one["workflows"]) for one in operators] == [
        ("acme.operators.Load", 4, 2),
        ("acme.operators.Send", 2, 1),
    ]
    assert "--fallback container" in operators[0]["said"]
    assert all(one["open_tasks"] == ["one", "two"] for one in told["workflows"])


def test_options_of_convert_count(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(CUSTOM.format(dag="a", name="Load"), encoding="utf-8")
    without, with_it = (found(tmp_path, *options) for options in ((), ("--fallback", "container")))
    assert any("no integration" in one["said"] for one in without["reasons"])
    assert not any("no integration" in one["said"] for one in with_it["reasons"])


def test_what_starts_or_feeds_another_is_moved_together(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(TRIGGER, encoding="utf-8")
    workflows = found(tmp_path)["workflows"]
    ties = {one["id"]: one["together_with"] for one in workflows}
    assert ties == {
        "first": ["second", "third"],
        "second": ["first", "third"],
        "third": ["first", "second"],
        "alone": [],
    }
    assert workflows[0]["id"] == "alone"


def test_a_bad_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("from airflow import DAG\nDAG(", encoding="utf-8")
    (tmp_path / "broken.asl.json").write_text("{", encoding="utf-8")
    (tmp_path / "helper.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "settings.json").write_text("{}", encoding="utf-8")
    (tmp_path / "good.asl.json").write_text(json.dumps(MACHINE), encoding="utf-8")
    told = found(tmp_path, code=3)
    assert [Path(one["file"]).name for one in told["workflows"]] == ["good.asl.json"]
    assert [Path(one).name for one in told["unreadable"]] == ["bad.py", "broken.asl.json"]


def test_what_is_not_known_of_one_file_is_no_row_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from acme import names\nfrom airflow.sdk import DAG\nwith DAG('a', schedule=None):\n"
        "    for name in names():\n        name()\n",
        encoding="utf-8",
    )
    (tmp_path / "b.py").write_text((ORDERS / "dag.py").read_text(encoding="utf-8"), encoding="utf-8")
    rows = {one["id"]: one["rows"] for one in found(tmp_path)["workflows"]}
    assert rows["a"] and not rows["orders"]


def test_a_machine_with_faults_is_said(tmp_path: Path) -> None:
    broken = {"StartAt": "B", "States": MACHINE["States"]}
    (tmp_path / "machine.asl.json").write_text(json.dumps(broken), encoding="utf-8")
    result = run(tmp_path)
    assert result.exit_code == 3
    assert "next-target-missing" in result.stderr


def test_a_named_file_without_a_workflow(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("x = 1\n", encoding="utf-8")
    result = run(tmp_path / "helper.py")
    assert result.exit_code == 3
    assert "holds no DAG" in result.stderr
    assert run(tmp_path).exit_code == 0


def test_a_bar_in_a_cell_is_no_column(tmp_path: Path) -> None:
    text = CUSTOM.format(dag="a", name="Load").replace('"one"', '"one", args="a | b", xs={**unknown}')
    (tmp_path / "dag.py").write_text(text, encoding="utf-8")
    table = [line for line in run(tmp_path).stdout.splitlines() if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in table} <= {5, 6}
