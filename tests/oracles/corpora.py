"""The published DAG files that ``fetch_corpora.py`` laid out, by corpus."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

ORACLES = Path(__file__).resolve().parents[2] / ".oracles"
PYTHONS = {
    "2": ("DAGMIG_AIRFLOW2_PYTHON", "airflow2"),
    "3": ("DAGMIG_AIRFLOW_PYTHON", "airflow"),
    "moto": ("DAGMIG_DEPLOY_PYTHON", "deploy"),
    "localstack": ("DAGMIG_LOCALSTACK_PYTHON", "localstack"),
}


@dataclass(frozen=True)
class Corpus:
    """Files that one Airflow loads; ``root`` is their dags folder."""

    name: str
    airflow: str  # its major version
    root: Path
    files: tuple[Path, ...]


def folder() -> Path:
    return Path(os.environ.get("DAGMIG_CORPORA") or ORACLES.resolve() / "corpora")


def python(wanted: str) -> Path:
    """The interpreter that has that installed: Airflow by its major version, or what ``PYTHONS`` names."""
    variable, name = PYTHONS[wanted]
    return Path(os.environ.get(variable) or ORACLES / name / "bin" / "python")


def corpora() -> list[Corpus]:
    """All of them, in the order of ``corpora.csv``; raises ``FileNotFoundError`` before ``setup.sh`` ran."""
    found: dict[tuple[str, str, str], list[Path]] = {}
    with (folder() / "files.csv").open(encoding="utf-8", newline="") as listed:
        for name, airflow, file in csv.reader(listed):
            tree = file.partition("/")[0]
            found.setdefault((name, airflow, tree), []).append(folder() / file)
    return [
        Corpus(name, airflow, folder() / tree, tuple(dict.fromkeys(files)))
        for (name, airflow, tree), files in found.items()
    ]
