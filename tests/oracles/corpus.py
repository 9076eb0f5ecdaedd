"""The files the oracles run on: Airflow's installed example DAGs, published machines, our own fixtures."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
MACHINES_VARIABLE = "DAGMIG_MACHINES"
RECORDINGS_VARIABLE = "DAGMIG_RECORDINGS"
PYTHON_BLOCK = re.compile(r"^```py[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def site_packages(airflow_python: Path) -> Path:
    """The folder an environment's packages are in, from its interpreter's path; raises ``StopIteration``."""
    return next((airflow_python.parent.parent / "lib").glob("python3*/site-packages"))


def example_dags(airflow_python: Path) -> list[Path]:
    """Every Python file in the ``example_dags`` folders of installed Airflow and its providers, sorted."""
    return sorted((site_packages(airflow_python) / "airflow").glob("**/example_dags/**/*.py"))


def machines_folder() -> Path | None:
    """The folder of published machines with its ``index.csv``; None where there is none."""
    folder = Path(os.environ.get(MACHINES_VARIABLE) or ROOT.parent / "shared" / "machines")
    return folder if (folder / "index.csv").is_file() else None


def recordings() -> Path | None:
    """The file of executions recorded on AWS, a JSON object a line; None where there is none."""
    folder = Path(os.environ.get(RECORDINGS_VARIABLE) or ROOT.parent / "shared" / "recordings")
    return folder / "cases.jsonl" if (folder / "cases.jsonl").is_file() else None


def machines() -> list[Path]:
    """The published machines, or the fixtures' where there are none; sorted."""
    folder = machines_folder()
    return sorted(folder.glob("*.asl.*")) if folder else fixture_machines()


def fixture_machines() -> list[Path]:
    """The sound machines under ``fixtures/``; a golden file that a conversion wrote is one as well."""
    return sorted(path for path in FIXTURES.glob("**/*.asl.json") if "broken" not in path.parts)


def fixture_dags(folder: Path) -> list[Path]:
    """The DAG files of ``fixtures/``, and the Python blocks of its literate cases as files in ``folder``."""
    files = [path for path in FIXTURES.glob("**/*.py") if "broken" not in path.parts]
    for case in sorted(FIXTURES.glob("**/*.md")):
        name = "__".join(case.relative_to(FIXTURES).with_suffix("").parts)
        for number, block in enumerate(PYTHON_BLOCK.findall(case.read_text(encoding="utf-8")), 1):
            file = folder / f"{name}_{number}.py"
            file.write_text(block, encoding="utf-8")
            files.append(file)
    return sorted(files)
