"""The law of ``fix_law`` on the fixtures and the rules' own examples; the oracles try published files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fix_law import broken

from dagmig.lint.check import rules

FIXTURES = Path(__file__).parents[1] / "fixtures" / "dags"
EXAMPLES = [
    pytest.param(example.bad, id=rule.id)
    for rule in rules()
    for example in rule.examples
    if example.language == "python"
]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/dag.py")), ids=lambda path: path.parent.name)
def test_fixtures(path: Path) -> None:
    assert broken(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples(text: str) -> None:
    assert broken(text) == []


def test_a_broken_law_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'from airflow import DAG\n\ndag = DAG("daily", schedule_interval="@daily", catchup=False)\n'
    assert broken(text) == []
    monkeypatch.setattr("tests.fix_law.fixed", lambda text, *_: text + "(")
    assert broken(text)[0].startswith("no Python any more")
