"""Building the project's wheel, and checking that an installed one does its work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BAD_DAG = """\
from airflow import DAG
from airflow.providers.http.operators.http import HttpOperator

with DAG("nightly", schedule_interval="0 25 * * *", catchup=False):
    HttpOperator(task_id="call", endpoint="/run")
"""
BAD_DAG_RULES = {"schedule-interval", "invalid-cron"}


def build(folder: Path) -> Path:
    """The wheel of the working tree, built in this environment; raises ``CalledProcessError``."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, capture_output=True, check=True)
    return next(folder.glob("dagmig-*.whl"))


def new_environment(folder: Path) -> Path:
    """The interpreter of a new, empty environment."""
    subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=True)
    return folder / "bin" / "python"


def check_installed(python: Path, folder: Path) -> None:
    """Lint a bad DAG with an environment's own ``dagmig``, away from the repository."""
    where = subprocess.run(
        [python, "-I", "-c", "import dagmig; print(dagmig.__file__)"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(python.parent.parent), where.stdout
    (folder / "bad.py").write_text(BAD_DAG, encoding="utf-8")
    lint = subprocess.run(
        [python.with_name("dagmig"), "lint", "--format", "json", "bad.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 1, lint.stderr
    found = {finding["rule"] for finding in json.loads(lint.stdout)["findings"]}
    assert found >= BAD_DAG_RULES
