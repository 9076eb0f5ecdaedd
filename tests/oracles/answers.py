"""What real Airflow builds of the corpora; an answer is kept until a pin or the script that asks changes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.oracles.corpora import Corpus, folder, python

SCRIPT = Path(__file__).with_name("dagbag_graphs.py")
PROCESSES = 2
BATCH = 250
Answer = dict[str, Any]


def answers(corpora: Iterable[Corpus]) -> dict[Corpus, Answer]:
    """By corpus: by file under ``files`` its ``errors`` and ``dags``, and ``defaults``."""
    wanted = list(corpora)
    missing = [corpus for corpus in wanted if not _kept(corpus).exists()]
    jobs = [job for airflow in sorted({c.airflow for c in missing}) for job in _jobs(missing, airflow)]
    with ThreadPoolExecutor(PROCESSES) as pool:
        parts = list(pool.map(lambda job: _ask(*job), jobs))
    for corpus in missing:
        _keep(
            corpus,
            [part for (airflow, _), part in zip(jobs, parts, strict=True) if airflow == corpus.airflow],
        )
    return {corpus: json.loads(_kept(corpus).read_text(encoding="utf-8")) for corpus in wanted}


def _jobs(missing: list[Corpus], airflow: str) -> list[tuple[str, list[str]]]:
    lines = [f"{one.root}\t{file}\n" for one in missing if one.airflow == airflow for file in one.files]
    return [(airflow, lines[n : n + BATCH]) for n in range(0, len(lines), BATCH)]


def _ask(airflow: str, lines: list[str]) -> Answer:
    """One process of Airflow; raises ``RuntimeError`` where it fails."""
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "answer.json"
        command = [str(python(airflow)), str(SCRIPT), str(out)]
        run = subprocess.run(
            command, input="".join(lines), env=kept_bytecode(), capture_output=True, text=True, check=False
        )
        if run.returncode or not out.exists():
            raise RuntimeError(f"Airflow {airflow}: {run.stderr[-3000:]}")
        answer: Answer = json.loads(out.read_text(encoding="utf-8"))
        return answer


def kept_bytecode() -> dict[str, str]:
    """The environment, but Python may keep what it compiles: Airflow has thousands of modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _keep(corpus: Corpus, parts: list[Answer]) -> None:
    asked = set(map(str, corpus.files))
    files = {file: found for part in parts for file, found in part["files"].items() if file in asked}
    kept = _kept(corpus)
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps({"files": files, "defaults": parts[0]["defaults"]}), encoding="utf-8")


def _kept(corpus: Corpus) -> Path:
    return folder().parent / "answers" / f"{_key(corpus)}.json"


def _key(corpus: Corpus) -> str:
    """What the answer depends on: the script, the environment's pins, the corpora's pins, the files asked."""
    environment = python(corpus.airflow).parent.parent / ".installed-from"
    digest = hashlib.sha256()
    for pinned in (SCRIPT, environment, folder() / ".installed-from"):
        digest.update(pinned.read_bytes() if pinned.exists() else b"")
    digest.update("\n".join(map(str, corpus.files)).encode())
    return digest.hexdigest()[:32]
