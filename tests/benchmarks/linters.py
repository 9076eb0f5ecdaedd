"""``python -m tests.benchmarks.linters``: dagmig lint beside dagruff, daglint, ruff and asl-validator.

The files are the published DAG files of the oracles' corpora (no two alike) that dagruff checks as well, and
the published machines: dagruff takes a file that imports ``airflow.sdk`` for no DAG file, and passes it over.
Times are of processors, so that a busy machine says little: what two processes take together, for two.
dagruff and daglint are installed into ``.oracles/linters``, pinned.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.oracles import corpus
from tests.oracles.corpora import corpora, folder

PINS = ("dagruff==1.0.0", "daglint==1.1.0")
MACHINES = 250
Command = Sequence[str | Path]


def main(files: int = 600, runs: int = 3) -> None:
    with tempfile.TemporaryDirectory(prefix="dagmig-benchmarks-") as name:
        place = Path(name)
        dags = _copied(_dag_files(files), place / "dags")
        machines = _copied(
            [one for one in corpus.machines() if one.suffix == ".json"][:MACHINES], place / "machines"
        )
        os.environ["PYTHONPYCACHEPREFIX"] = str(place / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        _dags(dags, place, runs)
        _machines(machines, place, runs)


def _dags(dags: list[Path], place: Path, runs: int) -> None:
    folder_, one = place / "dags", max(dags, key=lambda path: path.stat().st_size)
    tools = _linters() / "bin"
    ours = [sys.executable, "-m", "dagmig", "lint", "--isolated", "--format", "concise", "--jobs", "2"]
    air = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "AIR", "--preview"]
    cold, warm = _clear(place), lambda: None
    taken = {
        "dagmig cold, 2 processes": _median([*ours, folder_], place, cold, runs),
        "dagmig warm": _median([*ours, folder_], place, warm, runs),
        "ruff AIR": _median([*air, folder_], place, warm, runs),
        "dagruff": _median([tools / "dagruff", "--no-cache", folder_], place, warm, runs),
        "daglint": _median([tools / "daglint", "check", folder_], place, warm, runs),
    }
    print(f"\n{len(dags)} published DAG files{'processor s':>24}{'elapsed s':>12}")
    for name, (processor, elapsed) in taken.items():
        print(f"{name:40}{processor:12.2f}{elapsed:12.2f}")
    ours_cold, ours_warm = taken["dagmig cold, 2 processes"][0], taken["dagmig warm"][0]
    print(f"cold, per process, to dagruff: {ours_cold / 2 / taken['dagruff'][0]:.2f} times (aim below 1)")
    print(f"cold, per process, to daglint: {ours_cold / 2 / taken['daglint'][0]:.2f} times (aim 0.5)")
    print(f"warm, to ruff: {ours_warm / taken['ruff AIR'][0]:.2f} times (aim 3)")
    bare = _median([sys.executable, "-c", "pass"], place, warm, runs)[0]
    single = _median([*ours[:-2], one], place, _changed(one), runs)[0]
    again = _median([*ours[:-2], one], place, warm, runs)[0]
    changed, unchanged = 1000 * (single - bare), 1000 * (again - bare)
    size = one.stat().st_size
    print(f"one changed file of {size} bytes: {changed:.0f} ms more than an interpreter (aim 250)")
    print(f"the same file, unchanged: {unchanged:.0f} ms more")


def _machines(machines: list[Path], place: Path, runs: int) -> None:
    ours = [
        sys.executable,
        "-m",
        "dagmig",
        "lint",
        "--isolated",
        "--no-cache",
        "--format",
        "concise",
        "--jobs",
        "1",
    ]
    validator = folder().parent / "node" / "node_modules" / ".bin" / "asl-validator"
    theirs: list[str | Path] = [validator]
    for one in machines:
        theirs += ["--json-path", one]
    us = _median([*ours, place / "machines"], place, lambda: None, runs)[0]
    them = _median(theirs, place, lambda: None, 1)[0]
    print(f"\n{len(machines)} published machines, processor s: dagmig {us:.2f}, asl-validator {them:.2f}")
    print(f"asl-validator, all in one process, takes {them / us:.0f} times as long (aim 20)")


def _median(command: Command, place: Path, before: Callable[[], None], runs: int) -> tuple[float, float]:
    """Processor and elapsed seconds; raises ``RuntimeError`` where the command itself failed."""
    found = []
    environment = {**os.environ, "XDG_CACHE_HOME": str(place / "xdg")}
    for _ in range(runs):
        before()
        start, elapsed = resource.getrusage(resource.RUSAGE_CHILDREN), os.times().elapsed
        run = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False)
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
        found.append((processor, os.times().elapsed - elapsed))
        if run.returncode not in (0, 1) or b"Traceback" in run.stderr:
            raise RuntimeError(f"{command[0]}: exit {run.returncode}\n{run.stderr[-2000:].decode()}")
    return statistics.median(one for one, _ in found), statistics.median(one for _, one in found)


def _clear(place: Path) -> Callable[[], None]:
    """Forget all results; what is known of the rules stays, as it does from one run to the next."""

    def clear() -> None:
        for path in (place / "xdg").rglob("*.json"):
            if path.name != "rules.json":
                path.unlink()

    return clear


def _changed(path: Path) -> Callable[[], None]:
    text, count = path.read_text(encoding="utf-8"), 0

    def change() -> None:
        nonlocal count
        count += 1
        path.write_text(f"{text}# {count}\n", encoding="utf-8")

    return change


def _dag_files(count: int) -> list[Path]:
    """Published files that may define a DAG, the newest first, each content once; those that dagruff
    takes for DAG files too.
    """
    found: dict[str, Path] = {}
    for one in reversed(corpora()):
        for file in one.files:
            data = file.read_bytes()
            if b"DAG" in data or b"@dag" in data:
                found.setdefault(hashlib.sha256(data).hexdigest(), file)
    code = (
        "import sys; from pathlib import Path; from dagruff.cli.utils.files import is_dag_file\n"
        "print(*(name for name in sys.stdin.read().splitlines() if is_dag_file(Path(name))), sep='\\n')"
    )
    asked = [_linters() / "bin" / "python", "-c", code]
    run = subprocess.run(
        asked, input="\n".join(map(str, found.values())), capture_output=True, text=True, check=True
    )
    return [Path(name) for name in run.stdout.splitlines()[:count]]


def _copied(files: Sequence[Path], place: Path) -> list[Path]:
    copies = []
    for number, file in enumerate(files):
        copy = place / f"part_{number // 50}" / f"{number:04}_{file.name}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        copies.append(copy)
    return copies


def _linters() -> Path:
    """The environment of the linters nobody here wrote; made where it is not there."""
    place = folder().parent / "linters"
    mark = place / ".installed-from"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != "\n".join(PINS):
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        subprocess.run([place / "bin" / "python", "-m", "pip", "install", "--quiet", *PINS], check=True)
        mark.write_text("\n".join(PINS), encoding="utf-8")
    return place


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.linters", description=__doc__)
    parser.add_argument("--files", type=int, default=600, help="how many DAG files (default 600)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default 3)")
    options = parser.parse_args()
    main(options.files, options.runs)
