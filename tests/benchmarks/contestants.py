"""What is timed: each contestant is a whole process, as a user starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LIBCST = """\
import pathlib, sys, libcst
for name in sys.stdin.read().splitlines():
    libcst.parse_module(pathlib.Path(name).read_bytes())
"""
DAGBAG = """\
import sys
from airflow.dag_processing.dagbag import DagBag
DagBag(sys.argv[1], safe_mode=False)
"""
CACHES = (".dagmig_cache", ".ruff_cache", "xdg")


@dataclass(frozen=True)
class Contestant:
    """A command over one file or folder, run in ``folder`` where its caches are; cold removes them first."""

    name: str
    command: Callable[[Path], Sequence[str | Path]]
    folder: Path
    is_cold: bool = False

    def seconds(self, path: Path) -> float:
        """The wall-clock time of one run; raises ``RuntimeError`` where the command itself failed."""
        if self.is_cold:
            for cache in CACHES:
                shutil.rmtree(self.folder / cache, ignore_errors=True)
        places = {"XDG_CACHE_HOME": str(self.folder / "xdg"), "AIRFLOW_HOME": str(self.folder)}
        names = "\n".join(str(file) for file in python_files(path))
        start = time.perf_counter()
        run = subprocess.run(
            self.command(path),
            cwd=self.folder,
            env={**os.environ, **places},
            input=names,
            capture_output=True,
            text=True,
            check=False,
        )
        taken = time.perf_counter() - start
        if run.returncode not in (0, 1):  # a linter's 1 is findings; a crash of Python is told by its stderr
            raise RuntimeError(f"{self.name}: exit {run.returncode}\n{run.stderr[-2000:]}")
        if run.stderr.startswith("Traceback") or "\nTraceback" in run.stderr:
            raise RuntimeError(f"{self.name}: {run.stderr[-2000:]}")
        return taken


def python_files(path: Path) -> list[Path]:
    """The file, or the Python files of the folder."""
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def contestants(airflow_python: Path, folder: Path) -> list[Contestant]:
    """All of them, the one the others are measured against first."""
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "AIR", "--preview"]
    return [
        Contestant("dagmig lint, cold", lambda path: [*dagmig("lint"), path], folder, is_cold=True),
        Contestant("dagmig lint, warm", lambda path: [*dagmig("lint"), path], folder),
        Contestant("libcst.parse_module", lambda _: [sys.executable, "-c", LIBCST], folder),
        Contestant("ruff AIR, cold", lambda path: [*ruff, path], folder, is_cold=True),
        Contestant("ruff AIR, warm", lambda path: [*ruff, path], folder),
        Contestant("Airflow's DagBag", lambda path: [airflow_python, "-c", DAGBAG, path], folder),
    ]


def graph(folder: Path) -> Contestant:
    return Contestant("dagmig graph", lambda path: [*dagmig("graph"), path], folder)


def convert(folder: Path) -> Contestant:
    """To a state machine, with the functions it calls, in ``folder``."""
    options = ("--to", "asl", "-o", "out/")
    return Contestant("dagmig convert", lambda path: [*dagmig("convert", *options), path], folder)


def dagmig(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dagmig", *arguments]
