"""A process of another Python that answers lines of JSON with lines of JSON."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any


class LineWorker:
    """One job at a time; who does not answer within ``patience`` seconds is ended."""

    def __init__(
        self,
        python: Path,
        script: Path,
        *arguments: str,
        patience: float,
        env: Mapping[str, str] | None = None,
    ) -> None:
        command = [str(python), str(script), *arguments]
        self._patience = patience
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, job: Any) -> Any:
        """Raises ``TimeoutError`` where there is no answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        timer = threading.Timer(self._patience, self._process.kill)
        timer.start()
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise TimeoutError(f"no answer to {json.dumps(job)}")
        return json.loads(line)
