"""Ruff formats no DAG file anew: those of the machines here, of the published ones, and with longer names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests import literate
from tests.oracles import corpus

from dagmig.diagnostics import Report
from dagmig.pipeline import asl_to_airflow

FORMAT = ["format", "--isolated", "--line-length", "110", "--diff"]
RULES = [
    "check",
    "--isolated",
    "--line-length",
    "110",
    "--select",
    "E4,E7,E9,F,W,I,UP,C4,AIR,RET",
    "--target-version",
    "py310",
]


def formatted_anew(texts: Iterable[str], folder: Path, *arguments: str) -> str:
    """What ruff would change in these files."""
    for number, text in enumerate(texts):
        (folder / f"dag_{number}.py").write_text(text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, str(folder)], capture_output=True, text=True, check=False
    )
    return run.stdout if run.returncode else ""


def dags(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The DAG files of machines: texts with the names of their files."""
    for text, name in texts:
        converted = asl_to_airflow(text, name, Report(), "")
        if converted is not None:
            yield converted.text


def longer(document: Any, random: Random, names: dict[str, str]) -> Any:
    """A machine with longer names of states and fields."""
    match document:
        case dict():
            found = {key: longer(value, random, names) for key, value in document.items()}
            if isinstance(states := found.get("States"), dict):
                found["States"] = {_long(name, random, names): state for name, state in states.items()}
            for key in ("StartAt", "Next", "Default"):
                if isinstance(found.get(key), str):
                    found[key] = _long(found[key], random, names)
            return found
        case list():
            return [longer(member, random, names) for member in document]
        case str() if document.startswith("$."):
            return re.sub(r"\.([A-Za-z]\w+)(?!\()", lambda m: m[0] + "_of_it" * random.randrange(4), document)
    return document


def _long(name: str, random: Random, names: dict[str, str]) -> str:
    return names.setdefault(name, f"{name} {'very ' * random.randrange(8)}long")


def test_those_that_come_back_from_a_machine(tmp_path: Path) -> None:
    files = [*literate.FOLDER.glob("*.md"), *literate.SHAPES.glob("*.md")]
    texts = [text for file in files for one in literate.cases(file) if (text := one.blocks.get("py back"))]
    assert formatted_anew(texts, tmp_path, *FORMAT) == ""


@pytest.mark.parametrize("seed", range(3))
def test_those_with_longer_names(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    machines = [json.loads(path.read_text(encoding="utf-8")) for path in corpus.fixture_machines()]
    texts = [(json.dumps(longer(one, random, {})), "machine.asl.json") for one in machines]
    assert formatted_anew(dags(texts), tmp_path, *FORMAT) == ""


def test_those_of_published_machines(tmp_path: Path) -> None:
    texts = [(path.read_text(encoding="utf-8"), path.name) for path in corpus.machines()]
    found = list(dags(texts))
    assert formatted_anew(found, tmp_path, *FORMAT) == ""
    said = formatted_anew(found, tmp_path, *RULES, "--output-format", "concise")
    assert [line for line in said.splitlines() if "AIR001" not in line and line.startswith("/")] == []
