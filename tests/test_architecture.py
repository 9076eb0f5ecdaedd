"""What holds for the project as a whole: import directions, start-up, and a README that tells the truth."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import readme

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("libcst", "ast_grep_py", "yaml", "rich", "jsonschema")
START_UP_SECONDS = 0.1
RUNS = 7


def test_imports_point_towards_the_graph() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_up_imports_nothing_heavy(option: str) -> None:
    code = (
        "import sys; from dagmig.cli import main\n"
        f"try: main([{option!r}])\n"
        "except SystemExit as stop: assert stop.code == 0\n"
        f"print(sorted(sys.modules.keys() & {set(HEAVY)}), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip()
    assert run.stderr.strip() == "[]"


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_up_takes_under_100_ms_more_than_the_interpreter(option: str, tmp_path: Path) -> None:
    """The fastest of several runs of each, in processor time, so that a busy machine says nothing of ours;
    the bytecode is cached as an installer leaves it, whatever the environment of the tests says of it.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    commands = [sys.executable, "-m", "dagmig", option], [sys.executable, "-c", "pass"]
    ours, bare = (min(seconds(command, environment) for _ in range(RUNS)) for command in commands)
    assert ours - bare < START_UP_SECONDS, f"{1000 * ours:.0f} ms, and {1000 * bare:.0f} ms without us"


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """The processor time of one successful run: on an idle machine and a warm disk, what the user waits."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.fixture(scope="module")
def readme_text() -> str:
    return readme.README.read_text(encoding="utf-8")


def test_documents_have_the_generated_tables() -> None:
    texts = [path.read_text(encoding="utf-8") for path in readme.DOCUMENTS]
    tables = {command.split()[0] for text in texts for command in readme.commands(text)}
    assert {"rules", "integrations"} <= tables


@pytest.mark.parametrize("path", readme.DOCUMENTS, ids=lambda path: path.parent.name)
def test_documents_show_what_the_commands_print_today(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == readme.regenerated(text), "run `python tests/readme.py`"


def test_schema_of_the_configuration_names_the_rules() -> None:
    text = readme.SCHEMA.read_text(encoding="utf-8")
    assert text == readme.schema(text), "run `python tests/readme.py`"


def test_a_stale_table_is_noticed() -> None:
    text = (
        "a\n<!-- generated: dagmig rules -->\n\n```text\nold\n```\n\n<!-- end -->\n"
        "b\n<!-- generated on stderr: dagmig lint x -->\n\nolder\n\n<!-- end -->\n"
    )
    new = readme.regenerated(text, lambda command, is_stderr: f"{command} {is_stderr}\n")
    assert new == text.replace("older", "lint x True").replace("old", "rules False")
    assert readme.commands(text) == ["rules", "lint x"]


def test_an_empty_part_takes_nothing_else() -> None:
    part = "<!-- generated: dagmig rules -->\n\n```text\n```\n\n<!-- end -->\n"
    text = f"{part}kept\n```text\nb\n```\n<!-- end -->\n"
    new = readme.regenerated(text, lambda command, _: f"{command}\n")
    assert new == text.replace("```text\n```", "```text\nrules\n```")


SHAPES = [  # a command, the README's block that shows its output's shape by the first key
    ("lint --format json fixtures/dags/databricks_job_trigger/dag.py", "findings"),
    ("graph --format json fixtures/dags/orders/dag.py", "workflows"),
    ("convert fixtures/dags/orders/dag.py --to asl -o {0}/out --ledger {0}/ledger", "version"),
]


@pytest.mark.parametrize(("command", "first"), SHAPES)
def test_readme_shows_the_shape_of_json_output(
    readme_text: str, tmp_path: Path, command: str, first: str
) -> None:
    arguments = command.format(tmp_path).split()
    run = subprocess.run(
        [sys.executable, "-m", "dagmig", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    ledger = tmp_path / "ledger"
    printed = json.loads(ledger.read_text() if ledger.exists() else run.stdout)
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", readme_text, re.DOTALL)]
    (documented,) = [block for block in blocks if next(iter(block)) == first]
    assert shape(documented) >= shape(printed)
    assert {path for path in shape(documented) - shape(printed) if path[0] != "diagnostics"} == set()


def shape(value: object, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The paths of all keys; the members of a list count as one."""
    if isinstance(value, list):
        return set().union(*(shape(item, path) for item in value))
    if not isinstance(value, dict):
        return set()
    return {(*path, key) for key in value} | set().union(*(shape(v, (*path, k)) for k, v in value.items()))


def test_readme_names_the_commands_ci_runs(readme_text: str) -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert 'python -m pip install -e ".[dev]"' in readme_text
    assert "python -m pytest -n auto" in readme_text
    assert 'python -m pip install --quiet -e ".[dev]"' in ci
    assert ci.rstrip().endswith("python -m pytest -n 2")


def test_what_has_no_rule_is_said() -> None:
    text = (readme.ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    _, _, said = text.partition("\n## What has no rule\n")
    assert said.count("\n* ") > 4
