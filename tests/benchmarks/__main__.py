"""``python -m tests.benchmarks``: dagmig's speed beside public tools', on the same files in the same run.

Each figure is the median of several whole processes. The files are Airflow's installed example DAGs
(``bash tests/oracles/setup.sh``), copied until there are as many as asked for, no two alike.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks import linters, reader, verify
from tests.benchmarks.contestants import Contestant, contestants, convert, dagmig, graph, python_files
from tests.benchmarks.inputs import SHAPES, replicate

ROOT = Path(__file__).resolve().parents[2]
SIZES = (100, 1000, 2000)


def main() -> None:
    options = _options()
    examples = _examples(options.airflow_python)
    with tempfile.TemporaryDirectory(prefix="dagmig-benchmarks-") as name:
        folder = Path(name)
        half, whole = folder / "half", folder / "whole"
        replicate(examples, options.files // 2, half)
        files = replicate(examples, options.files, whole)
        lines = sum(file.read_text(encoding="utf-8").count("\n") for file in files)
        print(
            f"{len(files)} files, {lines} lines (Airflow's {len(examples)} example files, copied); "
            f"Python {platform.python_version()}, {os.cpu_count()} cores; medians of {options.runs} runs"
        )
        work = folder / "work"
        work.mkdir()
        everyone = contestants(options.airflow_python, work)
        _many(everyone, whole, half, options.runs)
        _one(
            everyone,
            work,
            max(python_files(half / "copy_0"), key=lambda file: file.stat().st_size),
            options.runs,
        )
        _large(work, SIZES[:2] if options.quick else SIZES, options.runs)
    linters.main(100 if options.quick else 600, options.runs)
    reader.main(options.runs)
    verify.main(share=10 if options.quick else 1)


def _many(everyone: list[Contestant], whole: Path, half: Path, runs: int) -> None:
    count = len(python_files(whole))
    taken = {one.name: _median(one, whole, runs) for one in everyone}
    first = taken[everyone[0].name]
    print(f"\n{'many files':24}{'seconds':>10}{'files/s':>10}{'to dagmig cold':>16}{'to half the files':>19}")
    for one in everyone:
        seconds = taken[one.name]
        growth = seconds / _median(one, half, runs)
        print(f"{one.name:24}{seconds:10.2f}{count / seconds:10.0f}{seconds / first:15.2f}x{growth:18.2f}x")


def _one(everyone: list[Contestant], work: Path, file: Path, runs: int) -> None:
    version = Contestant("dagmig --version", lambda _: dagmig("--version"), work)
    bare = Contestant("python -c pass", lambda _: [sys.executable, "-c", "pass"], work)
    print(f"\n{'one file':24}{'ms':>10}   ({file.name}, {file.stat().st_size} bytes)")
    for one in [*everyone, graph(work), convert(work), version, bare]:
        print(f"{one.name:24}{1000 * _median(one, file, runs):10.0f}")


def _large(work: Path, sizes: Iterable[int], runs: int) -> None:
    commands = (graph(work), convert(work))
    heads = "".join(f"{one.name + ', s':>20}{'ms/task':>10}" for one in commands)
    print(f"\n{'one large DAG':16}{'tasks':>8}{heads}")
    for name, shape in SHAPES.items():
        for tasks in sizes:
            file = work / f"{name}_{tasks}.py"
            file.write_text(shape(tasks), encoding="utf-8")
            taken = [_median(one, file, runs) for one in commands]
            cells = "".join(f"{seconds:20.2f}{1000 * seconds / tasks:10.2f}" for seconds in taken)
            print(f"{name:16}{tasks:8}{cells}")


def _median(one: Contestant, path: Path, runs: int) -> float:
    return statistics.median(one.seconds(path) for _ in range(runs))


def _examples(airflow_python: Path) -> list[Path]:
    packages = airflow_python.parent.parent.glob("lib/python3*/site-packages/airflow")
    files = sorted(file for package in packages for file in package.glob("**/example_dags/*.py"))
    if not files:
        sys.exit(f"no Airflow example DAGs beside {airflow_python}: run `bash tests/oracles/setup.sh`")
    return files


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    default = os.environ.get("DAGMIG_AIRFLOW_PYTHON") or ROOT / ".oracles" / "airflow" / "bin" / "python"
    parser.add_argument("--files", type=int, default=500, help="how many files (default 500)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--airflow-python", type=Path, default=Path(default), help="a Python with Airflow")
    parser.add_argument("--quick", action="store_true", help="100 files, one run, no 2,000-task DAG")
    options = parser.parse_args()
    if options.quick:
        options.files, options.runs = 100, 1
    return options


if __name__ == "__main__":
    main()
