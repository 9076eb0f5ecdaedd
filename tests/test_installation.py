"""The files of an installation besides its DAGs: which are read, and what the rules find in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dagmig.cli import main
from dagmig.lint import Options, lint_paths
from dagmig.lint.check import kind_of
from dagmig.lint.config import forget
from dagmig.lint.files import Target

OLD = "AIRFLOW__CORE__SQL_ALCHEMY_CONN"
NEW = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
COMPOSE = f"""\
services:
  scheduler:
    image: apache/airflow
    environment:
      {OLD}: sqlite://
      # {OLD}: of old
      AIRFLOW__WEBSERVER__SECRET_KEY_CMD: cat /key
"""
PLUGIN = """\
from airflow.plugins_manager import AirflowPlugin

class Mine(AirflowPlugin):
    name = "mine"
    appbuilder_views = [{}]
    flask_blueprints = []
"""
TASK = """\
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("nightly", schedule=None):
    BashOperator(task_id="load", bash_command="load", pool="small", pool_slots=3)
"""


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    forget()
    return tmp_path


def found(inside: Path, files: dict[str, str], *rules: str) -> list[tuple[str, str, int, int]]:
    for name, text in files.items():
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(text)
    options = Options(select=rules) if rules else Options()
    return [(one.code, one.span.file, one.span.line, one.span.column) for one in lint_paths(["."], options)]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Dockerfile", f"ENV {OLD}=x", "installation"),
        ("Dockerfile", "FROM python", None),
        ("deploy/web.dockerfile", f"ENV {OLD}=x", "installation"),
        (".env", f"{OLD}=x", "installation"),
        (".env.local", "PASSWORD=x", None),
        ("airflow.cfg", "", "installation"),
        ("setup.cfg", f"{OLD}=x", None),
        ("compose.yaml", COMPOSE, "installation"),
        ("compose.yaml", "services: {}", None),
        ("machine.asl.yaml", COMPOSE, "machine"),
        ("airflow_local_settings.py", "from airflow import DAG\ndef dag_policy(dag): ...", "installation"),
        ("plugin.py", PLUGIN, "installation"),
        ("plugin.py", f"from airflow import DAG\n{PLUGIN}", "dag"),
        ("module.py", "import airflow", None),
        ("pools.json", "{}", "installation"),
        ("package.json", "{}", None),
    ],
)
def test_what_a_file_is(path: str, text: str, expected: str | None) -> None:
    kind = kind_of(Target(path, False), text)
    assert kind == expected


@pytest.mark.parametrize("name", ["Dockerfile", ".env", "dev.env", "docker-compose.yml"])
def test_settings_are_found_in_a_folder(inside: Path, name: str) -> None:
    places = found(inside, {name: f"A: 1\n{OLD}=x\n"}, "config-key-moved")
    assert places == [("config-key-moved", name, 2, 1)]


def test_settings_that_git_ignores_are_left_out(inside: Path) -> None:
    assert found(inside, {".gitignore": ".env\n", ".env": f"{OLD}=x\n"}, "config-key-moved") == []


def test_settings_in_yaml(inside: Path) -> None:
    places = found(inside, {"compose.yaml": COMPOSE}, "config-key-moved")
    assert [(line, column) for _, _, line, column in places] == [(5, 7), (7, 7)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[core]\nsql_alchemy_conn = x\n", [2]),
        ("[core]\ndags_folder = /dags\n# sql_alchemy_conn = x\n[database]\nsql_alchemy_conn = x\n", []),
        ("[core]\nsql_alchemy_conn = x\n[database]\nsql_alchemy_conn = x\n", []),
        ("[core]\ncheck_slas: True\n  sql_alchemy_conn = a line that goes on\n", [2]),
        ("sql_alchemy_conn = of no section\n", []),
    ],
)
def test_settings_in_airflow_cfg(inside: Path, text: str, lines: list[int]) -> None:
    assert [line for *_, line, _ in found(inside, {"airflow.cfg": text}, "config-key-moved")] == lines


def test_both_names_are_for_both_versions(inside: Path) -> None:
    assert found(inside, {".env": f"{OLD}=x\n{NEW}=x\n"}, "config-key-moved") == []


def test_nothing_of_it_is_on_by_default(inside: Path) -> None:
    assert found(inside, {".env": f"{OLD}=x\n", "plugin.py": PLUGIN, "compose.yaml": COMPOSE}) == []


def test_a_setting_is_renamed(inside: Path) -> None:
    (inside / "airflow.cfg").write_text("[core]\ndag_concurrency = 4\nsql_alchemy_conn = x\n")
    (inside / ".env").write_text(f"{OLD}=x\n")
    CliRunner().invoke(main, ["lint", "--select", "config-key-moved", "--unsafe-fixes", "."])
    cfg = "[core]\nmax_active_tasks_per_dag = 4\nsql_alchemy_conn = x\n"
    assert (inside / "airflow.cfg").read_text() == cfg
    assert (inside / ".env").read_text() == f"{NEW}=x\n"


def test_silencing_plain_settings(inside: Path) -> None:
    for name, text in {".env": f"{OLD}=x\n", "compose.yaml": COMPOSE}.items():
        (inside / name).write_text(text)
    asked = ["lint", "--select", "config-key-moved,unused-suppression"]
    CliRunner().invoke(main, [*asked, "--add-ignores", "."])
    assert (inside / ".env").read_text() == f"# dagmig: ignore[config-key-moved]\n{OLD}=x\n"
    assert f"{OLD}: sqlite://  # dagmig: ignore[config-key-moved]" in (inside / "compose.yaml").read_text()
    assert CliRunner().invoke(main, [*asked, "."]).exit_code == 0


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def policy(task):\n    pass\n", [1]),
        ("import os\n\n\ndef policy(task):\n    pass\n", [4]),
        ("def task_policy(task):\n    policy(task)\ndef policy(task):\n    pass\n", []),
        ("def dag_policy(dag):\n    pass\n", []),
        ("class Rules:\n    def policy(self, task):\n        pass\n", []),
        ("policy = {}\n", []),
        ("", []),
    ],
)
def test_policy_of_airflow_1(inside: Path, text: str, lines: list[int]) -> None:
    assert [line for *_, line, _ in found(inside, {"airflow_local_settings.py": text})] == lines


def test_policy_of_another_file(inside: Path) -> None:
    assert found(inside, {"rules.py": "from airflow import DAG\ndef policy(task): ...\n"}) == []


def test_views_of_a_plugin(inside: Path) -> None:
    assert found(inside, {"plugin.py": PLUGIN.format("VIEW")}, "fab-plugin") == [
        ("fab-plugin", "plugin.py", 5, 5)
    ]
    assert found(inside, {"plugin.py": PLUGIN.replace("[{}]", "[]")}, "fab-plugin") == []
    assert found(inside, {"plugin.py": PLUGIN.replace("(AirflowPlugin)", "")}, "fab-plugin") == []


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("pools.json", '{"small": {"slots": 2, "description": ""}}', [5]),
        ("pools.json", '{"small": {"slots": 3, "description": ""}}', []),
        ("pools.json", '{"small": {"slots": -1, "description": ""}}', []),
        ("pools.json", '{"other": {"slots": 2, "description": ""}}', []),
        ("pools.json", '[{"small": 1}, {', []),
        ("airflow_settings.yaml", "airflow:\n  pools:\n    - pool_name: small\n      pool_slot: 1\n", [5]),
        ("airflow_settings.yaml", "airflow:\n  pools:\n    - pool_name:\n      pool_slot:\n", []),
        ("airflow_settings.yaml", "airflow: [1]\n", []),
    ],
)
def test_slots_of_a_pool(inside: Path, name: str, text: str, lines: list[int]) -> None:
    files = {name: text, "dag.py": TASK}
    assert [line for *_, line, _ in found(inside, files, "pool-slots-exceed-pool")] == lines
