"""What a bundle has around a machine has no finding; of machines ``test_conversions_lint`` says the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from dagmig.cli import main

FIXTURES = Path(__file__).parents[1] / "fixtures"
BLOCK = re.compile(r"^```py[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GLUE = """\
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.sdk import DAG

with DAG("etl", schedule=None):
    GlueJobOperator(task_id="run", job_name="load")
"""


def blocks() -> list[str]:
    """The first DAG of each page, and the whole DAGs."""
    pages = sorted(FIXTURES.glob("integrations/*.md"))
    first = (BLOCK.search(page.read_text("utf-8")) for page in pages)
    return [one[1] for one in first if one] + [
        one.read_text("utf-8") for one in sorted(FIXTURES.glob("dags/*/dag.py"))
    ]


@pytest.mark.parametrize("kind", ["sam", "cloudformation"])
def test_a_bundle_has_no_finding_of_its_own(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The linter pairs a template with its machine, and looks at the role beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    for number, text in enumerate(blocks()):
        Path("dag.py").write_text(text, encoding="utf-8")
        arguments = ["convert", "dag.py", "--to", "asl", "--bundle", f"bundles/{number}", "--template", kind]
        assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code in (0, 1)
    result = CliRunner().invoke(main, ["lint", "--isolated", "--format", "json", "bundles"])
    found = json.loads(result.stdout)["findings"]
    machines = [one for one in found if "/statemachine/" in one["file"]]
    assert machines
    assert [one for one in machines if one["rule"].startswith("iam-")] == []
    around = [one for one in found if one not in machines and not one["file"].endswith(".py")]
    assert around == []


def test_the_linter_sees_the_role_of_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    Path("dag.py").write_text(GLUE, encoding="utf-8")
    CliRunner().invoke(main, ["convert", "dag.py", "--to", "asl", "--bundle", "b"], catch_exceptions=False)
    place = Path("b/template.yaml")
    place.write_text(place.read_text("utf-8").replace("glue:StartJobRun", "glue:GetJob"), encoding="utf-8")
    result = CliRunner().invoke(main, ["lint", "--isolated", "b"])
    assert "iam-missing-permission" in result.stdout
