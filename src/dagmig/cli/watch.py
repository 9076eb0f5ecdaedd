"""Checking again whenever a file changes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from dagmig.diagnostics import Report
from dagmig.lint.config import ConfigError, forget
from dagmig.lint.files import EXCLUDING, targets

INTERVAL = 0.5  # seconds between two looks
State = dict[str, tuple[int, int]]


def watched(
    paths: Iterable[Path],
    once: Callable[[], object],
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Call ``once`` now and after every change, until Ctrl-C; ``pause`` waits some seconds."""
    paths = tuple(paths)
    before: State | None = None
    try:
        while True:
            now = state(paths)
            if now != before:
                before = now
                _again(once)
            pause(INTERVAL)
    except KeyboardInterrupt:
        return


def state(paths: Iterable[Path]) -> State:
    """When each file of the run and its configuration was written, and how large it is."""
    files = {target.path for target in targets(paths, Report())}
    above = {folder for path in files for folder in Path(path).absolute().parents}
    return {
        str(path): (found.st_mtime_ns, found.st_size)
        for path in (*map(Path, files), *(folder / name for folder in above for name in EXCLUDING))
        if (found := _stat(path)) is not None
    }


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _again(once: Callable[[], object]) -> None:
    click.clear()
    forget()
    try:
        once()
    except ConfigError as error:
        click.echo(f"Error: {error}", err=True)
    click.echo("Watching for changes; Ctrl-C ends.", err=True)
