"""What real Airflow builds of the corpora; an answer is kept until a pin or the script that asks changes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.oracles.corpora import Corpus, folder, python

SCRIPT = Path(__file__).with_name("dagbag_graphs.py")
PROCESSES = 2
BATCH = 120


def answers(corpora: Iterable[Corpus]) -> dict[Corpus, dict[str, Any]]:
    """By corpus: by file its ``errors`` and ``dags``, and ``defaults``."""
    wanted = list(corpora)
    batches = [(c, files) for c in wanted for files in _batches(c)]
    batches.sort(key=lambda batch: -len(batch[1]))
    with ThreadPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(lambda batch: _answer(*batch), batches))
    merged: dict[Corpus, dict[str, Any]] = {corpus: {} for corpus in wanted}
    for (corpus, _), answer in zip(batches, found, strict=True):
        merged[corpus] |= answer
    return merged


def _batches(corpus: Corpus) -> list[tuple[Path, ...]]:
    return [corpus.files[n : n + BATCH] for n in range(0, len(corpus.files), BATCH)]


def _answer(corpus: Corpus, files: tuple[Path, ...]) -> dict[str, Any]:
    kept = folder().parent / "answers" / f"{_key(corpus, files)}.json"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as work:
            out = Path(work) / "answer.json"
            _ask(corpus, files, out)
            out.replace(kept)
    answer: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return answer


def _ask(corpus: Corpus, files: tuple[Path, ...], out: Path) -> None:
    command = [str(part) for part in (python(corpus.airflow), SCRIPT, corpus.root, out)]
    listed = "".join(f"{file}\n" for file in files)
    run = subprocess.run(command, input=listed, capture_output=True, text=True, check=False)
    if run.returncode or not out.exists():
        raise RuntimeError(f"{corpus.name}: {run.stderr[-3000:]}")


def _key(corpus: Corpus, files: tuple[Path, ...]) -> str:
    """What the answer depends on: the script, the environment's pins, the corpora's pins, the files asked."""
    environment = python(corpus.airflow).parent.parent / ".installed-from"
    digest = hashlib.sha256()
    for pinned in (SCRIPT, environment, folder() / ".installed-from"):
        digest.update(pinned.read_bytes() if pinned.exists() else b"")
    digest.update("\n".join(map(str, files)).encode())
    return digest.hexdigest()[:32]
