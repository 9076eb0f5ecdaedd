"""Real Airflow as a process that answers for one file after another."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("dag_worker.py")


class Worker:
    """Asks ``dag_worker.py``; starts it anew after a file that ended it."""

    def __init__(self, python: Path, home: Path) -> None:
        self.python, self.home = python, home
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        settings = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "10",
            "PYTHONHASHSEED": "0",
        }
        with (self.home / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [str(self.python), str(SCRIPT)],
                env={**os.environ, **settings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )

    def load(self, file: Path, root: Path) -> dict[str, Any]:
        """The ``errors`` and ``dags`` of one file; an error too where the process ended over it."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"file": str(file), "root": str(root)}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line:
            return dict(json.loads(line))
        status = self.close()
        log = (self.home / "worker.log").read_text(encoding="utf-8")
        self.process = self._start()
        return {"errors": [f"Airflow ended with {status}: {log[-500:]}"], "dags": {}}

    def close(self) -> int:
        """End the process; its exit code."""
        with self.process as process:
            process.communicate()
        return self.process.returncode


@contextmanager
def worker(python: Path) -> Iterator[Worker]:
    """A worker with a home of its own, ended at the end."""
    with tempfile.TemporaryDirectory(prefix="dagmig-airflow-") as home:
        found = Worker(python, Path(home))
        try:
            yield found
        finally:
            found.close()
