"""A user's installation, from the registry: the wheel with its dependencies, and the pre-commit hooks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from installed import BAD_DAG, ROOT, build, check_installed, new_environment


def test_wheel_installs_with_its_dependencies(tmp_path: Path) -> None:
    python = new_environment(tmp_path / "environment")
    wheel = build(tmp_path)
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    check_installed(python, tmp_path)


@pytest.mark.parametrize("hook", ["dagmig-lint", "dagmig-lint-fix"])
def test_pre_commit_hook_stops_a_bad_dag(hook: str, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "--quiet")
    (repository / "good.txt").write_text("not a DAG\n", encoding="utf-8")
    git(repository, "add", ".")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), hook, "--all-files", "--verbose"]

    without = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    assert without.returncode == 0, without.stdout + without.stderr

    (repository / "bad.py").write_text(BAD_DAG, encoding="utf-8")
    git(repository, "add", ".")
    with_bad = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    assert with_bad.returncode == 1, with_bad.stdout + with_bad.stderr
    assert "invalid-cron" in with_bad.stdout


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)
