"""Fetch the published DAG files the reader is measured on: ``python fetch_corpora.py FOLDER``.

``corpora.csv`` pins each archive by the hash of its content: a wheel or a source distribution of Airflow or
of a provider. What it ``take``s lands in ``into``: of the files below that folder only text of the kinds DAGs
read. The archives are strangers': no entry leaves the folder. ``files.csv`` lists the Python files by corpus.
Run by ``setup.sh`` with the Python of ``.oracles/fetch``.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
PINS = HERE / "corpora.csv"
STANDIN = HERE / "standin"
KINDS = {".py", ".json", ".yaml", ".yml", ".sql"}
LARGEST = 2_000_000
Row = dict[str, str]


def main(target: Path) -> None:
    rows = list(csv.DictReader(PINS.read_text(encoding="utf-8").splitlines()))
    archives = target / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    found = _archives(archives)
    for _, batch in groupby(rows, key=lambda row: (row["into"].split("/")[0], _is_sdist(row))):
        _download([row for row in batch if row["sha256"] not in found], archives)
    found = _archives(archives)
    for tree in {row["into"].split("/")[0] for row in rows}:
        shutil.rmtree(target / tree, ignore_errors=True)
        shutil.copytree(STANDIN, target / tree)
    listed = [
        (row["corpus"], row["airflow"], file)
        for row in rows
        for file in sorted(_unpack(found[row["sha256"]], row, target))
        if file.endswith(".py")
    ]
    with (target / "files.csv").open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator="\n").writerows(dict.fromkeys(listed))


def _archives(folder: Path) -> dict[str, Path]:
    """The archives there, by the hash of their content."""
    return {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in sorted(folder.iterdir())}


def _is_sdist(row: Row) -> bool:
    return not row["take"].startswith("airflow/")


def _download(rows: list[Row], archives: Path) -> None:
    """Through pip, which checks the hashes; a batch holds a package once."""
    if not rows:
        return
    wanted = dict.fromkeys(f"{row['package']} --hash=sha256:{row['sha256']}\n" for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("".join(wanted), encoding="utf-8")
        kind = (
            ["--no-binary=:all:", "--no-build-isolation"] if _is_sdist(rows[0]) else ["--only-binary=:all:"]
        )
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--ignore-requires-python"]
        source = ["--require-hashes", "-r", str(requirements), "-d", str(archives)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, *kind, *source], check=True)


def _unpack(archive: Path, row: Row, target: Path) -> Iterator[str]:
    """Write what the row takes, and yield the paths below ``target``."""
    for name, content in _members(archive, row["take"]):
        inside = PurePosixPath(name)
        if inside.suffix not in KINDS or ".." in inside.parts or inside.is_absolute():
            continue
        if "providers/" in row["take"] and "example_dags" not in inside.parts:
            continue
        path = PurePosixPath(row["into"]) / inside
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        yield str(path)


def _members(archive: Path, take: str) -> Iterator[tuple[str, bytes]]:
    """The regular files below ``take``, by their path in it."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for info in wheel.infolist():
                if info.filename.startswith(take) and not info.is_dir() and info.file_size < LARGEST:
                    yield info.filename.removeprefix(take), wheel.read(info)
        return
    with tarfile.open(archive) as sdist:
        for member in sdist:
            name = member.name.partition("/")[2]
            if name.startswith(take) and member.isreg() and member.size < LARGEST:
                opened = sdist.extractfile(member)
                assert opened is not None
                yield name.removeprefix(take), opened.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
